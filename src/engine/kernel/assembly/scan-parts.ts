/** Records of which a step makes several. */
import {addBatch} from './add-batch'
import {fits, isFull, needsScale, refused, setFull} from './aggregates'
import {addFiltered, addLines, countLine} from './counts'
import {recordLines, unfinished} from './csv'
import {scratchRoom} from './escapes'
import {areasAt, Plan, planAt, rangesMax} from './layout'
import {filtered, raiseLine, wholeFits} from './line-fits'
import {judge} from './pairs'
import {expand, partCount} from './parts'
import {passOn, rangeCount} from './passed'
import {readRecord, scratchReserve, stop} from './read-record'

const plan = changetype<Plan>(planAt)

/**
 * Makes several parts of a record, each in an area of its own behind those of the batch. Nothing comes of any of them before all are
 * known to fit.
 */
export function scanParts(from: usize, to: usize): usize {
  let at = from
  // The record itself lies behind the areas of a full batch.
  const whole = areasAt + <usize>plan.batchLines * <usize>plan.areaBytes
  let count: u32 = 0
  while (at < to && rangeCount < rangesMax && !isFull) {
    if (count == plan.batchLines || scratchRoom() < scratchReserve) {
      addBatch(count)
      count = 0
    }
    const area = areasAt + <usize>count * <usize>plan.areaBytes
    const end = readRecord(at, to, whole)
    if (end == unfinished) {
      stop()
      break
    }
    let fit = end == 0 ? refused : wholeFits(whole)
    if (fit == fits) fit = expand(plan, whole, area, plan.batchLines - count)
    if (fit == fits) {
      countLine(judgeParts(area, partCount))
      count += partCount
    } else if (fit == filtered) {
      addFiltered(1)
    } else if (fit != refused && count != 0) {
      // No room, or another scale: the line is read again with an empty batch.
      addBatch(count)
      count = 0
      continue
    } else if (fit == needsScale) {
      if (!raiseParts(area, partCount)) setFull()
      continue
    } else {
      at = passOn(at)
      continue
    }
    addLines(recordLines)
    at = end
  }
  addBatch(count)
  return at
}

function judgeParts(first: usize, count: u32): u32 {
  let area = first
  let best: u32 = 0
  for (let left = count; left != 0; left--) {
    best |= judge(area)
    area += <usize>plan.areaBytes
  }
  return best
}

/** Another part may need a finer scale yet: then it comes here again. */
function raiseParts(first: usize, count: u32): bool {
  let area = first
  for (let left = count; left != 0; left--) {
    if (!raiseLine(area)) return false
    area += <usize>plan.areaBytes
  }
  return true
}
