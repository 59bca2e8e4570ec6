/**
 * Groups as the records of a run (../../groups/run-format.ts), with states as the columns write them
 * (../../columns): one form for one value, whatever it was added up from.
 */
import {groupOfCell} from './cells'
import {codedEntryBytes, keyBytesOf, sortCoded, writeKeyOf} from './codes-order'
import {roomBehind} from './groups'
import {copyBytes} from './heap'
import {
  Group,
  groupBytes,
  Keyset,
  opAvg,
  opMax,
  opMin,
  opSum,
  outAt,
  outBytes,
  Value,
  valueBytes,
} from './layout'
import {entryBytes, sortTable} from './sort'
import {variableBytes, writeExtreme, writeLarge, writeSum, writeVarint} from './states'

/** Bytes of records in a block; a longer record makes a longer block. */
const blockBytes: usize = 256 * 1024

/** Room for the header of a block, which is filled in outside. */
const blockHeaderBytes: usize = 16

/** Where the block is that is being written, and the end of the room for it. */
export let out: usize = outAt
let outEnd: usize = 0

/** Groups that are touched at once, a power of two. */
const warmGroups: u32 = 64
/** Keeps loads that only warm the cache from being left out. */
let warmth: u32 = 0

/** Bytes of the states of the last record. */
let recordStateBytes: usize = 0

/** The next group to write. */
let next: u32 = 0
/** Records in the last block. */
export let blockRecords: u32 = 0

/** Sorts the groups of a keyset for writing. Until they are cleared no line can be added. */
export function beginRun(keyset: Keyset): void {
  if (keyset.codes != 0) sortCoded(keyset)
  else sortTable(keyset)
  next = 0
  out = outAt
  outEnd = outAt + outBytes
}

export function isRunEnd(keyset: Keyset): bool {
  return next == keyset.groups
}

/** Writes the next block at `out`. Returns its bytes, with the header's. */
export function writeBlock(keyset: Keyset): usize {
  let at = out + blockHeaderBytes
  blockRecords = 0
  while (next < keyset.groups) {
    if ((next & (warmGroups - 1)) == 0) warm(keyset)
    const address = groupAt(keyset, next)
    const group = keyset.cells != 0 ? groupOfCell(keyset, address) : address
    const keyLength = keyset.codes != 0 ? keyBytesOf(keyset, codesAt(keyset, next)) : changetype<Group>(group).keyLength
    const most = <usize>keyLength + recordBytesMax(keyset, group)
    if (at + most > outEnd) at = moveBlock(at, most)
    const end = writeRecord(keyset, group, keyLength, at)
    // The same rule as in ../../groups/run-writer.ts, so that the same groups make the same bytes.
    if (blockRecords != 0 && at + <usize>keyLength + recordStateBytes > out + blockBytes) break
    at = end
    blockRecords++
    next++
  }
  return at - out
}

/** A group, or its cell. */
@inline
function groupAt(keyset: Keyset, place: u32): usize {
  return <usize>load<u32>(<usize>keyset.index + <usize>place * (keyset.codes != 0 ? codedEntryBytes : entryBytes))
}

/** Of an entry whose key is codes: their places in the order. */
@inline
function codesAt(keyset: Keyset, place: u32): u32 {
  return load<u32>(<usize>keyset.index + <usize>place * codedEntryBytes, 4)
}

/** Touches the groups that come next. They lie anywhere in memory; these loads do not wait for each other, as those of writing do. */
function warm(keyset: Keyset): void {
  const end = min(keyset.groups, next + warmGroups)
  const keyAt = groupBytes + (keyset.codes != 0 ? 0 : <usize>keyset.stateBytes)
  let sum: u32 = 0
  for (let place = next; place < end; place++) {
    const group = groupAt(keyset, place)
    sum += load<u8>(group + groupBytes) + load<u8>(group + keyAt)
  }
  warmth = sum
}

/** Bytes of a record beside its key, at most. */
@inline
function recordBytesMax(keyset: Keyset, group: usize): usize {
  // Two lengths, and what is written too much behind a text.
  const fixed = <usize>keyset.stateBytesMax + 32
  return keyset.isVariable == 0 ? fixed : fixed + variableBytes(keyset, group)
}

/** Makes room for `bytes` more behind `at`, in the block that is being written. Returns where it goes on. */
function moveBlock(at: usize, bytes: usize): usize {
  const written = at - out
  const room = written + bytes
  const place = roomBehind(room)
  if (place != out) memory.copy(place, out, written)
  out = place
  outEnd = place + room
  return place + written
}

function writeRecord(keyset: Keyset, group: usize, keyLength: u32, from: usize): usize {
  // States come behind the key but their length stands before it: they are written where they go if that takes one byte.
  const lengthAt = writeVarint(from, keyLength)
  const key = lengthAt + 1
  if (keyset.codes != 0) writeKeyOf(keyset, codesAt(keyset, next), key)
  else copyBytes(key, group + groupBytes + <usize>keyset.stateBytes, keyLength)
  const states = key + <usize>keyLength
  const end = writeStates(keyset, group, states)
  const length = end - states
  recordStateBytes = length
  if (length < 0x80) {
    store<u8>(lengthAt, <u8>length)
    return end
  }
  const more: usize = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4
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
    const op = value.op
    if (op == opSum) {
      at = writeSum(at, load<i64>(state), value.scale)
    } else if (op == opAvg) {
      at = writeVarint(at, load<u64>(state))
      at = writeSum(at, load<i64>(state, 8), value.scale)
    } else if (op == opMin || op == opMax) {
      at = writeExtreme(at, state)
    } else if (op > opAvg) {
      at = writeLarge(value, state, at)
    } else {
      at = writeVarint(at, load<u64>(state))
    }
  }
  return at
}
