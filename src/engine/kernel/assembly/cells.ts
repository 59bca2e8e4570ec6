/**
 * Groups of two coded parts as cells: a row for each text of the first part, in it a cell for each text of the second, and in the cell what the
 * group's states are: how many pairs it has, in the upper 24 bits, and the sum of one value, in the lower 40, below zero as well.
 *
 * In a hash table of many groups a place and states lie anywhere in some 32 bytes a group; here it is one look at eight bytes. So a table
 * goes over to cells when its groups fill a good part of them, and back to a hash table, with states of 64 bits, when most cells would be
 * empty, or one comes near the end of its bits.
 */
import {codedGroupOf, codesOf, dictionaryOf, hashOf} from './codes'
import {emptySlots, giveRegion, newRegion, newZeros, setTable} from './groups'
import {absent, areasAt, Keyset, keysetBytes, opCount, opSum, Pair, Plan, Slot, Value, valueBytes} from './layout'
import {powerOfTen} from './numbers'

@unmanaged
class Cells {
  /** Addresses of the rows, and how many there are room for. */
  rows: u32
  rowsMax: u32
  rowCount: u32
  /** Cells of a row. */
  width: u32
}
const cellsBytes: usize = 16
export const cellBytes: usize = 8

const sumBits: u64 = 40
const onePair: i64 = 1 << sumBits
const batchLinesMax: u32 = 64
/** The lines of a batch add less than 2^38, and the sums are looked at behind each batch: so they stay below 2^39. */
const addendBits: u64 = 32
const addendMax: i64 = 1 << addendBits
const sumMax: i64 = 1 << 38
const pairsMax: i64 = 1 << 23

/** Cells for each group, at most: when a table goes over to them, and later. */
const cellsOfGroupFirst: u64 = 8
const cellsOfGroupMax: u64 = 32
/** So few groups may have as many cells as so many: those take little memory. */
const groupsMin: u32 = 4096
const never: u32 = u32.MAX_VALUE
const pageBytes: usize = 4096

/** Of each line of a batch: its area and its cell, 32 bits each, and what is added to the cell. */
const linesAt: usize = memory.data(<i32>batchLinesMax * 16, 8)
const lineBytes: usize = 16
/** What a group of a cell looks like elsewhere. */
const groupAt: usize = memory.data(8 + 64, 8)
const stateBytesMax: u32 = 64
/** Keeps loads that only warm the cache from being left out. */
let warmth: u32 = 0

/** @param cellsFrom - past so many groups a table may go over to cells; 0: whether that pays or not */
export function openCells(plan: Plan, cellsFrom: u32): void {
  for (let index: u32 = 0; index < plan.tableCount; index++) {
    const keyset = changetype<Keyset>(<usize>plan.keysets + <usize>index * keysetBytes)
    keyset.cellsFrom = isForCells(keyset) ? cellsFrom : never
  }
}

/** Whether the states are counts of pairs, and the sum of one value at most. */
function isForCells(keyset: Keyset): bool {
  let sums: u32 = 0
  let address = <usize>keyset.values
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    if (!isCount(value)) {
      if (value.op != opSum) return false
      sums++
    }
    address += valueBytes
  }
  return keyset.partCount == 2 && sums <= 1 && keyset.stateBytes <= stateBytesMax
}

/** A sum of a field that counts one where it is absent is a count of pairs for as long as no line has it. */
@inline
export function isCount(value: Value): bool {
  return value.op == opCount || (value.op == opSum && value.absent == 1)
}

/** The sum in a cell. */
@inline
export function totalOf(cell: i64): i64 {
  return (cell << (64 - sumBits)) >> (64 - sumBits)
}

/** How many pairs a cell has. */
@inline
export function pairsOf(cell: i64): u64 {
  return <u64>(cell - totalOf(cell)) >> sumBits
}

/** After a batch, of a table whose keys are codes: goes over to cells when that pays, instead of doubling. */
@inline
export function noteCells(keyset: Keyset): void {
  const isDue = keyset.cellsFrom == 0 || keyset.groups + batchLinesMax > keyset.groupsMax
  if (isDue && keyset.cells == 0 && keyset.groups > keyset.cellsFrom) makeCells(keyset)
}

function makeCells(keyset: Keyset): void {
  const rowCount = dictionaryOf(keyset, 0).groups
  const texts = dictionaryOf(keyset, 1).groups
  if (keyset.cellsFrom != 0 && <u64>rowCount * <u64>texts > <u64>keyset.groups * cellsOfGroupFirst) return
  const cells = changetype<Cells>(newRegion(cellsBytes))
  cells.rowsMax = 0
  cells.rowCount = 0
  cells.width = widthFor(texts)
  makeRows(keyset, cells, rowCount)
  if (!takeGroups(keyset, cells, 0, keyset.mask + 1)) {
    giveRows(cells)
    keyset.cellsFrom = never
    return
  }
  giveRegion(keyset.index, (<usize>keyset.mask + 1) << 3)
  setTable(keyset, emptySlots)
  keyset.cells = changetype<u32>(cells)
}

