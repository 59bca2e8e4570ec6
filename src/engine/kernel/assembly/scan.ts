/** Lines in, pairs added to groups. */
import {openAccessLog} from './access-log'
import {addBatch} from './add-batch'
import {clearFull, fits, isFull, refused, setFull} from './aggregates'
import {addFiltered, addLines, countLine} from './counts'
import {openCsv, recordLines, restartCsv, unfinished} from './csv'
import {hasBatches, openBatches} from './csv-batch'
import {arenaBytes} from './groups'
import {openJsonLines} from './json-line'
import {openLanes, readLanes} from './lanes'
import {areasAt, expandNone, formatJson, Plan, planAt, rangesMax} from './layout'
import {filtered, lineFits, raiseLine} from './line-fits'
import {openLogfmt} from './logfmt'
import {judge} from './pairs'
import {clearRanges, passOn, rangeCount} from './passed'
import {clearStop, readRecord, stop, stopped} from './read-record'
import {scanParts} from './scan-parts'
import {scanRecords} from './scan-records'
import {scanBatches} from './take-batches'
import {takeLanes} from './take-lanes'
import {clearUsual} from './usual'
import {openWholeBatches} from './whole-batch'

const plan = changetype<Plan>(planAt)
/** Bytes of groups past which a scan stops. */
let arenaBytesMax: usize = 0

export function openScan(bytesMax: usize): void {
  arenaBytesMax = bytesMax
  openJsonLines()
  openLanes()
  clearUsual()
  openWholeBatches(plan)
  openCsv(plan)
  openLogfmt(plan)
  openAccessLog(plan)
}

/** True when the groups have to be written out before the scan goes on. */
export function mustWrite(): bool {
  return isFull
}

export function written(): void {
  clearFull()
}

/**
 * Reads the lines in from..to-1, which ends with a newline.
 *
 * Stops before the end when there is no room for more line ranges, when the groups have to be written out, or before a record of CSV
 * that does not end there or that only the row path can follow (`stopped`).
 *
 * @returns where it stopped
 */
export function scan(from: usize, to: usize): usize {
  clearRanges()
  clearStop()
  restartCsv()
  if (plan.pieces != 0) return scanRecords(from, to)
  if (plan.expand != expandNone) return scanParts(from, to)
  openBatches(plan)
  let at = from
  while (at < to && rangeCount < rangesMax && !isFull && stopped == 0) {
    if (hasBatches()) {
      at = scanBatches(at, to, arenaBytesMax)
      if (at >= to || isFull) break
    }
    if (plan.format == formatJson && readLanes(plan, at, to)) {
      at = takeLanes(at)
      if (arenaBytes() > arenaBytesMax) break
      continue
    }
    let count: u32 = 0
    let area = areasAt
    // Behind a record that is not for a batch there mostly are others that are.
    const most: u32 = hasBatches() ? 1 : plan.batchLines
    while (at < to && count < most) {
      const end = readRecord(at, to, area)
      if (end == unfinished) {
        stop()
        break
      }
      const fit = end == 0 ? refused : lineFits(area)
      if (fit == filtered) {
        addFiltered(1)
        addLines(recordLines)
        at = end
        if (most == 1) break
      } else if (fit == fits) {
        countLine(judge(area))
        addLines(recordLines)
        count++
        area += <usize>plan.areaBytes
        at = end
      } else if (fit == refused) {
        at = passOn(at)
        if (rangeCount == rangesMax || most == 1) break
      } else {
        // What is in the batch goes by the scales as they were; the line is read again.
        addBatch(count)
        count = 0
        area = areasAt
        if (!raiseLine(area)) setFull()
        if (isFull) break
      }
    }
    addBatch(count)
    // A few lines may take much memory, if each of them is the one that makes its group an estimate.
    if (arenaBytes() > arenaBytesMax) break
  }
  return at
}
