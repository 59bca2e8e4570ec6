/**
 * Groups as the records of a run (../../groups/run-format.ts), with states as the columns write them
 * (../../columns/{count,sum,avg,extreme}.ts): one form for one value, whatever it was added up from.
 */
import {
  Group,
  groupBytes,
  Keyset,
  opAvg,
  opMax,
  opMin,
  opSum,
  outAt,
  Value,
  valueBytes,
} from './layout'
import {sortTable} from './sort'

/** Bytes of records in a block; a longer record makes a longer block. */
const blockBytes: usize = 256 * 1024

/** Room for the header of a block, which is filled in outside. */
const blockHeaderBytes: usize = 16

/** Bytes of the states of the last record. */
let recordStateBytes: usize = 0

const isNegativeBit: u32 = 64
const isBigBit: u32 = 128
const safeMax: u64 = 9007199254740991

/** The next group to write. */
let next: u32 = 0
/** Records in the last block. */
export let blockRecords: u32 = 0

/** Sorts the groups of a keyset for writing. Until they are cleared no line can be added. */
export function beginRun(keyset: Keyset): void {
  sortTable(keyset)
  next = 0
}

export function isRunEnd(keyset: Keyset): bool {
  return next == keyset.groups
}

/** Writes the next block at outAt. Returns its bytes, with the header's. */
export function writeBlock(keyset: Keyset): usize {
  let at = outAt + blockHeaderBytes
  blockRecords = 0
  while (next < keyset.groups) {
    const group = <usize>load<u32>(<usize>keyset.index + (<usize>next << 3))
    const keyLength = changetype<Group>(group).keyLength
    const end = writeRecord(keyset, group, keyLength, at)
    // The same rule as in ../../groups/run-writer.ts, so that the same groups make the same bytes.
    if (blockRecords != 0 && at + <usize>keyLength + recordStateBytes > outAt + blockBytes) break
    at = end
    blockRecords++
    next++
  }
  return at - outAt
}

function writeRecord(keyset: Keyset, group: usize, keyLength: u32, from: usize): usize {
  // States come behind the key but their length stands before it: they are written where they go if that takes one byte.
  const lengthAt = writeVarint(from, keyLength)
  const key = lengthAt + 1
  memory.copy(key, group + groupBytes + <usize>keyset.stateBytes, keyLength)
  const states = key + <usize>keyLength
  const end = writeStates(keyset, group, states)
  const length = end - states
  recordStateBytes = length
  if (length < 0x80) {
    store<u8>(lengthAt, <u8>length)
    return end
  }
  const more = writeVarint(lengthAt, length) - key
  // From the end: the bytes move up over themselves.
  memory.copy(key + more, key, end - key)
  writeVarint(lengthAt, length)
  return end + more
}

function writeStates(keyset: Keyset, group: usize, from: usize): usize {
  let at = from
  let address = <usize>keyset.values
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    const state = group + <usize>value.state
    if (value.op == opSum) {
      at = writeSum(at, load<i64>(state), value.scale)
    } else if (value.op == opAvg) {
      at = writeVarint(at, load<u64>(state))
      at = writeSum(at, load<i64>(state, 8), value.scale)
    } else if (value.op == opMin || value.op == opMax) {
      const isPresent = <u8>(load<u64>(state) != 0)
      store<u8>(at++, isPresent)
      if (isPresent != 0) {
        store<u8>(at++, 0)
        store<f64>(at, load<f64>(state, 8))
        at += 8
      }
    } else {
      at = writeVarint(at, load<u64>(state))
    }
  }
  return at
}

function writeSum(from: usize, total: i64, scale: u32): usize {
  const sign: u32 = total < 0 ? isNegativeBit : 0
  let rest = <u64>(total < 0 ? -total : total)
  let places = scale
  while (places > 0 && rest % 10 == 0) {
    rest /= 10
    places--
  }
  if (rest <= safeMax) return writeVarint(writeVarint(from, places | sign), rest)
  const at = writeVarint(from, places | sign | isBigBit)
  const digits: u32 = (67 - <u32>clz<u64>(rest)) >> 2
  store<u8>(at, <u8>digits)
  for (let digit: u32 = 0; digit < digits; digit++) {
    const half = <u32>(rest >> <u64>((digits - 1 - digit) << 2)) & 15
    store<u8>(at + 1 + <usize>digit, <u8>(half < 10 ? 0x30 + half : 0x57 + half))
  }
  return at + 1 + <usize>digits
}

function writeVarint(from: usize, value: u64): usize {
  let at = from
  let rest = value
  while (rest > 0x7f) {
    store<u8>(at++, <u8>(rest | 0x80))
    rest >>= 7
  }
  store<u8>(at, <u8>rest)
  return at + 1
}
