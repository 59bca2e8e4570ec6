/** Records of the runs that are merged, one after the other. */
import {compareKeys} from './keys'
import {blockHeaderBytes, Plan, planAt, Reader, readerBytes} from './layout'

/** Reads the next block of the reader with that number to its place. Returns its records; 0 when there is none. */
@external('host', 'refill')
declare function refill(reader: u32): u32

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
export function readerOf(index: u32): Reader {
  return changetype<Reader>(<usize>changetype<Plan>(planAt).readers + <usize>index * readerBytes)
}

/** Moves to the first record that is not before the plan's lower bound. Returns false when there is none. */
export function openReader(reader: Reader): bool {
  const plan = changetype<Plan>(planAt)
  reader.left = 0
  do {
    if (reader.left == 0 && !readBlock(reader)) return false
    step(reader)
  } while (plan.lowLength != 0 && compareKeys(reader.keyAt, reader.keyLength, plan.lowAt, plan.lowLength) < 0)
  return true
}

/** Reads the next block, over the one before. Returns false at the end of the run. */
export function readBlock(reader: Reader): bool {
  const plan = changetype<Plan>(planAt)
  reader.left = refill(<u32>((changetype<usize>(reader) - <usize>plan.readers) / readerBytes))
  reader.statesEnd = reader.blockAt + <u32>blockHeaderBytes
  return reader.left != 0
}

/** Moves to the next record of the block, which has one. */
@inline
export function step(reader: Reader): void {
  reader.left--
  const keyLength = <u32>readVarint(reader.statesEnd)
  const statesLength = <u32>readVarint(varintEnd)
  reader.keyAt = <u32>varintEnd
  reader.keyLength = keyLength
  reader.statesAt = reader.keyAt + keyLength
  reader.statesEnd = reader.statesAt + statesLength
  // A damaged block has been refused; this guards against mistakes of our own.
  if (reader.statesEnd > reader.blockAt + reader.blockBytes) unreachable()
}
