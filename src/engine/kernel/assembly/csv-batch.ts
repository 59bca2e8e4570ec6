/**
 * Batches of CSV records: cells and conditions a column at a time, and where the plan is no more than columns, numbers, hashes
 * and checks as well.
 *
 * What a batch gives is what single records give. Records that do not meet the rule's condition are left out as soon as that is
 * known: the others close up in the areas. A batch ends before a record for which there is more to decide.
 */
import {beginColumns, checkValues, hashColumns, readCells, readNumbers, unfit} from './csv-columns'
import {isTested, recordsThatMeet, unclearRecords} from './batch-conditions'
import {findRecords, foundRecords, keepRecords, keptRecords, listMax, placeOfKept} from './csv-records'
import {derive} from './derived'
import {
  areasAt,
  Column,
  columnBytes,
  Derived,
  derivedBytes,
  formatCsv,
  Keyset,
  keysetBytes,
  noColumn,
  Part,
  partBytes,
  Plan,
} from './layout'

let plan: Plan = changetype<Plan>(0)
/** From the area of a record to that of the next one. */
let stride: usize = 0
/** Cells that a record has to have for it; 0: the plan is not for batches. */
let cellCount: u32 = 0
/** Bits of the columns that the rule's condition needs. */
let testedColumns: u64 = 0
/** Everything is done by columns; else only what comes before the conditions of keysets and the fields that are made. */
export let isByColumn: bool = false

/** Records that the batch is about, and how many of them are left, in the first areas. */
export let batchRecords: u32 = 0
export let batchAreas: u32 = 0
/** Where those that are left are listed. */
let list: usize = foundRecords

/** Records of the next batch: few where batches end early, because what was done for the rest of them is done again. */
let sizeWanted: u32 = listMax
const sizeMin: u32 = 4

/** @param image - whose columns have their numbers; they may have others at the next scan */
export function openBatches(image: Plan): void {
  plan = image
  stride = <usize>plan.areaBytes
  cellCount = 0
  sizeWanted = listMax
  if (plan.format != formatCsv) return
  isByColumn = isPlain()
  cellCount = 1
  testedColumns = 0
  let address = <usize>plan.columns
  for (let index: u32 = 0; index < plan.columnCount; index++) {
    const column = changetype<Column>(address)
    if (column.index != noColumn) cellCount = max(cellCount, column.index + 1)
    else if (isKeyPart(column.slot)) isByColumn = false
    testedColumns |= <u64>isNeededEarly(column.slot) << <u64>index
    address += columnBytes
  }
}

@inline
export function hasBatches(): bool {
  return cellCount != 0
}

function isPlain(): bool {
  if (plan.partCondition != 0 || plan.derivedCount != 0) return false
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    if (changetype<Keyset>(address).condition != 0) return false
    address += keysetBytes
  }
  return true
}

/** Fields that are made for the condition may need any. */
function isNeededEarly(slot: u32): bool {
  return plan.condition != 0 && (plan.earlyCount != 0 || isTested(plan.condition, slot))
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

/** Reads records into the areas, the first of them at `at`. False: that one is not for a batch. */
export function readBatch(at: usize, to: usize): bool {
  const wanted = min(sizeWanted, min(plan.batchLines, listMax))
  batchRecords = findRecords(at, to, wanted, cellCount)
  if (batchRecords == 0) return false
  sizeWanted = min(listMax, sizeWanted << 1)
  batchAreas = batchRecords
  list = foundRecords
  beginColumns()
  if (plan.condition != 0) {
    readColumns(testedColumns)
    if (!deriveEarly()) return false
    if (!keepThoseThatMeet()) return false
  }
  readColumns(~testedColumns)
  if (isByColumn) readValues()
  if (unfit != 0) cutBatch(min(batchAreas, <u32>ctz<u64>(unfit)))
  return batchRecords != 0
}

/** The batch ends before number `index` of the records that are left. */
export function cutBatch(index: u32): void {
  if (index >= batchAreas) return
  batchAreas = index
  batchRecords = list == foundRecords ? index : placeOfKept(index)
  sizeWanted = max(sizeMin, batchRecords << 1)
}

function readColumns(columns: u64): void {
  if (batchAreas == 0) return
  for (let rest = columns & bitsOf(plan.columnCount); rest != 0; rest &= rest - 1) {
    readCells(changetype<Column>(<usize>plan.columns + <usize>ctz<u64>(rest) * columnBytes), list, batchAreas, stride)
  }
}

@inline
function bitsOf(count: u32): u64 {
  return count == 0 ? 0 : u64.MAX_VALUE >> <u64>(64 - count)
}

/** Makes the fields that the condition needs. False: nothing is left. */
function deriveEarly(): bool {
  if (unfit != 0) cutBatch(<u32>ctz<u64>(unfit))
  for (let index: u32 = 0; index < plan.earlyCount; index++) {
    const derived = changetype<Derived>(<usize>plan.derived + <usize>index * derivedBytes)
    for (let place: u32 = 0; place < batchAreas; place++) {
      if (!derive(derived, areasAt + <usize>place * stride)) cutBatch(place)
    }
  }
  return batchAreas != 0
}

/** Asks the rule's condition. False: nothing is certain about the first record. */
function keepThoseThatMeet(): bool {
  const all = bitsOf(batchAreas)
  const met = recordsThatMeet(plan.condition, all, stride)
  if (unclearRecords != 0) cutBatch(<u32>ctz<u64>(unclearRecords))
  const kept = met & bitsOf(batchAreas)
  if (kept == bitsOf(batchAreas)) return batchAreas != 0
  keepRecords(kept)
  list = keptRecords
  batchAreas = 0
  for (let rest = kept; rest != 0; rest &= rest - 1) {
    const place = <usize>ctz<u64>(rest)
    if (<usize>batchAreas != place) copyArea(areasAt + <usize>batchAreas * stride, areasAt + place * stride)
    batchAreas++
  }
  return batchRecords != 0
}

function copyArea(to: usize, from: usize): void {
  for (let at: usize = 0; at < stride; at += 8) store<u64>(to + at, load<u64>(from + at))
}

function readValues(): void {
  if (batchAreas == 0) return
  let address = <usize>plan.numbers
  for (let left = plan.numberCount; left != 0; left--) {
    readNumbers(batchAreas, areasAt + <usize>load<u32>(address), stride)
    address += 4
  }
  address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    checkValues(changetype<Keyset>(address), batchAreas, stride)
    address += keysetBytes
  }
}

/** Hashes the keys of the records that are left. */
export function hashBatch(keyset: Keyset): void {
  hashColumns(keyset, areasAt, batchAreas, stride)
}
