/** States of one value each, as the columns of ../../columns write them. */
import {squaresOf} from './aggregates'
import {collectedBytes, copyListed, List, listedAt} from './collect'
import {copyDistinct, distinctBytes, isEstimated} from './distinct'
import {Entries, entriesBytes, sortSet} from './entries'
import {
  isTrue,
  Keyset,
  longInteger,
  number,
  opCollect,
  opDistinct,
  opFirst,
  opLast,
  opMax,
  opMin,
  opQuantile,
  opQuantileAgain,
  opStddev,
  text,
  Value,
  valueBytes,
} from './layout'
import {byBytes, Entry, extremeTextBytes, ofNumber, ofText} from './ordered'
import {divideByTen, Wide} from './wide'

const isNegativeBit: u32 = 64
const isBigBit: u32 = 128
const safeMax: u64 = 9007199254740991

const formDouble: u8 = 0
const formExact: u16 = 1
const formText: u8 = 2

/** Bytes of the texts and sets of a group in a run, at most. */
export function variableBytes(keyset: Keyset, group: usize): usize {
  let bytes: usize = 0
  let address = <usize>keyset.values
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    const op = value.op
    const state = group + <usize>value.state
    if (op == opMin || op == opMax) bytes += extremeTextBytes(state)
    else if (op == opFirst || op == opLast) bytes += entryBytes(changetype<Entry>(state))
    else if (op == opDistinct) bytes += distinctBytes(state)
    // A bucket and its count.
    else if (op == opQuantile || op == opQuantileAgain) bytes += <usize>changetype<Entries>(state).count * 8
    // Of each text its length, too.
    else if (op == opCollect) bytes += collectedBytes(state) + <usize>changetype<List>(state).count * 5
  }
  return bytes
}

@inline
function entryBytes(entry: Entry): usize {
  return byBytes(entry) + <usize>entry.length
}

/** Of min and max. */
export function writeExtreme(from: usize, state: usize): usize {
  const form = load<u32>(state)
  store<u8>(from, <u8>(form != 0))
  if (form == 0) return from + 1
  return writeOrdered(from + 1, form, load<u64>(state, 8), load<u32>(state, 8), load<u32>(state, 12))
}

/** A number, or the text at `start`. */
function writeOrdered(from: usize, form: u32, numberBits: u64, start: usize, length: u32): usize {
  if (form == ofText) {
    store<u8>(from, formText)
    return writeText(from + 1, start, length)
  }
  store<u8>(from, formDouble)
  store<u64>(from, numberBits, 1)
  return from + 9
}

function writeText(from: usize, start: usize, length: u32): usize {
  const at = writeVarint(from, length)
  memory.copy(at, start, length)
  return at + <usize>length
}

/** Of all others that are not made of counts and sums alone. */
export function writeLarge(value: Value, state: usize, from: usize): usize {
  const op = value.op
  if (op == opStddev) return writeStddev(from, state, value.scale)
  if (op == opFirst || op == opLast) return writeEntry(from, changetype<Entry>(state))
  if (op == opDistinct) return writeDistinct(from, state)
  if (op == opQuantile || op == opQuantileAgain) return writeQuantile(from, state)
  if (op == opCollect) return writeList(from, state)
  let at = from
  for (let bucket: u32 = 0; bucket <= value.boundCount; bucket++) {
    at = writeVarint(at, load<u64>(state + (<usize>bucket << 3)))
  }
  return at
}

const squares = changetype<Wide>(memory.data(16, 8))

function writeStddev(from: usize, state: usize, scale: u32): usize {
  const at = writeSum(writeVarint(from, load<u64>(state)), load<i64>(state, 8), scale)
  const total = squaresOf(state + 8)
  squares.low = total.low
  squares.high = total.high
  let places = scale * 2
  while (places > 0 && divideByTen(squares)) places--
  if (squares.high == 0) return writeDigits(at, places, squares.low)
  const head = writeVarint(at, places | isBigBit)
  const upper = hexDigits(squares.high)
  store<u8>(head, <u8>(upper + 16))
  return writeHex(writeHex(head + 1, squares.high, upper), squares.low, 16)
}

