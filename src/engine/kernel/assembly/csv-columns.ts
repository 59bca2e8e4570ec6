/**
 * What is done to a column of a batch of CSV records: it stands in registers for all of them, where one record at a time would look it
 * up in the plan again for each.
 */
import {fitsScale} from './aggregates'
import {unquote} from './csv'
import {quotedRecords, takeColumn} from './csv-records'
import {emptyHash, finishHash, hashPart} from './groups'
import {
  absent,
  areasAt,
  Column,
  Keyset,
  noColumn,
  opLast,
  opMin,
  opStddev,
  opSum,
  Pair,
  Part,
  partBytes,
  Slot,
  text,
  Value,
  valueBytes,
} from './layout'
import {readNumericText, readShortNumber} from './numbers'
import {hasOrder} from './ordered'

/** Records of the batch, a bit each, with a value that is not for the plan as it is. */
export let unfit: u64 = 0

/** Of the records of a batch: hashes of the parts so far. */
const hashesAt: usize = memory.data(64 * 8, 8)

export function beginColumns(): void {
  unfit = 0
}

/** Reads a column's cells, for `count` records of a list (csv-records.ts), into areas that are `stride` bytes apart. */
export function readCells(column: Column, list: usize, count: u32, stride: usize): void {
  const slots = areasAt + <usize>column.slot
  if (column.index == noColumn) {
    leaveOut(count, slots, stride)
    return
  }
  takeColumn(list, column.index, count, slots, stride)
  if (quotedRecords != 0) unquoteColumn(count, slots, stride)
}

/** A field that no column has. */
function leaveOut(count: u32, slots: usize, stride: usize): void {
  let address = slots
  for (let place: u32 = 0; place < count; place++) {
    const slot = changetype<Slot>(address)
    slot.kind = absent
    slot.scale = 0
    slot.mantissa = 0
    address += stride
  }
}

/** Whether there is a column for these slots: what is so for the first record of a batch is so for all. */
@inline
function isThere(slots: usize): bool {
  return changetype<Slot>(slots).kind == text
}

function unquoteColumn(count: u32, slots: usize, stride: usize): void {
  let quoted = quotedRecords & (u64.MAX_VALUE >> <u64>(64 - count))
  while (quoted != 0) {
    const place = ctz<u64>(quoted)
    if (!unquote(changetype<Slot>(slots + <usize>place * stride))) unfit |= <u64>1 << place
    quoted &= quoted - 1
  }
}

/** Reads the texts of a column's slots as numbers. */
export function readNumbers(count: u32, slots: usize, stride: usize): void {
  if (!isThere(slots)) return
  let address = slots
  for (let place: u32 = 0; place < count; place++) {
    const slot = changetype<Slot>(address)
    if (!readShortNumber(slot) && !readNumericText(slot)) unfit |= <u64>1 << <u64>place
    address += stride
  }
}

/** What `scalesFit` says of a record, for all of them. */
export function checkValues(keyset: Keyset, count: u32, stride: usize): void {
  let address = <usize>keyset.values
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    const op = value.op
    if (op - opSum <= opStddev - opSum) checkScales(value, count, stride)
    else if (op - opMin <= opLast - opMin) checkOrder(value, count, stride)
    address += valueBytes
  }
}

function checkScales(value: Value, count: u32, stride: usize): void {
  const scale = value.scale
  let address = areasAt + <usize>value.slot
  if (!isThere(address)) return
  for (let place: u32 = 0; place < count; place++) {
    const slot = changetype<Slot>(address)
    unfit |= <u64>!fitsScale(slot.mantissa, slot.scale, scale) << <u64>place
    address += stride
  }
}

function checkOrder(value: Value, count: u32, stride: usize): void {
  let address = areasAt + <usize>value.by
  for (let place: u32 = 0; place < count; place++) {
    if (!hasOrder(changetype<Slot>(address))) unfit |= <u64>1 << <u64>place
    address += stride
  }
}

/** Hashes the keys of `count` records, at most 64, whose areas begin at `areas`. */
export function hashColumns(keyset: Keyset, areas: usize, count: u32, stride: usize): void {
  const pairs = areas + <usize>keyset.pair
  // Codes, and groups of tables that have few, are looked for later.
  const partCount: u32 = (keyset.codes | keyset.few) != 0 ? 0 : keyset.partCount
  if (partCount == 0) setHashes(pairs, count, stride)
  let part = <usize>keyset.parts
  for (let index: u32 = 0; index < partCount; index++) {
    const isFirst = index == 0
    const isLast = index == partCount - 1
    let slots = areas + <usize>changetype<Part>(part).slot
    let pair = pairs
    for (let place: usize = 0; place < <usize>count << 3; place += 8) {
      const slot = changetype<Slot>(slots)
      const before = isFirst ? emptyHash() : load<u64>(hashesAt + place)
      const hash = hashPart(before, slot.start, slot.length)
      if (isLast) setPair(pair, hash)
      else store<u64>(hashesAt + place, hash)
      slots += stride
      pair += stride
    }
    part += partBytes
  }
}

/** Of keys without parts, or with parts that are not hashed. */
function setHashes(pairs: usize, count: u32, stride: usize): void {
  let pair = pairs
  for (let left = count; left != 0; left--) {
    setPair(pair, emptyHash())
    pair += stride
  }
}

@inline
function setPair(address: usize, hash: u64): void {
  const pair = changetype<Pair>(address)
  pair.hash = finishHash(hash)
  pair.isPresent = 1
}
