/**
 * JSON lines side by side. In a line each step begins where the one before it ended, so a processor mostly waits for the one it is at; of
 * several lines it does a step of each in nearly the time of one.
 *
 * A batch is cut into lanes, at newlines, and a line of each is read at a time: of two by two-lines.ts, of more by code for usual lines
 * or by a table (usual.ts). What comes of the lines comes of them one by one in their order. Whatever is not usual is done by the reader of single lines.
 */
import {start} from './graph'
import {areasAt, Plan} from './layout'
import {finishLine} from './json-line'
import {lineEnd} from './line-end'
import {firstEnd, readTwo, secondEnd} from './two-lines'
import {readUsualLine, readUsualLines, readUsualRows, usualLanes} from './usual'
import {missedCount} from './usual-table'

/** Lines of a batch, at most: limits.ts. */
const batchLinesMax: u32 = 64
const lanesMax: u32 = 8
/** Lines of a lane, at least: shorter ones are not worth it. */
const laneLinesMin: u32 = 4
/** Batches that are read line by line after one that broke off, at most: as many as broke off one behind the other, doubled. */
const singleBatchesMax: u32 = 64

/** Where each line of the batch ends. */
const ends = memory.data(batchLinesMax * 4, 4)
/** Where each lane stands, and where it ends. */
const places = memory.data(lanesMax * 8, 8)
/** Lines that were read of each lane. */
const counts = memory.data(lanesMax * 4, 4)

/** Lanes of which lines were read. */
export let laneCount: u32 = 0
/** All lines of the last lanes were read by code for usual lines, or by their table. */
export let areUsual: bool = false
/** Lines that a lane has room for: so far are their areas apart. */
export let laneLines: u32 = 0

/** Bytes of a line, as of late; 0: not known yet. */
let usualBytes: usize = 0
/** Batches to read line by line before lanes are tried again. */
let singleBatches: u32 = 0
let nextSingleBatches: u32 = 0

export function openLanes(): void {
  usualBytes = 0
  singleBatches = 0
  nextSingleBatches = 1
}

/** All lines of the last lanes came to something. */
@inline
export function noteWhole(): void {
  nextSingleBatches = 1
}

/** The last lanes broke off: what they were read for was mostly in vain. */
@inline
export function noteBroken(): void {
  singleBatches = nextSingleBatches
  nextSingleBatches = min(nextSingleBatches << 1, singleBatchesMax)
}

/** Where the line ends whose area is number `index`. */
@inline
export function endOfLine(index: u32): usize {
  return <usize>load<u32>(ends + (<usize>index << 2))
}

@inline
export function countOf(lane: u32): u32 {
  return load<u32>(counts + (<usize>lane << 2))
}

@inline
function setCount(lane: u32, count: u32): void {
  store<u32>(counts + (<usize>lane << 2), count)
}

@inline
function placeOf(lane: u32): usize {
  return places + (<usize>lane << 3)
}

@inline
function endAt(lane: u32, row: u32): usize {
  return ends + (<usize>(lane * laneLines + row) << 2)
}

/**
 * Reads lines from `from` on into the areas of all lanes.
 *
 * @returns false: nothing was read, this batch has to be read line by line
 */
export function readLanes(plan: Plan, from: usize, to: usize): bool {
  if (singleBatches != 0) {
    singleBatches--
    return false
  }
  laneCount = usualLanes == 0 ? 2 : usualLanes
  laneLines = plan.batchLines / laneCount
  if (laneLines < laneLinesMin || !cut(from, to)) return false
  areUsual = usualLanes != 0
  const missed = missedCount
  readRows(plan)
  let lane: u32 = 0
  while (lane < laneCount && finishLane(plan, lane)) lane++
  if (missedCount != missed) areUsual = false
  // Behind a lane that was not read to its end nothing counts.
  laneCount = min(lane + 1, laneCount)
  const count = countOf(0)
  if (count == 0) {
    noteBroken()
    return false
  }
  usualBytes = (endOfLine(count - 1) - from) / <usize>count
  return true
}

