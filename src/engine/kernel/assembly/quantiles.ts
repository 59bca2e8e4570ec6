/** States of quantiles (../../columns/quantile.ts): counts by the buckets of ../../columns/number-buckets.ts, lowest and highest number. */
import {Entries, entriesBytes, enlarge, isFullOf, listMax} from './entries'

/** Buckets lie between minus and plus this. */
const bucketBound: i32 = 1 << 19

/** A state: the head of a set whose entries are a bucket (upper half) and its count, then two numbers. */
@unmanaged
class Range {
  lowest: f64
  highest: f64
}

/** Takes a number into the state of a group. Returns how many are now in its bucket. */
@inline
export function addQuantile(address: usize, value: f64): u32 {
  const set = changetype<Entries>(address)
  const range = changetype<Range>(address + entriesBytes)
  if (set.slots == 0) {
    range.lowest = value
    range.highest = value
  } else if (value < range.lowest) {
    range.lowest = value
  } else if (value > range.highest) {
    range.highest = value
  }
  return addTo(set, bucketOf(value))
}

/** Exponent and top 8 bits of the mantissa, mirrored for negative numbers; moved up to be positive. */
@inline
function bucketOf(value: f64): u32 {
  if (value == 0) return bucketBound
  const high = <u32>(reinterpret<u64>(value) >> 32)
  const bucket = <i32>((high & 0x7fffffff) >> 12) + 1
  return bucketBound + (value < 0 ? -bucket : bucket)
}

@inline
function addTo(set: Entries, bucket: u32): u32 {
  const block = <usize>set.block
  if (set.slots <= listMax) {
    const end = block + (<usize>set.count << 3)
    for (let at = block; at < end; at += 8) if (load<u32>(at, 4) == bucket) return countAt(at)
  } else {
    // Buckets that are neighbours stand side by side: they do not collide.
    const mask = set.slots - 1
    let place = bucket & mask
    while (true) {
      const at = block + (<usize>place << 3)
      const found = load<u32>(at, 4)
      if (found == bucket) return countAt(at)
      if (found == 0) break
      place = (place + 1) & mask
    }
  }
  insert(set, bucket)
  return 1
}

@inline
function countAt(at: usize): u32 {
  const count = load<u32>(at) + 1
  store<u32>(at, count)
  return count
}

function insert(set: Entries, bucket: u32): void {
  if (isFullOf(set)) enlarge(set, 32)
  const block = <usize>set.block
  let at = set.count
  if (set.slots > listMax) {
    const mask = set.slots - 1
    at = bucket & mask
    while (load<u64>(block + (<usize>at << 3)) != 0) at = (at + 1) & mask
  }
  store<u64>(block + (<usize>at << 3), (<u64>bucket << 32) | 1)
  set.count++
}
