/**
 * Keys of several parts as codes: where a table has many groups and each part has far fewer texts, a dictionary for each part gives its
 * texts numbers, and the numbers together, 32 bits, are the key.
 *
 * Texts are compared with those of a dictionary, which stays in the caches, not with keys in groups all over the memory; groups are half as
 * large; they are sorted by numbers. A table begins with texts. When it has many groups its keys become codes if that pays, once; when a
 * dictionary is nearly full, all groups are written out, and texts it is from then on.
 *
 * The hash of a coded key is made of the codes in a way that can be undone: equal hashes are equal keys, and no group has to be looked at.
 */
import {setFull} from './aggregates'
import {
  allocateInLine,
  doubleTable,
  emptyHash,
  emptyTable,
  finishHash,
  groupOf,
  groupWithHash,
  hashPart,
  insert,
  isSame,
  maskedBytes,
  masks,
  newRegion,
  setTable,
} from './groups'
import {
  areasAt,
  Dictionary,
  dictionaryBytes,
  Group,
  groupBytes,
  Keyset,
  keysetBytes,
  Pair,
  Part,
  partBytes,
  Plan,
  Slot,
  slotBytes,
} from './layout'

const partsMin: u32 = 2
const partsMax: u32 = 4
const codeBits: u32 = 32
/** Bits of a part's code, at least: a dictionary needs room for what a batch and the one behind it may add. */
const bitsMin: u32 = 8
const reservedCodes: u32 = 128
const never: u32 = u32.MAX_VALUE

/** Odd, so that a product of 32 bits has one factor only; and what undoes it. */
const factor: u32 = 0x9e3779b1
const inverse: u32 = 0x0e8b2f51

/** For texts that are no line's. */
const slot = changetype<Slot>(memory.data(<i32>slotBytes, 8))

/** @param codesFrom - past so many groups keys may become codes; 0: whether that pays or not */
export function openCodes(plan: Plan, codesFrom: u32): void {
  // Tables that count values add one more part to the hash of their keyset's key.
  const isPlain = plan.tableCount == plan.keysetCount
  for (let index: u32 = 0; index < plan.tableCount; index++) {
    const keyset = changetype<Keyset>(<usize>plan.keysets + <usize>index * keysetBytes)
    const isFor = isPlain && keyset.partCount >= partsMin && keyset.partCount <= partsMax
    keyset.codesFrom = isFor ? codesFrom : never
  }
}

@inline
export function hashOf(codes: u32): u32 {
  const product = codes * factor
  return product ^ (product >> 16)
}

/** The codes that have this hash. */
@inline
export function codesOf(hash: u32): u32 {
  return (hash ^ (hash >> 16)) * inverse
}

@inline
export function dictionaryOf(keyset: Keyset, part: u32): Dictionary {
  return changetype<Dictionary>(<usize>keyset.codes + <usize>part * dictionaryBytes)
}

/** Finds the codes of a batch's pairs, part by part: they are in `likely` then. Texts that are new get codes. */
export function findCodes(keyset: Keyset, count: u32, stride: usize): void {
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    const dictionary = dictionaryOf(keyset, part)
    const offset = <usize>changetype<Part>(<usize>keyset.parts + <usize>part * partBytes).slot
    const before = part == 0 ? 0 : <u32>-1
    const shift = dictionary.shift
    let area = areasAt
    for (let line = count; line != 0; line--) {
      const pair = changetype<Pair>(area + <usize>keyset.pair)
      if (pair.isPresent != 0) {
        const text = changetype<Slot>(area + offset)
        const codes = (text.length <= recentBytesMax ? recentCodeOf(dictionary, text, area) : codeOf(dictionary, text, area)) << shift
        pair.likely = (pair.likely & before) | codes
      }
      area += stride
    }
  }
}

/** Sets the hashes of pairs whose codes are found. */
export function hashCodes(keyset: Keyset, count: u32, stride: usize): void {
  let pair = areasAt + <usize>keyset.pair
  for (let line = count; line != 0; line--) {
    changetype<Pair>(pair).hash = hashOf(changetype<Pair>(pair).likely)
    pair += stride
  }
}

/**
 * A dictionary's recent texts of up to 24 bytes: three words, and the code behind them, each at the one place that its words give. A text
 * that is not there takes the place of another.
 */
const recentBytesMax: u32 = 24
const recentBytes: usize = 32
const recentBits: usize = 13

function makeRecent(dictionary: Dictionary): void {
  const recent = newRegion(recentBytes << recentBits)
  memory.fill(recent, 0, recentBytes << recentBits)
  // The place of the empty text holds what no text is.
  store<u64>(recent, 1)
  dictionary.recent = <u32>recent
}

@inline
function recentCodeOf(dictionary: Dictionary, text: Slot, area: usize): u32 {
  const start = <usize>text.start
  const mask = masks + <usize>(maskedBytes - text.length)
  const first = load<u64>(start) & load<u64>(mask)
  const second = load<u64>(start, 8) & load<u64>(mask, 8)
  const third = load<u64>(start, 16) & load<u64>(mask, 16)
  const mixed = first * 0xd6e8feb86659fd93 + second * 0xe7037ed1a0b428db + third * 0x8ebc6af09c88c6e3
  const place = <usize>dictionary.recent + (<usize>(mixed >> (64 - recentBits)) * recentBytes)
  if (((load<u64>(place) ^ first) | (load<u64>(place, 8) ^ second) | (load<u64>(place, 16) ^ third)) != 0) {
    store<u32>(place, codeOf(dictionary, text, area), 24)
    store<u64>(place, first)
    store<u64>(place, second, 8)
    store<u64>(place, third, 16)
  }
  return load<u32>(place, 24)
}