/** Says where the lanes begin and end. Returns false when there is too little for all of them. */
function cut(from: usize, to: usize): bool {
  if (usualBytes == 0) usualBytes = lineEnd(from) - from
  // Lines differ: with a few less a lane is not full before it comes to the next one.
  const wanted = usualBytes * <usize>(laneLines - (laneLines >> 3))
  const laneBytes = min(wanted, (to - from) / <usize>laneCount)
  if (laneBytes < usualBytes * <usize>laneLinesMin) return false
  let at = from
  for (let lane: u32 = 0; lane < laneCount; lane++) {
    const cutAt = from + <usize>(lane + 1) * laneBytes
    const next = cutAt >= to ? to : lineEnd(cutAt)
    if (next >= to && lane + 1 != laneCount) return false
    store<u32>(placeOf(lane), <u32>at)
    store<u32>(placeOf(lane), <u32>next, 4)
    at = next
  }
  return true
}

/** Whether every lane has one more line, and room for it. */
function isAhead(row: u32): bool {
  if (row >= laneLines) return false
  for (let lane: u32 = 0; lane < laneCount; lane++) {
    if (load<u32>(placeOf(lane)) >= load<u32>(placeOf(lane), 4)) return false
  }
  return true
}

/** Reads a line of each lane as long as all have one. */
function readRows(plan: Plan): void {
  const stride = <usize>plan.areaBytes
  let row: u32 = 0
  while (isAhead(row)) {
    if (usualLanes != 0) {
      const reached = readUsualRows(places, areasAt + <usize>row * stride, endAt(0, row), endAt(0, laneLines))
      row = <u32>(reached - ends) >> 2
      if (!isAhead(row)) break
    }
    const done = usualLanes != 0 ? readRow(row, stride) : readPair(row, stride)
    if (done != laneCount) {
      for (let lane: u32 = 0; lane < laneCount; lane++) setCount(lane, row + <u32>(lane < done))
      return
    }
    row++
  }
  for (let lane: u32 = 0; lane < laneCount; lane++) setCount(lane, row)
}

/** Reads a line of each lane by itself. Returns how many were read before one that is for the row path. */
function readRow(row: u32, stride: usize): u32 {
  let lane: u32 = 0
  for (; lane < laneCount; lane++) {
    const at = <usize>load<u32>(placeOf(lane))
    const area = areasAt + <usize>(lane * laneLines + row) * stride
    let end = readUsualLine(at, area)
    if (end == 0) {
      areUsual = false
      end = finishLine(at, start, 0, area)
    }
    if (end == 0) break
    move(lane, row, end)
  }
  return lane
}

function readPair(row: u32, stride: usize): u32 {
  const area = areasAt + <usize>row * stride
  readTwo(<usize>load<u32>(placeOf(0)), area, <usize>load<u32>(placeOf(1)), area + <usize>laneLines * stride)
  if (firstEnd == 0) return 0
  move(0, row, firstEnd)
  if (secondEnd == 0) return 1
  move(1, row, secondEnd)
  return 2
}

@inline
function move(lane: u32, row: u32, end: usize): void {
  store<u32>(placeOf(lane), <u32>end)
  store<u32>(endAt(lane, row), <u32>end)
}

/** Reads what is left of a lane. Returns whether it came to its end; the last one has come there, too, when it is full. */
function finishLane(plan: Plan, lane: u32): bool {
  const stride = <usize>plan.areaBytes
  const place = placeOf(lane)
  const to = load<u32>(place, 4)
  let row = countOf(lane)
  while (load<u32>(place) < to && row < laneLines) {
    const area = areasAt + <usize>(lane * laneLines + row) * stride
    if (usualLanes != 0) {
      const reached = readUsualLines(place, area, endAt(lane, row), endAt(lane, laneLines))
      const read = <u32>(reached - endAt(lane, row)) >> 2
      row += read
      if (read != 0) continue
    }
    areUsual = false
    const end = finishLine(<usize>load<u32>(place), start, 0, area)
    if (end == 0) break
    move(lane, row, end)
    row++
  }
  setCount(lane, row)
  return load<u32>(place) == to
}
