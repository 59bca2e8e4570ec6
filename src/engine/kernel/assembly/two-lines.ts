/**
 * JSON lines two at a time. In a line each step begins where the one before it ended, so a processor mostly waits for the one it is at; of
 * two lines it does both steps in nearly the time of one.
 *
 * A batch is cut in two near its middle, at a newline, and its halves are read side by side; what comes of the lines comes of them one
 * by one in their order. Whatever is not the usual step is done by the reader of single lines.
 */
import {Edge, matches, Node, start} from './graph'
import {areasAt, Plan} from './layout'
import {finishLine, hasAll, lineEnd, mismatch, readValue} from './scan'

/** Lines of a batch, at most: limits.ts. */
const batchLinesMax: u32 = 64
/** Lines of a half, at least: shorter ones are not worth it. */
const halfLinesMin: u32 = 4
/** Batches that are read line by line after one that broke off, at most: as many as broke off one behind the other, doubled. */
const singleBatchesMax: u32 = 64

/** Where each line of the batch ends. */
const ends = memory.data(batchLinesMax * 4, 4)

/** Lines that were read of each half. The areas of the second half begin behind those of `halfLines` lines. */
export let firstCount: u32 = 0
export let secondCount: u32 = 0
export let halfLines: u32 = 0

/** Bytes of a line, as of late; 0: not known yet. */
let usualBytes: usize = 0
/** Batches to read line by line before halves are tried again. */
let singleBatches: u32 = 0
let nextSingleBatches: u32 = 0

let firstEnd: usize = 0
let secondEnd: usize = 0

export function openHalves(): void {
  usualBytes = 0
  singleBatches = 0
  nextSingleBatches = 1
}

/** All lines of the last halves came to something. */
@inline
export function noteWhole(): void {
  nextSingleBatches = 1
}

/** The last halves broke off: what they were read for was mostly in vain. */
@inline
export function noteBroken(): void {
  singleBatches = nextSingleBatches
  nextSingleBatches = min(nextSingleBatches << 1, singleBatchesMax)
}

/** Where line number `index` of a half ends. */
@inline
export function endOfLine(index: u32): usize {
  return <usize>load<u32>(ends + (<usize>index << 2))
}

/**
 * Reads lines from `from` on into the areas of both halves.
 *
 * @returns false: nothing was read, this batch has to be read line by line
 */
export function readHalves(plan: Plan, from: usize, to: usize): bool {
  if (singleBatches != 0) {
    singleBatches--
    return false
  }
  const half = plan.batchLines >> 1
  if (half < halfLinesMin) return false
  if (usualBytes == 0) usualBytes = lineEnd(from) - from
  // Lines differ: with a few less the first half is not full before it comes to the second one.
  const wanted = usualBytes * <usize>(half - (half >> 3))
  const halfBytes = min(wanted, (to - from) >> 1)
  if (halfBytes < usualBytes * <usize>halfLinesMin) return false
  const second = lineEnd(from + halfBytes)
  if (second >= to) return false
  halfLines = half
  readSideBySide(plan, from, second, to)
  if (firstCount == 0) {
    noteBroken()
    return false
  }
  usualBytes = (endOfLine(firstCount - 1) - from) / <usize>firstCount
  return true
}

function readSideBySide(plan: Plan, from: usize, second: usize, to: usize): void {
  const half = halfLines
  const stride = <usize>plan.areaBytes
  let a = from
  let b = second
  let areaA = areasAt
  let areaB = areasAt + <usize>half * stride
  let countA: u32 = 0
  let countB: u32 = 0
  firstCount = 0
  secondCount = 0
  while (a < second && b < to && countA < half && countB < half) {
    readTwo(a, areaA, b, areaB)
    if (firstEnd == 0) {
      firstCount = countA
      return
    }
    a = firstEnd
    store<u32>(ends + (<usize>countA << 2), <u32>a)
    countA++
    areaA += stride
    // The line is read again when its turn comes.
    if (secondEnd == 0) break
    b = secondEnd
    store<u32>(ends + (<usize>(half + countB) << 2), <u32>b)
    countB++
    areaB += stride
  }
  while (a < second && countA < half) {
    a = finishLine(a, start, 0, areaA)
    if (a == 0) break
    store<u32>(ends + (<usize>countA << 2), <u32>a)
    countA++
    areaA += stride
  }
  firstCount = countA
  if (a == second) secondCount = countB
}

/**
 * Reads a line of each half, step by step as long as both take the usual one; sets firstEnd and secondEnd as `finishLine` returns them. A
 * value that was read before the other line's turned out not to be usual is read again: that changes nothing.
 */
function readTwo(fromA: usize, areaA: usize, fromB: usize, areaB: usize): void {
  let a = fromA
  let b = fromB
  let node = start
  let seen: u64 = 0
  while (true) {
    const edge = changetype<Edge>(node.first)
    if (changetype<usize>(edge) == 0 || edge.target == 0 || (seen & edge.bits) != 0) break
    if (!matches(edge, a) || !matches(edge, b)) break
    const endA = readValue(a + <usize>edge.length, edge, areaA)
    if (endA <= mismatch) break
    const endB = readValue(b + <usize>edge.length, edge, areaB)
    if (endB <= mismatch) break
    a = endA
    b = endB
    seen |= edge.bits
    node = changetype<Node>(edge.target)
  }
  firstEnd = endLine(a, node, seen, areaA)
  secondEnd = endLine(b, node, seen, areaB)
}

/** Mostly there is nothing left but the usual end of a line in which nothing is missing. */
@inline
function endLine(at: usize, node: Node, seen: u64, area: usize): usize {
  const edge = changetype<Edge>(node.first)
  const isUsual = changetype<usize>(edge) != 0 && edge.target == 0 && edge.bits == 0 && hasAll(seen) && matches(edge, at)
  return isUsual ? at + <usize>edge.length : finishLine(at, node, seen, area)
}
