/**
 * Code for lines that look like most of this input's, made by the host while it scans (../usual-line): its functions lie in the module's
 * table, and are called as these here are. Or a table of what such lines consist of, which is read here.
 */
import {missedCount, openTable, readTableRows} from './usual-table'

/** Lines that it reads side by side; 0: there is none. */
export let usualLanes: u32 = 0
/** What `finishLine` would find to be the bits of a usual line. */
export let usualBits: u64 = 0
/** Lines that it has read. */
export let usualCount: u32 = 0
/** There is a table instead of code (usual-table.ts): for rows of lines, not for one by itself. */
export let isTable: bool = false

/** Places in the table. */
let readLanes: u32 = 0
let readLane: u32 = 0

/** 16 times the same byte each. */
const vectors = memory.data(16 * 16, 16)
/** Of a line by itself: where it begins, and where lines that are read end; then its end. */
const alone = memory.data(12, 8)

export function usualVectors(): usize {
  return vectors
}

export function clearUsual(): void {
  usualLanes = 0
  isTable = false
  usualCount = 0
}

/** @param lanes - 0: no more of it */
export function setUsual(lanes: u32, lanesPlace: u32, lanePlace: u32, bits: u64): void {
  usualLanes = lanes
  isTable = false
  readLanes = lanesPlace
  readLane = lanePlace
  usualBits = bits
}

/** Has long lines read by the table. */
export function setTable(entryCount: u32, bits: u64): void {
  openTable(entryCount)
  usualLanes = 4
  isTable = true
  usualBits = bits
}

/**
 * Reads rows of lines, one of each lane.
 *
 * @param lanes - where each of them stands, and where it ends
 * @param area - of the next line of the first lane
 * @param ends - where its end goes
 * @param endsTo - behind the last place for an end
 * @returns the place for the end that comes next
 */
@inline
export function readUsualRows(lanes: usize, area: usize, ends: usize, endsTo: usize): usize {
  const missed = missedCount
  const reached = isTable
    ? readTableRows(lanes, area, ends, endsTo)
    : <usize>call_indirect<u32>(readLanes, <u32>lanes, <u32>area, <u32>ends, <u32>endsTo)
  usualCount += (<u32>(reached - ends) >> 2) * usualLanes - (missedCount - missed)
  return reached
}

/** The same of one lane. */
@inline
export function readUsualLines(lane: usize, area: usize, ends: usize, endsTo: usize): usize {
  if (isTable) return ends
  const reached = <usize>call_indirect<u32>(readLane, <u32>lane, <u32>area, <u32>ends, <u32>endsTo)
  usualCount += <u32>(reached - ends) >> 2
  return reached
}

/** Reads one line. Returns where it ends; 0: it is not usual. */
@inline
export function readUsualLine(from: usize, area: usize): usize {
  store<u32>(alone, <u32>from)
  store<u32>(alone, <u32>from + 1, 4)
  const place = alone + 8
  return readUsualLines(alone, area, place, place + 4) == place ? 0 : <usize>load<u32>(place)
}