/** Places of a table, or cells, that are gone through by one call, so that the engine's better code is used soon: see sort.ts. */
const stretchCount: u32 = 4096

/**
 * Puts the states of the groups at the places first..last-1 of the table into cells. Returns false when they have no room there. Halves are done
 * by calls of itself, which no compiler makes one loop of.
 */
function takeGroups(keyset: Keyset, cells: Cells, first: u32, last: u32): bool {
  if (last - first > stretchCount) {
    const middle = (first + last) >> 1
    return takeGroups(keyset, cells, first, middle) && takeGroups(keyset, cells, middle, last)
  }
  const shift = dictionaryOf(keyset, 0).shift
  for (let place = first; place < last; place++) {
    const pair = load<u64>(<usize>keyset.index + (<usize>place << 3))
    const group = <usize>(pair >> 32)
    if (group == 0) continue
    if (!isSmall(keyset, group)) return false
    store<i64>(cellOf(cells.rows, shift, codesOf(<u32>pair)), cellFor(keyset, group))
  }
  return true
}

function giveRows(cells: Cells): void {
  for (let code: u32 = 0; code < cells.rowCount; code++) {
    giveRegion(load<u32>(<usize>cells.rows + (<usize>code << 2)), <usize>cells.width * cellBytes)
  }
}

/** Whether the states of a group have room in a cell, and all of its counts are the same. */
function isSmall(keyset: Keyset, group: usize): bool {
  let count: i64 = 0
  let address = <usize>keyset.values
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    const state = load<i64>(group + <usize>value.state)
    address += valueBytes
    if (!isCount(value)) {
      if (abs<i64>(state) >= sumMax) return false
    } else {
      if (value.scale != 0 || state <= 0 || state >= pairsMax || (count != 0 && state != count)) return false
      count = state
    }
  }
  return true
}

function cellFor(keyset: Keyset, group: usize): i64 {
  // Where nobody asks for it, any count says that there is a group.
  let count: i64 = 1
  let sum: i64 = 0
  let address = <usize>keyset.values
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    const state = load<i64>(group + <usize>value.state)
    if (isCount(value)) count = state
    else sum = state
    address += valueBytes
  }
  return (count << sumBits) + sum
}

/**
 * Cells of a row for so many texts, and as many again: those that nobody needs take no memory of the machine's. An odd number of cache lines,
 * so that the same place of all rows is not in few sets of the caches.
 */
@inline
function widthFor(texts: u32): u32 {
  return (((texts >> 2) + 8) | 1) << 3
}

/** The first part's code is above the second one's. */
@inline
function cellOf(rows: u32, shift: u32, codes: u32): usize {
  const row = load<u32>(<usize>rows + (<usize>(codes >> shift) << 2))
  return <usize>row + <usize>(codes & ((<u32>1 << shift) - 1)) * cellBytes
}

/** Makes rows until there are so many. */
function makeRows(keyset: Keyset, cells: Cells, count: u32): void {
  if (count > cells.rowsMax) {
    const most = count + (count >> 1) + 64
    const rows = newRegion(<usize>most << 2)
    memory.copy(rows, cells.rows, <usize>cells.rowCount << 2)
    cells.rows = <u32>rows
    cells.rowsMax = most
  }
  const bytes = <usize>cells.width * cellBytes
  const used = <usize>dictionaryOf(keyset, 1).groups * cellBytes
  for (let row = cells.rowCount; row < count; row++) {
    const address = newZeros(bytes)
    // A page that is read before it is written to is given twice.
    for (let at: usize = 0; at < used; at += pageBytes) store<u64>(address + at, 0)
    store<u32>(<usize>cells.rows + (<usize>row << 2), <u32>address)
  }
  cells.rowCount = count
}

/** Gives the second part's texts more room. */
function widen(keyset: Keyset, cells: Cells, width: u32): void {
  const rowCount = cells.rowCount
  const before = <usize>cells.width * cellBytes
  const from = <usize>cells.rows
  cells.width = width
  cells.rowsMax = 0
  cells.rowCount = 0
  makeRows(keyset, cells, rowCount)
  for (let row: u32 = 0; row < rowCount; row++) {
    const old = <usize>load<u32>(from + (<usize>row << 2))
    memory.copy(<usize>load<u32>(<usize>cells.rows + (<usize>row << 2)), old, before)
    giveRegion(old, before)
  }
}

/** Makes cells for texts that are new. Returns false when too many would be empty. */
function reachTexts(keyset: Keyset, cells: Cells): bool {
  const rowCount = dictionaryOf(keyset, 0).groups
  const texts = dictionaryOf(keyset, 1).groups
  if (rowCount <= cells.rowCount && texts <= cells.width) return true
  const width = texts <= cells.width ? cells.width : widthFor(texts)
  if (<u64>rowCount * <u64>width > <u64>max(keyset.groups, groupsMin) * cellsOfGroupMax) return false
  if (width != cells.width) widen(keyset, cells, width)
  makeRows(keyset, cells, rowCount)
  return true
}

/**
 * Adds a batch of lines, whose codes are known. Returns false, and adds nothing, when the table is none of cells any more.
 */
