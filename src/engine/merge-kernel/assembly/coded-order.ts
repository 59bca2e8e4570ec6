/** Coded runs in the order of their merged keys: a tree of losers, as in order.ts, of numbers. */
import {codedPlan, CodedReader, codedReaderBytes, PartMap, partMapBytes} from './coded-layout'
import {Place, placeBytes, Plan, planAt} from './layout'

/** Of a reader that has come to its end. Keys have at most 63 bits. */
export const noKey: u64 = u64.MAX_VALUE

let count: u32 = 0
/** Who stands at the smallest key. */
export let first: CodedReader = changetype<CodedReader>(0)

@inline
function readerOf(index: u32): CodedReader {
  return changetype<CodedReader>(<usize>codedPlan().readers + <usize>index * codedReaderBytes)
}

/** 1 to count - 1: who lost there. From `count` on: who won, while the tree is built. */
@inline
function placeAt(index: u32): Place {
  return changetype<Place>(<usize>codedPlan().order + <usize>index * placeBytes)
}

/** The merged key of the entry that a reader stands at. */
@inline
function keyOf(reader: CodedReader): u64 {
  if (reader.at == reader.end) return noKey
  const places = reader.isStates != 0 ? load<u64>(reader.at) : <u64>load<u32>(reader.at)
  let key: u64 = 0
  let map = <usize>reader.maps
  for (let left = changetype<Plan>(planAt).partCount; left != 0; left--) {
    const part = changetype<PartMap>(map)
    key |= load<u64>(<usize>part.at + (<usize>(<u32>(places >> <u64>part.shift) & part.mask) << 3))
    map += partMapBytes
  }
  return key
}

/** Orders all readers at the beginnings of their stretches. */
export function openCodedOrder(): void {
  count = codedPlan().readerCount
  for (let index: u32 = 0; index < count; index++) {
    const reader = readerOf(index)
    reader.leaf = index
    reader.key = keyOf(reader)
  }
  for (let index = count - 1; index != 0; index--) {
    const one = winnerAt(index * 2)
    const other = winnerAt(index * 2 + 1)
    const isOther = other.key < one.key
    setLoser(placeAt(index), isOther ? one : other)
    placeAt(count + index).reader = changetype<u32>(isOther ? other : one)
  }
  first = winnerAt(1)
}

/** Of a place while the tree is built. */
function winnerAt(index: u32): CodedReader {
  return index >= count ? readerOf(index - count) : changetype<CodedReader>(<usize>placeAt(count + index).reader)
}

@inline
function setLoser(place: Place, reader: CodedReader): void {
  place.code = reader.key
  place.reader = changetype<u32>(reader)
}

/** Moves the first reader on, and finds who is first then. */
@inline
export function moveOn(): void {
  const reader = first
  reader.at += reader.entryBytes
  let key = keyOf(reader)
  reader.key = key
  let one = changetype<u32>(reader)
  for (let index = (count + reader.leaf) >> 1; index != 0; index >>= 1) {
    const place = placeAt(index)
    const otherKey = place.code
    const other = place.reader
    // Without a branch: who is first cannot be foreseen.
    const isOther = otherKey < key
    place.code = isOther ? key : otherKey
    place.reader = isOther ? one : other
    key = isOther ? otherKey : key
    one = isOther ? other : one
  }
  first = changetype<CodedReader>(<usize>one)
}