function codeOf(dictionary: Dictionary, text: Slot, area: usize): u32 {
  const start = <usize>text.start
  const length = text.length
  const hash = finishHash(hashPart(emptyHash(), start, length))
  let entry = groupWithHash(dictionary, hash)
  if (entry == 0 || changetype<Group>(entry).keyLength != length + 1 || !isSame(entry + groupBytes, start, length)) {
    entry = groupOf(dictionary, area, hash)
  }
  return changetype<Group>(entry).number
}

/** The group of codes; a new one when there is none. */
export function codedGroupOf(keyset: Keyset, hash: u32): usize {
  const known = groupWithHash(keyset, hash)
  if (known != 0) return known
  if (keyset.groups >= keyset.groupsMax) doubleTable(keyset)
  keyset.groups++
  return newCodedGroup(keyset, hash)
}

function newCodedGroup(keyset: Keyset, hash: u32): usize {
  const stateBytes = <usize>keyset.stateBytes
  const states = allocateInLine(stateBytes)
  for (let at: usize = 0; at < stateBytes; at += 8) store<u64>(states + at, 0)
  insert(keyset, hash, states - groupBytes)
  return states - groupBytes
}

/** After a batch: codes instead of texts once there are many groups, and texts again before a dictionary is full. */
@inline
export function noteCodes(keyset: Keyset): void {
  if (keyset.codes != 0) {
    if (isNearlyFull(keyset)) {
      keyset.codesFrom = never
      setFull()
    }
  } else if (keyset.groups > keyset.codesFrom) {
    if (!makeCodes(keyset)) keyset.codesFrom = never
  }
}

@inline
function isNearlyFull(keyset: Keyset): bool {
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    const dictionary = dictionaryOf(keyset, part)
    if (dictionary.groups + reservedCodes > <u32>1 << dictionary.bits) return true
  }
  return false
}

/** Makes dictionaries of the texts in the table's keys, and codes of the keys. Returns false, and changes nothing, when that does not pay. */
function makeCodes(keyset: Keyset): bool {
  const dictionaries = newRegion(<usize>keyset.partCount * dictionaryBytes)
  memory.fill(dictionaries, 0, <usize>keyset.partCount * dictionaryBytes)
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    const dictionary = changetype<Dictionary>(dictionaries + <usize>part * dictionaryBytes)
    dictionary.partCount = 1
    dictionary.parts = keyset.parts + part * <u32>partBytes
    emptyTable(dictionary)
  }
  const index = <usize>keyset.index
  const slots = keyset.mask + 1
  keyset.codes = <u32>dictionaries
  for (let place: u32 = 0; place < slots; place++) {
    const group = <usize>load<u32>(index + (<usize>place << 3), 4)
    if (group != 0) codesOfKey(keyset, group)
  }
  if (!setBits(keyset)) {
    keyset.codes = 0
    return false
  }
  for (let part: u32 = 0; part < keyset.partCount; part++) makeRecent(dictionaryOf(keyset, part))
  setTable(keyset, slots)
  for (let place: u32 = 0; place < slots; place++) {
    const group = <usize>load<u32>(index + (<usize>place << 3), 4)
    if (group == 0) continue
    const coded = newCodedGroup(keyset, hashOf(codesOfKey(keyset, group)))
    memory.copy(coded + groupBytes, group + groupBytes, keyset.stateBytes)
  }
  return true
}

/** The codes of a group whose key is texts. */
function codesOfKey(keyset: Keyset, group: usize): u32 {
  let text = group + groupBytes + <usize>keyset.stateBytes
  let codes: u32 = 0
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    const dictionary = dictionaryOf(keyset, part)
    let end = text
    while (load<u8>(end) != 0) end++
    slot.start = <u32>text
    slot.length = <u32>(end - text)
    // An area in which the part's slot is that one.
    codes |= codeOf(dictionary, slot, changetype<usize>(slot) - <usize>changetype<Part>(dictionary.parts).slot) << dictionary.shift
    text = end + 1
  }
  return codes
}

/** Shares the bits out. Returns false when a part has too many texts: at least each second group has another one, or the bits are too few. */
function setBits(keyset: Keyset): bool {
  let left = codeBits
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    const dictionary = dictionaryOf(keyset, part)
    if (keyset.codesFrom != 0 && dictionary.groups > keyset.groups >> 1) return false
    dictionary.bits = max(bitsMin, codeBits + 1 - clz<u32>(dictionary.groups))
    if (dictionary.bits > left) return false
    left -= dictionary.bits
  }
  let shift: u32 = 0
  for (let part = keyset.partCount; part != 0; part--) {
    const dictionary = dictionaryOf(keyset, part - 1)
    const more = left / part
    dictionary.bits += more
    left -= more
    dictionary.shift = shift
    shift += dictionary.bits
  }
  return true
}