const valueText: u8 = 0
const valueFalse: u8 = 1
const valueTrue: u8 = 2
const valueNumber: u8 = 3

function writeEntry(from: usize, entry: Entry): usize {
  store<u8>(from, <u8>(entry.form != 0))
  if (entry.form == 0) return from + 1
  let at = writeOrdered(from + 1, entry.form, entry.by, entry.block, <u32>entry.by)
  const start = <usize>entry.block + byBytes(entry)
  const kind = entry.kind
  if (kind == text) {
    store<u8>(at, valueText)
    return writeText(at + 1, start, entry.length)
  }
  if (kind != number && kind != longInteger) {
    store<u8>(at, kind == isTrue ? valueTrue : valueFalse)
    return at + 1
  }
  store<u8>(at++, valueNumber)
  if (kind == number) return writeOrdered(at, ofNumber, reinterpret<u64>(entry.value), 0, 0)
  // No scale, and all digits.
  store<u16>(at, formExact)
  return writeText(at + 2, start, entry.length)
}

function writeDistinct(from: usize, state: usize): usize {
  store<u8>(from, <u8>isEstimated(state))
  const bytes = distinctBytes(state)
  const at = writeVarint(from + 1, bytes)
  copyDistinct(state, at)
  return at + bytes
}

function writeQuantile(from: usize, state: usize): usize {
  const set = changetype<Entries>(state)
  const count = set.count
  let at = writeVarint(from, count)
  if (count == 0) {
    store<f64>(at, Infinity)
    store<f64>(at, -Infinity, 8)
    return at + 16
  }
  sortSet(set)
  let before: u32 = 0
  for (let index: u32 = 0; index < count; index++) {
    const entry = <usize>set.block + (<usize>index << 3)
    const bucket = load<u32>(entry, 4)
    at = writeVarint(writeVarint(at, bucket - before), load<u32>(entry))
    before = bucket
  }
  memory.copy(at, state + entriesBytes, 16)
  return at + 16
}

function writeList(from: usize, state: usize): usize {
  const count = changetype<List>(state).count
  let at = writeVarint(from, count)
  for (let index: u32 = 0; index < count; index++) {
    const listed = listedAt(state, index)
    at = copyListed(listed, writeVarint(at, listed.length))
  }
  return at
}

/** The form of ../../columns/exact-sums.ts for an exact sum. */
export function writeSum(from: usize, total: i64, scale: u32): usize {
  const sign: u32 = total < 0 ? isNegativeBit : 0
  let rest = <u64>(total < 0 ? -total : total)
  let places = scale
  while (places > 0 && rest % 10 == 0) {
    rest /= 10
    places--
  }
  return writeDigits(from, places | sign, rest)
}

function writeDigits(from: usize, head: u32, size: u64): usize {
  if (size <= safeMax) return writeVarint(writeVarint(from, head), size)
  const at = writeVarint(from, head | isBigBit)
  const digits = hexDigits(size)
  store<u8>(at, <u8>digits)
  return writeHex(at + 1, size, digits)
}

@inline
function hexDigits(value: u64): u32 {
  return (67 - <u32>clz<u64>(value)) >> 2
}

function writeHex(from: usize, value: u64, digits: u32): usize {
  for (let digit: u32 = 0; digit < digits; digit++) {
    const half = <u32>(value >> <u64>((digits - 1 - digit) << 2)) & 15
    store<u8>(from + <usize>digit, <u8>(half < 10 ? 0x30 + half : 0x57 + half))
  }
  return from + <usize>digits
}

export function writeVarint(from: usize, value: u64): usize {
  let at = from
  let rest = value
  while (rest > 0x7f) {
    store<u8>(at++, <u8>(rest | 0x80))
    rest >>= 7
  }
  store<u8>(at, <u8>rest)
  return at + 1
}
