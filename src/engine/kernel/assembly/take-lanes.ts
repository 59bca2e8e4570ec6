/** JSON lines that were read side by side (lanes.ts), added to groups in their order. */
import {addBatch} from './add-batch'
import {fits} from './aggregates'
import {addFiltered, addLines, addUsed, countLine} from './counts'
import {hashColumns} from './csv-columns'
import {areUsual, countOf, endOfLine, laneCount, laneLines, noteBroken, noteWhole} from './lanes'
import {areasAt, Keyset, keysetBytes, Plan, planAt} from './layout'
import {filtered, lineFits} from './line-fits'
import {dropPairs, judge} from './pairs'
import {arePlain} from './whole-batch'

const plan = changetype<Plan>(planAt)

/** Adds the lines that were read side by side, in their order, up to one that is not for the groups as they are. Returns where it stopped. */
export function takeLanes(from: usize): usize {
  if (areLanesPlain()) return takePlainLanes()
  let at = from
  let areaCount: u32 = 0
  let isWhole = true
  const stride = <usize>plan.areaBytes
  for (let lane: u32 = 0; lane < laneCount && isWhole; lane++) {
    const first = lane * laneLines
    const end = first + countOf(lane)
    if (first != end) dropPairs(areaCount, first)
    for (let index = first; index < end; index++) {
      const area = areasAt + <usize>index * stride
      const fit = lineFits(area)
      if (fit == fits) {
        countLine(judge(area))
        areaCount = index + 1
      } else if (fit == filtered) {
        addFiltered(1)
        dropPairs(index, index + 1)
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
