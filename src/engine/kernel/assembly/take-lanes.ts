/** JSON lines that were read side by side (lanes.ts), added to groups in their order. */
import {addBatch} from './add-batch'
import {fits, refused} from './aggregates'
import {recordsThatMeet, unclearRecords} from './batch-conditions'
import {addFiltered, addLines, addUsed, countLine} from './counts'
import {hashColumns} from './csv-columns'
import {areUsual, countOf, endOfLine, laneCount, laneLines, noteBroken, noteWhole} from './lanes'
import {areasAt, Keyset, keysetBytes, Plan, planAt} from './layout'
import {filtered, lineFits, partFits} from './line-fits'
import {dropPairs, judge} from './pairs'
import {arePlain} from './whole-batch'

const plan = changetype<Plan>(planAt)

/** Of the lines that were read side by side, a bit for each: those that the rule's condition holds for, and those of which only the row path knows. */
let met: u64 = 0
let unclear: u64 = 0

/** Adds the lines that were read side by side, in their order, up to one that is not for the groups as they are. Returns where it stopped. */
export function takeLanes(from: usize): usize {
  if (areLanesPlain()) return takePlainLanes()
  // The condition is asked of all lines at once, unless it needs fields that are made of others.
  const isAsked = plan.condition != 0 && plan.earlyCount == 0
  if (isAsked) askCondition()
  let at = from
  let areaCount: u32 = 0
  let isWhole = true
  const stride = <usize>plan.areaBytes
  for (let lane: u32 = 0; lane < laneCount && isWhole; lane++) {
    const first = lane * laneLines
    const end = first + countOf(lane)
    if (isAsked && first != end && ((met | unclear) & bitsOf(first, end)) == 0) {
      addFiltered(end - first)
      addLines(end - first)
      at = endOfLine(end - 1)
      continue
    }
    for (let index = first; index < end; index++) {
      const area = areasAt + <usize>index * stride
      const fit = isAsked ? askedFits(index, area) : lineFits(area)
      if (fit == fits) {
        dropPairs(areaCount, index)
        countLine(judge(area))
        areaCount = index + 1
      } else if (fit == filtered) {
        addFiltered(1)
      } else {
        isWhole = false
        break
      }
      at = endOfLine(index)
      addLines(1)
    }
  }
  addBatch(areaCount)
  if (isWhole) noteWhole()
  else noteBroken()
  return at
}

/** The bits first..end-1, of which there is one at least. */
@inline
function bitsOf(first: u32, end: u32): u64 {
  return (u64.MAX_VALUE >> <u64>(64 - (end - first))) << <u64>first
}

function askCondition(): void {
  let lines: u64 = 0
  for (let lane: u32 = 0; lane < laneCount; lane++) {
    const first = lane * laneLines
    if (countOf(lane) != 0) lines |= bitsOf(first, first + countOf(lane))
  }
  met = recordsThatMeet(plan.condition, lines, <usize>plan.areaBytes)
  unclear = unclearRecords
}

/** What lineFits says of a line, when the condition was asked. */
@inline
function askedFits(index: u32, area: usize): u32 {
  if ((met >> <u64>index) & 1) return partFits(area)
  return (unclear >> <u64>index) & 1 ? refused : filtered
}

function areLanesPlain(): bool {
  for (let lane: u32 = 0; lane < laneCount; lane++) {
    const first = lane * laneLines
    if (!arePlain(first, first + countOf(lane), areUsual)) return false
  }
  return true
}

/** Adds the lines of all lanes, which all add something to all keysets. Returns where the last one ends. */
function takePlainLanes(): usize {
  const stride = <usize>plan.areaBytes
  let areas: u32 = 0
  let count: u32 = 0
  for (let lane: u32 = 0; lane < laneCount; lane++) {
    const first = lane * laneLines
    const ofLane = countOf(lane)
    if (ofLane == 0) continue
    let address = <usize>plan.keysets
    for (let left = plan.keysetCount; left != 0; left--) {
      hashColumns(changetype<Keyset>(address), areasAt + <usize>first * stride, ofLane, stride)
      address += keysetBytes
    }
    dropPairs(areas, first)
    areas = first + ofLane
    count += ofLane
  }
  addUsed(count)
  addLines(count)
  addBatch(areas)
  noteWhole()
  return endOfLine(areas - 1)
}
