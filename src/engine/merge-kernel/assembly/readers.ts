/** The runs that are merged, in the order of the keys that they stand at. */
import {blockHeaderBytes, Place, placeBytes, Plan, planAt, Reader, readerBytes} from './layout'

/** Reads the next block of the reader with that number to its place. Returns its records; 0 when there is none. */
@external('host', 'refill')
declare function refill(reader: u32): u32

/** Readers that have records left. */
let count: u32 = 0
/** So many of them stand at the current key: the first ones. */
export let holderCount: u32 = 0

let varintEnd: usize = 0

@inline
export function varintEndOf(): usize {
  return varintEnd
}

/** Reads a varint; it ends before varintEndOf(). */
@inline
export function readVarint(at: usize): u64 {
  const first = <u64>load<u8>(at)
  if (first < 0x80) {
    varintEnd = at + 1
    return first
  }
  return readLongVarint(at)
}

function readLongVarint(from: usize): u64 {
  let at = from
  let value: u64 = 0
  let shift: u64 = 0
  while (true) {
    const byte = <u64>load<u8>(at++)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) break
    shift += 7
  }
  varintEnd = at
  return value
}

@inline
export function placeAt(index: u32): Place {
  return changetype<Place>(<usize>changetype<Plan>(planAt).order + <usize>index * placeBytes)
}

@inline
export function readerAt(index: u32): Reader {
  return changetype<Reader>(<usize>placeAt(index).reader)
}

/** Opens all readers at their first keys that are not before the lower bound. */
export function openReaders(): void {
  const plan = changetype<Plan>(planAt)
  count = 0
  holderCount = 0
  for (let index: u32 = 0; index < plan.readerCount; index++) {
    const reader = changetype<Reader>(<usize>plan.readers + <usize>index * readerBytes)
    reader.left = 0
    let isLeft = advance(reader)
    while (isLeft && plan.lowLength != 0 && compareKeys(reader.keyAt, reader.keyLength, plan.lowAt, plan.lowLength) < 0) {
      isLeft = advance(reader)
    }
    if (!isLeft) continue
    memory.copy(changetype<usize>(placeAt(1)), changetype<usize>(placeAt(0)), <usize>count * placeBytes)
    count++
    settle(0, changetype<u32>(reader))
  }
}

/** Moves on to the next key. Returns false when there is none before the upper bound. */
@inline
export function nextKey(): bool {
  const plan = changetype<Plan>(planAt)
  for (let place = <i32>holderCount - 1; place >= 0; place--) moveOn(<u32>place)
  holderCount = 0
  if (count == 0) return false
  const first = placeAt(0)
  const reader = changetype<Reader>(<usize>first.reader)
  if (plan.highLength != 0 && compareKeys(reader.keyAt, reader.keyLength, plan.highAt, plan.highLength) >= 0) return false
  let holders: u32 = 1
  while (holders < count && placeAt(holders).prefix == first.prefix) {
    const other = readerAt(holders)
    if (compareKeys(reader.keyAt, reader.keyLength, other.keyAt, other.keyLength) != 0) break
    holders++
  }
  holderCount = holders
  return true
}

function moveOn(place: u32): void {
  const reader = readerAt(place)
  if (advance(reader)) {
    settle(place, changetype<u32>(reader))
    return
  }
  const at = changetype<usize>(placeAt(place))
  count--
  memory.copy(at, at + placeBytes, <usize>(count - place) * placeBytes)
}

/** Puts a reader to its place among those behind `from`, which are in order. */
function settle(from: u32, address: u32): void {
  const reader = changetype<Reader>(<usize>address)
  const prefix = prefixOf(reader.keyAt, reader.keyLength)
  let low = from + 1
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    const other = placeAt(middle)
    if (other.prefix < prefix || (other.prefix == prefix && isBehind(reader, changetype<Reader>(<usize>other.reader)))) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  let at = changetype<usize>(placeAt(from))
  const target = changetype<usize>(placeAt(low - 1))
  while (at < target) {
    v128.store(at, v128.load(at + placeBytes))
    at += placeBytes
  }
  const place = changetype<Place>(target)
  place.prefix = prefix
  place.reader = address
}

@inline
function isBehind(reader: Reader, other: Reader): bool {
  return compareKeys(other.keyAt, other.keyLength, reader.keyAt, reader.keyLength) < 0
}

@inline
function prefixOf(key: usize, length: u32): u64 {
  const word = bswap<u64>(load<u64>(key))
  return length >= 8 ? word : length == 0 ? 0 : word & (u64.MAX_VALUE << (64 - (<u64>length << 3)))
}

/** Byte order. Bytes behind the keys may be read. */
export function compareKeys(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const length = <usize>min(aLength, bLength)
  for (let at: usize = 0; at < length; at += 8) {
    const x = load<u64>(a + at)
    const y = load<u64>(b + at)
    if (x == y) continue
    const same = <usize>(ctz<u64>(x ^ y) >> 3)
    if (at + same >= length) break
    return <i32>load<u8>(a + at + same) - <i32>load<u8>(b + at + same)
  }
  return <i32>aLength - <i32>bLength
}

/** Returns false at the end of the run. */
@inline
function advance(reader: Reader): bool {
  if (reader.left == 0) {
    const plan = changetype<Plan>(planAt)
    const records = refill(<u32>((changetype<usize>(reader) - <usize>plan.readers) / readerBytes))
    if (records == 0) return false
    reader.left = records
    reader.statesEnd = reader.blockAt + <u32>blockHeaderBytes
  }
  reader.left--
  const keyLength = <u32>readVarint(reader.statesEnd)
  const statesLength = <u32>readVarint(varintEnd)
  reader.keyAt = <u32>varintEnd
  reader.keyLength = keyLength
  reader.statesAt = reader.keyAt + keyLength
  reader.statesEnd = reader.statesAt + statesLength
  // A damaged block has been refused; this guards against mistakes of our own.
  if (reader.statesEnd > reader.blockAt + reader.blockBytes) unreachable()
  return true
}
