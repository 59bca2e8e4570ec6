/** What the kernel's host sees (../instance.ts). Addresses are offsets in the exported memory. */
import {openCells} from './cells'
import {dictionaryOf, openCodes} from './codes'
import * as codedRuns from './coded-run'
import {openFewGroups} from './few-groups'
import {openGraph} from './graph'
import {arenaBytes, clearArena, emptyTable} from './groups'
import {clearHeap} from './heap'
import {
  arenaAt,
  formatJson,
  formatLogfmt,
  inputAt,
  inputBytes,
  Keyset,
  keysetBytes,
  outAt,
  Plan,
  planAt,
  planBytesMax,
  rangesAt,
  recordLinesAt,
  recordsAt,
  resultAt,
  resultBytes,
  slack,
  Value,
  valueBytes,
} from './layout'
import * as counts from './counts'
import * as lines from './json-line'
import * as passed from './passed'
import * as reading from './read-record'
import * as records from './records'
import * as runs from './runs'
import * as scanner from './scan'
import {Slot, number as numberKind} from './layout'
import {readNumber, skipNumber} from './numbers'
import {nextStop, openText, unusualStringEnd} from './text'
import {openZones} from './times'
import * as usual from './usual'
import {tableAddress} from './usual-table'
import {openVectors} from './vectors'
import {noteUsualFields} from './whole-batch'

let plan: Plan = changetype<Plan>(0)

/** Makes the fixed regions; the plan image goes to planAddress next. */
export function prepare(): void {
  const pages = (arenaAt >> 16) + 1
  const have = <usize>memory.size()
  if (pages > have && memory.grow(<i32>(pages - have)) < 0) unreachable()
  openVectors()
}

export function planAddress(): usize {
  return planAt
}

export function planCapacity(): usize {
  return planBytesMax
}

export function inputAddress(): usize {
  return inputAt
}

export function inputCapacity(): usize {
  return inputBytes
}

/** Bytes behind the input that are read, too: nothing may lie there that matters. */
export function inputSlack(): usize {
  return slack
}

export function rangesAddress(): usize {
  return rangesAt
}

/** Where the host writes what it made of a value: length, scale (32 bits each), mantissa (64 bits), text. */
export function resultAddress(): usize {
  return resultAt
}

export function resultCapacity(): usize {
  return resultBytes
}

/** Where the last block of a run is. */
export function blockAddress(): usize {
  return runs.out
}

/**
 * Takes the plan image.
 *
 * @param bytesMax - past so many bytes of groups a scan stops, for them to be written out
 * @param codesFrom - past so many groups of a table keys may become codes; 0: they do after the first batch
 * @param cellsFrom - past so many groups of a table whose keys are codes they may become cells; 0: they do after the next batch
 */
export function open(bytesMax: usize, codesFrom: u32, cellsFrom: u32): void {
  plan = changetype<Plan>(planAt)
  openCodes(plan, codesFrom)
  openCells(plan, cellsFrom)
  if (plan.format == formatJson || plan.format == formatLogfmt) openGraph(plan)
  scanner.openScan(bytesMax)
  openZones()
  openText()
  clear()
}

/** Forgets all groups. */
export function clear(): void {
  clearArena()
  clearHeap()
  scanner.written()
  for (let index: u32 = 0; index < plan.tableCount; index++) {
    const keyset = keysetOf(index)
    emptyTable(keyset)
    for (let place: u32 = 0; place < keyset.valueCount; place++) {
      changetype<Value>(<usize>keyset.values + <usize>place * valueBytes).scale = 0
    }
  }
  openFewGroups(plan)
}

@inline
function keysetOf(index: u32): Keyset {
  return changetype<Keyset>(<usize>plan.keysets + <usize>index * keysetBytes)
}

/** Bytes of groups and tables. */
export function bytes(): usize {
  return arenaBytes()
}

export function groupCount(keyset: u32): u32 {
  return keysetOf(keyset).groups
}

export function beginPart(): void {
  counts.beginPart()
}

export function scan(from: usize, to: usize): usize {
  return scanner.scan(from, to)
}

/** Why the last scan stopped before the end: 0 for ranges or groups, 1 at an unfinished record, 2 at one for the row path to follow. */
export function stopReason(): u32 {
  return reading.stopped
}

/** Lines read since beginPart. */
export function lineCount(): u32 {
  return counts.lines
}

export function addLines(count: u32): void {
  counts.addLines(count)
}

export function rangeCount(): u32 {
  return passed.rangeCount
}

export function mustWrite(): bool {
  return scanner.mustWrite()
}

export function usedCount(): f64 {
  return <f64>counts.usedCount
}

export function noKeyCount(): f64 {
  return <f64>counts.noKeyCount
}

export function filteredCount(): f64 {
  return <f64>counts.filteredCount
}

export function clearCounts(): void {
  counts.clearCounts()
}

