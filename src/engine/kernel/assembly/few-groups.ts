/**
 * Tables of few groups whose key is one field: each short text has one place, which knows its group. No hash is made and no table looked
 * at. Past some groups, texts would push each other out of their places, and the table is used as all others.
 */
import {emptyHash, finishHash, groupOf, hashPart, maskedBytes, masks} from './groups'
import {areasAt, fewAt, fewBytes, fewTablesMax, Keyset, keysetBytes, Pair, Part, Plan, Slot} from './layout'
import {lineOfGroupBytes} from './aggregates'

const groupsMax: u32 = 64
/** A place: the words of a text, and its group. */
const placeBytes: usize = 32
const placeBits: u64 = 9
const textBytesMax: u32 = 24

/** Gives the first tables that may have few groups their places. All tables are empty. */
export function openFewGroups(plan: Plan): void {
  // Tables that count values add one more part to the hash of their keyset's key.
  const isPlain = plan.tableCount == plan.keysetCount
  let at = fewAt
  for (let index: u32 = 0; index < plan.tableCount; index++) {
    const keyset = changetype<Keyset>(<usize>plan.keysets + <usize>index * keysetBytes)
    keyset.few = 0
    if (!isPlain || keyset.partCount != 1 || keyset.isVariable != 0 || at == fewAt + fewTablesMax * fewBytes) continue
    keyset.few = <u32>at
    memory.fill(at, 0, fewBytes)
    // The place of the empty text holds what no text is.
    store<u64>(at, 1)
    at += fewBytes
  }
}

/** After a batch: whether there still are few groups. */
@inline
export function noteFewGroups(keyset: Keyset): void {
  if (keyset.groups > groupsMax) keyset.few = 0
}

/** Lists the lines of a batch that have a pair with their groups, from `list` on. Returns where the list ends. */
export function fewGroupsOfLines(keyset: Keyset, count: u32, stride: usize, list: usize): usize {
  const places = <usize>keyset.few
  const offset = <usize>changetype<Part>(keyset.parts).slot
  let area = areasAt
  let to = list
  for (let line = count; line != 0; line--) {
    if (changetype<Pair>(area + <usize>keyset.pair).isPresent != 0) {
      const text = changetype<Slot>(area + offset)
      store<u32>(to, <u32>area)
      store<u32>(to, text.length <= textBytesMax ? groupAtPlace(keyset, places, text, area) : groupOfText(keyset, text, area), 4)
      to += lineOfGroupBytes
    }
    area += stride
  }
  return to
}

@inline
function groupAtPlace(keyset: Keyset, places: usize, text: Slot, area: usize): u32 {
  const start = <usize>text.start
  const mask = masks + <usize>(maskedBytes - text.length)
  const first = load<u64>(start) & load<u64>(mask)
  const second = load<u64>(start, 8) & load<u64>(mask, 8)
  const third = load<u64>(start, 16) & load<u64>(mask, 16)
  const mixed = first * 0xd6e8feb86659fd93 + second * 0xe7037ed1a0b428db + third * 0x8ebc6af09c88c6e3
  const place = places + <usize>(mixed >> (64 - placeBits)) * placeBytes
  if (((load<u64>(place) ^ first) | (load<u64>(place, 8) ^ second) | (load<u64>(place, 16) ^ third)) != 0) {
    store<u32>(place, groupOfText(keyset, text, area), 24)
    store<u64>(place, first)
    store<u64>(place, second, 8)
    store<u64>(place, third, 16)
  }
  return load<u32>(place, 24)
}

function groupOfText(keyset: Keyset, text: Slot, area: usize): u32 {
  return <u32>groupOf(keyset, area, finishHash(hashPart(emptyHash(), text.start, text.length)))
}
