/** What lines add to tables: for each table a pair in the line's area, with the hash of its key. */
import {kept, used} from './counts'
import {emptyHash, finishHash, hashPart} from './groups'
import {areasAt, isNull, Keyset, keysetBytes, Pair, pairBytes, Part, partBytes, Plan, planAt, Slot} from './layout'

const plan = changetype<Plan>(planAt)

/** Decides what becomes of a line or a part of it, and hashes its keys. Returns bits: a keyset's condition held; there is a pair. */
@inline
export function judge(area: usize): u32 {
  let address = <usize>plan.keysets
  let isUsed = false
  let isKept = false
  for (let count = plan.keysetCount; count != 0; count--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    if (keyset.condition != 0 && changetype<Pair>(area + <usize>keyset.pair).isPresent == 0) continue
    isKept = true
    isUsed = hashKey(keyset, area) || isUsed
  }
  for (let count = plan.tableCount - plan.keysetCount; count != 0; count--) {
    hashValue(changetype<Keyset>(address), area)
    address += keysetBytes
  }
  return (<u32>isKept * kept) | (<u32>isUsed * used)
}

@inline
function hashKey(keyset: Keyset, area: usize): bool {
  const pair = changetype<Pair>(area + <usize>keyset.pair)
  const isHashed = (keyset.codes | keyset.few) == 0
  let hash = emptyHash()
  let address = <usize>keyset.parts
  for (let count = keyset.partCount; count != 0; count--) {
    const part = changetype<Part>(address)
    const slot = changetype<Slot>(area + <usize>part.slot)
    if (slot.kind <= isNull) {
      part.dropped++
      pair.isPresent = 0
      return false
    }
    if (isHashed) hash = hashPart(hash, slot.start, slot.length)
    address += partBytes
  }
  pair.hash = finishHash(hash)
  pair.isPresent = 1
  return true
}

/** The pair of a table that counts values: the key of its keyset, and the value as one more part. */
export function hashValue(table: Keyset, area: usize): void {
  const pair = changetype<Pair>(area + <usize>table.pair)
  const parent = changetype<Pair>(area + <usize>table.parentPair)
  const last = <usize>table.parts + <usize>(table.partCount - 1) * partBytes
  const slot = changetype<Slot>(area + <usize>changetype<Part>(last).slot)
  pair.isPresent = parent.isPresent & <u32>(slot.kind > isNull)
  if (pair.isPresent != 0) pair.hash = finishHash(hashPart(emptyHash() ^ <u64>parent.hash, slot.start, slot.length))
}

/** Lines of the areas from..to-1 add nothing. */
export function dropPairs(from: u32, to: u32): void {
  for (let index = from; index < to; index++) {
    let pair = areasAt + <usize>index * <usize>plan.areaBytes
    for (let left = plan.tableCount; left != 0; left--) {
      changetype<Pair>(pair).isPresent = 0
      pair += pairBytes
    }
  }
}
