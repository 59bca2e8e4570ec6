/** The pairs of a batch of lines, added to groups. */
import {addColumns, addValues, lineOfGroupBytes} from './aggregates'
import {addToCells, noteCells} from './cells'
import {codedGroupOf, findCodes, hashCodes, noteCodes} from './codes'
import {clearDecoded} from './escapes'
import {fewGroupsOfLines, noteFewGroups} from './few-groups'
import {groupOf, groupWithHash, isKey} from './groups'
import {areasAt, groupBytes, Keyset, keysetBytes, Pair, Plan, planAt} from './layout'

/** Lines of a batch, at most: limits.ts. */
const batchLinesMax: usize = 64

const plan = changetype<Plan>(planAt)
/** Keeps loads that only warm the cache from being left out. */
let warmth: u32 = 0

/** Adds the pairs of a batch, keyset by keyset. */
export function addBatch(count: u32): void {
  let address = <usize>plan.keysets
  for (let left = plan.tableCount; left != 0; left--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    if (keyset.few != 0) {
      addColumns(keyset, linesOfGroups, fewGroupsOfLines(keyset, count, <usize>plan.areaBytes, linesOfGroups))
      noteFewGroups(keyset)
      continue
    }
    const isCoded = keyset.codes != 0
    if (isCoded) {
      findCodes(keyset, count, <usize>plan.areaBytes)
      if (keyset.cells != 0 && addToCells(keyset, count, <usize>plan.areaBytes)) {
        noteCodes(keyset)
        continue
      }
      hashCodes(keyset, count, <usize>plan.areaBytes)
    }
    // States with texts or sets take memory beside the groups': their lines are added one by one.
    if (keyset.isVariable != 0) addLines(keyset, count)
    else addColumns(keyset, linesOfGroups, isCoded ? codedGroupsOfLines(keyset, count) : groupsOfLines(keyset, count))
    noteCodes(keyset)
    if (isCoded) noteCells(keyset)
  }
  clearDecoded()
}

/** Lines of a batch that have a pair, and their groups. */
const linesOfGroups: usize = memory.data(<i32>(batchLinesMax * lineOfGroupBytes), 8)

/** Lists the lines of a batch that have a pair with their groups. Returns where the list ends. */
function groupsOfLines(keyset: Keyset, count: u32): usize {
  const isWarmed = warmGroups(keyset, count)
  const stride = <usize>plan.areaBytes
  let area = areasAt
  let to = linesOfGroups
  for (let line = count; line != 0; line--) {
    const pair = changetype<Pair>(area + <usize>keyset.pair)
    if (pair.isPresent != 0) {
      store<u32>(to, <u32>area)
      store<u32>(to, <u32>groupOfLine(keyset, pair, area, isWarmed), 4)
      to += lineOfGroupBytes
    }
    area += stride
  }
  return to
}

/** The same where keys are codes: most groups are known, and a known hash is a known key. */
function codedGroupsOfLines(keyset: Keyset, count: u32): usize {
  const stride = <usize>plan.areaBytes
  const index = <usize>keyset.index
  const mask = keyset.mask
  let sum: u32 = 0
  let area = areasAt
  for (let line = count; line != 0; line--) {
    sum += load<u32>(index + (<usize>(changetype<Pair>(area + <usize>keyset.pair).hash & mask) << 3))
    area += stride
  }
  area = areasAt
  let to = linesOfGroups
  let isNew = false
  for (let line = count; line != 0; line--) {
    const pair = changetype<Pair>(area + <usize>keyset.pair)
    const group = <u32>groupWithHash(keyset, pair.hash)
    isNew = <bool>(<i32>isNew | <i32>(group == 0))
    store<u32>(to, <u32>area)
    store<u32>(to, group, 4)
    to += <usize>pair.isPresent * lineOfGroupBytes
    area += stride
  }
  // The first state of each, in a loop so short that the misses of many groups pass at once.
  for (let at = linesOfGroups; at < to; at += lineOfGroupBytes) sum += load<u8>(<usize>load<u32>(at, 4) + groupBytes)
  warmth = sum
  for (let at = isNew ? linesOfGroups : to; at < to; at += lineOfGroupBytes) {
    if (load<u32>(at, 4) != 0) continue
    const pair = changetype<Pair>(<usize>load<u32>(at) + <usize>keyset.pair)
    store<u32>(at, <u32>codedGroupOf(keyset, pair.hash), 4)
  }
  return to
}

function addLines(keyset: Keyset, count: u32): void {
  const isWarmed = warmGroups(keyset, count)
  let area = areasAt
  for (let line = count; line != 0; line--) {
    const pair = changetype<Pair>(area + <usize>keyset.pair)
    if (pair.isPresent != 0) addValues(keyset, area, groupOfLine(keyset, pair, area, isWarmed))
    area += <usize>plan.areaBytes
  }
}

@inline
function groupOfLine(keyset: Keyset, pair: Pair, area: usize, isWarmed: bool): usize {
  const likely = isWarmed ? <usize>pair.likely : groupWithHash(keyset, pair.hash)
  if (keyset.codes != 0) return likely != 0 ? likely : codedGroupOf(keyset, pair.hash)
  return likely != 0 && isKey(keyset, likely, area) ? likely : groupOf(keyset, area, pair.hash)
}

/** Tables with more slots than this do not stay in the first caches. */
const warmSlots: u32 = 8 * 1024

/** Looks for the groups of a batch in a large table. Returns whether it is one. */
@inline
function warmGroups(keyset: Keyset, count: u32): bool {
  const isWarmed = keyset.mask >= warmSlots
  if (isWarmed) findGroups(keyset, count)
  return isWarmed
}

/**
 * Looks for the groups of a batch by their hashes, and touches them. The loads of one line do not wait for those of another, so
 * that the cache misses of many lines pass at once.
 */
function findGroups(keyset: Keyset, count: u32): void {
  const pairs = areasAt + <usize>keyset.pair
  const stride = <usize>plan.areaBytes
  const index = <usize>keyset.index
  const mask = keyset.mask
  let sum: u32 = 0
  let pair = pairs
  for (let line = count; line != 0; line--) {
    sum += load<u32>(index + (<usize>(changetype<Pair>(pair).hash & mask) << 3))
    pair += stride
  }
  pair = pairs
  // A long group lies in two lines: its head in one, most of its key in the other.
  const keyAt = groupBytes + (keyset.codes != 0 ? 0 : <usize>keyset.stateBytes + 16)
  for (let line = count; line != 0; line--) {
    const group = groupWithHash(keyset, changetype<Pair>(pair).hash)
    changetype<Pair>(pair).likely = <u32>group
    sum += load<u8>(group + groupBytes) + load<u8>(group + keyAt)
    pair += stride
  }
  warmth = sum
}
