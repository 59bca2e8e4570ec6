/**
 * Batches of CSV records, a column at a time: what is done to a column stands in registers for all records of the batch, where one
 * record at a time would look it up in the plan again for each.
 *
 * Only for plans that count every record: without conditions and derived fields, and with columns for all parts of keys. What a
 * batch gives is what scan.ts gives record by record; it ends before a record for which there is more to decide.
 */
import {fitsScale} from './aggregates'
import {plainRecords, quotedRecords, takeColumn, unquote} from './csv'
import {emptyHash, finishHash, hashPart} from './groups'
import {
  absent,
  areasAt,
  Column,
  columnBytes,
  formatCsv,
  Keyset,
  keysetBytes,
  noColumn,
  opLast,
  opMin,
  opStddev,
  opSum,
  Pair,
  Part,
  partBytes,
  Plan,
  Slot,
  text,
  Value,
  valueBytes,
} from './layout'
import {readNumericText, readShortNumber} from './numbers'
import {hasOrder} from './ordered'

let plan: Plan = changetype<Plan>(0)
/** Cells that a record has to have for it; 0: the plan is not for batches. */
let cellCount: u32 = 0

/** Records with a number that does not fit, a bit each. */
let unfit: u64 = 0

/** Of the records of a batch: hashes of the parts so far. */
const hashesAt: usize = memory.data(64 * 8, 8)

/** @param image - whose columns have their numbers; they may have others at the next scan */
export function openBatches(image: Plan): void {
  plan = image
  cellCount = isForBatches() ? cellCountOf() : 0
}

@inline
export function hasBatches(): bool {
  return cellCount != 0
}

function isForBatches(): bool {
  if (plan.format != formatCsv || plan.condition != 0 || plan.partCondition != 0 || plan.derivedCount != 0) return false
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    if (changetype<Keyset>(address).condition != 0) return false
    address += keysetBytes
  }
  return true
}

function cellCountOf(): u32 {
  let count: u32 = 1
  let address = <usize>plan.columns
  for (let left = plan.columnCount; left != 0; left--) {
    const column = changetype<Column>(address)
    if (column.index != noColumn) count = max(count, column.index + 1)
    else if (isKeyPart(column.slot)) return 0
    address += columnBytes
  }
  return count
}

function isKeyPart(slot: u32): bool {
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    const keyset = changetype<Keyset>(address)
    for (let part: u32 = 0; part < keyset.partCount; part++) {
      if (changetype<Part>(<usize>keyset.parts + <usize>part * partBytes).slot == slot) return true
    }
    address += keysetBytes
  }
  return false
}

/** Reads records into the areas of a batch, the first of them at `at`. Returns how many of them the plan can use as they are. */
export function readBatch(at: usize, to: usize): u32 {
  const count = plainRecords(at, to, min(plan.batchLines, 64), cellCount)
  if (count == 0) return 0
  const stride = <usize>plan.areaBytes
  let address = <usize>plan.columns
  unfit = 0
  for (let left = plan.columnCount; left != 0; left--) {
    const column = changetype<Column>(address)
    const slots = areasAt + <usize>column.slot
    if (column.index == noColumn) {
      leaveOut(count, slots, stride)
    } else {
      takeColumn(column.index, count, slots, stride)
      if (quotedRecords != 0) unquoteColumn(slots, stride)
    }
    address += columnBytes
  }
  address = <usize>plan.numbers
  for (let left = plan.numberCount; left != 0; left--) {
    readColumn(count, areasAt + <usize>load<u32>(address), stride)
    address += 4
  }
  address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    checkValues(changetype<Keyset>(address), count, stride)
    address += keysetBytes
  }
  return unfit == 0 ? count : min(count, <u32>ctz<u64>(unfit))
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

function unquoteColumn(slots: usize, stride: usize): void {
  let quoted = quotedRecords
  while (quoted != 0) {
    const place = ctz<u64>(quoted)
    if (!unquote(changetype<Slot>(slots + <usize>place * stride))) unfit |= <u64>1 << place
    quoted &= quoted - 1
  }
}

/** Reads a column's texts as numbers. */
function readColumn(count: u32, slots: usize, stride: usize): void {
  if (!isThere(slots)) return
  let address = slots
  for (let place: u32 = 0; place < count; place++) {
    const slot = changetype<Slot>(address)
    if (!readShortNumber(slot) && !readNumericText(slot)) unfit |= <u64>1 << <u64>place
    address += stride
  }
}

/** What `scalesFit` says of a record, for all of them. */
function checkValues(keyset: Keyset, count: u32, stride: usize): void {
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

/** Hashes the keys of the first `count` records of the batch. */
export function hashBatch(keyset: Keyset, count: u32): void {
  const stride = <usize>plan.areaBytes
  for (let place: usize = 0; place < <usize>count << 3; place += 8) store<u64>(hashesAt + place, emptyHash())
  let part = <usize>keyset.parts
  for (let left = keyset.partCount; left != 0; left--) {
    let address = areasAt + <usize>changetype<Part>(part).slot
    for (let place: usize = 0; place < <usize>count << 3; place += 8) {
      const slot = changetype<Slot>(address)
      store<u64>(hashesAt + place, hashPart(load<u64>(hashesAt + place), slot.start, slot.length))
      address += stride
    }
    part += partBytes
  }
  let address = areasAt + <usize>keyset.pair
  for (let place: usize = 0; place < <usize>count << 3; place += 8) {
    const pair = changetype<Pair>(address)
    pair.hash = finishHash(load<u64>(hashesAt + place))
    pair.isPresent = 1
    address += stride
  }
}
