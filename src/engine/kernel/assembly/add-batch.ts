/** The pairs of a batch of lines, added to groups. */
import {addValues} from './aggregates'
import {codedGroupOf, hashCodes, noteCodes} from './codes'
import {clearDecoded} from './escapes'
import {groupOf, groupWithHash, isKey} from './groups'
import {areasAt, groupBytes, Keyset, keysetBytes, Pair, Plan, planAt} from './layout'

const plan = changetype<Plan>(planAt)
/** Keeps loads that only warm the cache from being left out. */
let warmth: u32 = 0

/** Adds the pairs of a batch, keyset by keyset. */
export function addBatch(count: u32): void {
  let address = <usize>plan.keysets
  for (let left = plan.tableCount; left != 0; left--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    const isCoded = keyset.codes != 0
    if (isCoded) hashCodes(keyset, count, <usize>plan.areaBytes)
    const isWarmed = keyset.mask >= warmSlots
    if (isWarmed) findGroups(keyset, count)
    let area = areasAt
    for (let line = count; line != 0; line--) {
      const pair = changetype<Pair>(area + <usize>keyset.pair)
      if (pair.isPresent != 0) {
        let group = isWarmed ? <usize>pair.likely : groupWithHash(keyset, pair.hash)
        if (isCoded) {
          if (group == 0) group = codedGroupOf(keyset, pair.hash)
        } else if (group == 0 || !isKey(keyset, group, area)) {
          group = groupOf(keyset, area, pair.hash)
        }
        addValues(keyset, area, group)
      }
      area += <usize>plan.areaBytes
    }
    noteCodes(keyset)
  }
  clearDecoded()
}

/** Tables with more slots than this do not stay in the first caches. */
const warmSlots: u32 = 8 * 1024

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