/** Small records since the last `scan`: a JSON array of them at recordsAddress, their lines at recordLinesAddress. */
export function recordCount(): u32 {
  return records.recordCount
}

export function recordBytes(): u32 {
  return records.recordBytesUsed
}

export function recordsAddress(): usize {
  return recordsAt
}

export function recordLinesAddress(): usize {
  return recordLinesAt
}

export function beginRun(keyset: u32): void {
  runs.beginRun(keysetOf(keyset))
}

/** Bytes of the next block. It is at blockAddress then, and the memory may have moved. */
export function writeBlock(keyset: u32): usize {
  return runs.writeBlock(keysetOf(keyset))
}

export function blockRecords(): u32 {
  return runs.blockRecords
}

export function isRunEnd(keyset: u32): bool {
  return runs.isRunEnd(keysetOf(keyset))
}

/** After beginRun: whether the keys of the groups are codes, so that they can be written as a coded run. */
export function hasCodes(keyset: u32): bool {
  return keysetOf(keyset).codes != 0
}

/** Begins a coded run with the texts of a part. Returns the bytes; they are at textsAddress. */
export function writeTexts(keyset: u32, part: u32): usize {
  codedRuns.beginCoded()
  return codedRuns.writeTexts(keysetOf(keyset), part)
}

export function textsAddress(): usize {
  return codedRuns.textsAt
}

/** How many texts a part has. */
export function textCount(keyset: u32, part: u32): u32 {
  return dictionaryOf(keysetOf(keyset), part).groups
}

/** Where the place of its text stands in an entry: how far up, and in how many bits. */
export function placeShift(keyset: u32, part: u32): u32 {
  return dictionaryOf(keysetOf(keyset), part).rankShift
}

export function placeBits(keyset: u32, part: u32): u32 {
  return dictionaryOf(keysetOf(keyset), part).rankBits
}

/** Decimal places that the totals of a value have. */
export function valueScale(keyset: u32, value: u32): u32 {
  return changetype<Value>(<usize>keysetOf(keyset).values + <usize>value * valueBytes).scale
}

/** Writes the entries first..last-1 of a coded run, of so many bytes each, to entriesAddress: 256 KiB at most. */
export function writeEntries(keyset: u32, first: u32, last: u32, bytes: usize): void {
  codedRuns.writeEntries(keysetOf(keyset), first, last, bytes)
}

export function entriesAddress(): usize {
  return outAt
}

/** No count of the entries written has more bits; nor the size of any total. */
export function countBits(): u32 {
  return 64 - <u32>clz<u64>(codedRuns.countBits)
}

export function totalBits(): u32 {
  return 64 - <u32>clz<u64>(codedRuns.totalBits)
}

/** Where the vectors of usual lines go (../usual-line). */
export function usualVectors(): usize {
  return usual.usualVectors()
}

/**
 * Takes code for usual lines, whose functions lie in the table.
 *
 * @param lanes - lines that it reads side by side
 */
export function setUsual(lanes: u32, lanesPlace: u32, lanePlace: u32, bits: u64): void {
  usual.setUsual(lanes, lanesPlace, lanePlace, bits)
}

/** Says which fields are a text or a number in every usual line, and which are a number or absent: a bit for each, by its number. */
export function setUsualFields(present: u64, numeric: u64): void {
  noteUsualFields(present, numeric)
}

/** Where the table goes by which long usual lines are read (../usual-line/line-table.ts). */
export function usualTable(): usize {
  return tableAddress()
}

/** Reads long lines by it. */
export function setTable(entryCount: u32, bits: u64): void {
  usual.setTable(entryCount, bits)
}

/** Lines that it has read. */
export function usualCount(): u32 {
  return usual.usualCount
}

// What code for usual lines calls for the values that it has no instructions for. All return 0 for what is not to be taken as usual.

/** The next byte at which a text ends or is not plain. */
export function textStop(at: usize): usize {
  return nextStop(at)
}

/** The closing quote of a text that nobody needs, from such a byte on. */
export function skippedTextEnd(at: usize): usize {
  return unusualStringEnd(at)
}

/** The same of a text whose slot is filled in but for its length. */
export function neededTextEnd(at: usize, slot: usize): usize {
  return lines.neededTextEnd(at, changetype<Slot>(slot))
}

export function skippedNumberEnd(at: usize): usize {
  return skipNumber(at)
}

export function neededNumberEnd(at: usize, slot: usize): usize {
  const end = readNumber(at, changetype<Slot>(slot))
  return changetype<Slot>(slot).kind == numberKind ? end : 0
}

/** Behind a value that is no text. */
export function skippedValueEnd(at: usize): usize {
  return lines.skippedValueEnd(at)
}

/** Behind a value of any kind. */
export function neededValueEnd(at: usize, slot: usize, allowed: u32): usize {
  return lines.neededValueEnd(at, changetype<Slot>(slot), allowed)
}