export function addToCells(keyset: Keyset, count: u32, stride: usize): bool {
  const cells = changetype<Cells>(keyset.cells)
  const end = reachTexts(keyset, cells) ? listLines(keyset, cells, count, stride) : 0
  if (end == 0) {
    giveUp(keyset)
    return false
  }
  // In a loop so short that the misses of many cells pass at once.
  let sum: u32 = 0
  for (let at = linesAt; at < end; at += lineBytes) sum += load<u8>(<usize>load<u32>(at, 4))
  warmth = sum
  let beyond: u64 = 0
  let fresh: u32 = 0
  for (let at = linesAt; at < end; at += lineBytes) {
    const cell = <usize>load<u32>(at, 4)
    const before = load<i64>(cell)
    const after = before + load<i64>(at, 8)
    store<i64>(cell, after)
    fresh += <u32>(before == 0)
    // A count that has come half of its way makes the cell a number below zero.
    beyond |= ((<u64>(totalOf(after) + sumMax)) >> (sumBits - 1)) | (<u64>after >> 63)
  }
  keyset.groups += fresh
  if (beyond != 0) giveUp(keyset)
  return true
}

/** Lists the cells of a batch with what is added to each. Returns where the list ends; 0: a value is not for cells. */
function listLines(keyset: Keyset, cells: Cells, count: u32, stride: usize): usize {
  const rows = cells.rows
  const shift = dictionaryOf(keyset, 0).shift
  let area = areasAt
  let to = linesAt
  for (let line = count; line != 0; line--) {
    const pair = changetype<Pair>(area + <usize>keyset.pair)
    if (pair.isPresent != 0) {
      store<u32>(to, <u32>area)
      store<u32>(to, <u32>cellOf(rows, shift, pair.likely), 4)
      store<i64>(to, onePair, 8)
      to += lineBytes
    }
    area += stride
  }
  let address = <usize>keyset.values
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    address += valueBytes
    if (value.op == opSum && !(isCount(value) ? areAbsent(value, to) : addNumbers(value, to))) return 0
  }
  return to
}

/** Whether no line has the field. */
function areAbsent(value: Value, end: usize): bool {
  const slots = <usize>value.slot
  let kinds: u32 = absent
  for (let at = linesAt; at < end; at += lineBytes) kinds |= changetype<Slot>(<usize>load<u32>(at) + slots).kind
  return kinds == absent
}

/** Adds the lines' numbers to what is added to cells. Returns false when one is too large. */
function addNumbers(value: Value, end: usize): bool {
  const slots = <usize>value.slot
  const scale = value.scale
  let beyond: u64 = 0
  for (let at = linesAt; at < end; at += lineBytes) {
    const slot = changetype<Slot>(<usize>load<u32>(at) + slots)
    const number = (slot.kind == absent ? <i64>value.absent : slot.mantissa) * powerOfTen(scale - slot.scale)
    beyond |= <u64>(number + addendMax) >> (addendBits + 1)
    store<i64>(at, onePair + number, 8)
  }
  return beyond == 0
}

function giveUp(keyset: Keyset): void {
  leaveCells(keyset)
  keyset.cellsFrom = never
}

/** Makes groups with states of their own again. */
export function leaveCells(keyset: Keyset): void {
  const cells = changetype<Cells>(keyset.cells)
  keyset.cells = 0
  keyset.groups = 0
  leaveRows(keyset, cells, 0, cells.rowCount)
}

/** The rows first..last-1, by calls of itself as well. */
function leaveRows(keyset: Keyset, cells: Cells, first: u32, last: u32): void {
  if (last - first > 1) {
    const middle = (first + last) >> 1
    leaveRows(keyset, cells, first, middle)
    leaveRows(keyset, cells, middle, last)
    return
  }
  const count = min(cells.width, dictionaryOf(keyset, 1).groups)
  const codes = first << dictionaryOf(keyset, 0).shift
  const row = <usize>load<u32>(<usize>cells.rows + (<usize>first << 2))
  for (let place: u32 = 0; place < count; place++) {
    const cell = load<i64>(row + <usize>place * cellBytes)
    if (cell != 0) giveStates(keyset, cell, codedGroupOf(keyset, hashOf(codes | place)))
  }
  // Groups of the rows behind it may lie there.
  giveRegion(row, <usize>cells.width * cellBytes)
}

function giveStates(keyset: Keyset, cell: i64, group: usize): void {
  let address = <usize>keyset.values
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    store<i64>(group + <usize>value.state, isCount(value) ? <i64>pairsOf(cell) : totalOf(cell))
    address += valueBytes
  }
}

/** A group with the states of a cell, until the next one is asked for. */
export function groupOfCell(keyset: Keyset, cell: usize): usize {
  giveStates(keyset, load<i64>(cell), groupAt)
  return groupAt
}

/** The row of a text of the first part. */
export function rowOf(keyset: Keyset, code: u32): usize {
  return load<u32>(<usize>changetype<Cells>(keyset.cells).rows + (<usize>code << 2))
}
