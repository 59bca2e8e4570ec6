/** Small records instead of groups. */
import {refused} from './aggregates'
import {addFiltered, addLines, lines} from './counts'
import {recordLines, unfinished} from './csv'
import {clearDecoded, scratchRoom} from './escapes'
import {lineBits} from './json-line'
import {areasAt, Plan, planAt, rangesMax} from './layout'
import {filtered, lineFits} from './line-fits'
import {passOn, rangeCount} from './passed'
import {readRecord, scratchReserve, stop} from './read-record'
import {closeRecords, openRecords, recordCount, writeRecord} from './records'

const plan = changetype<Plan>(planAt)

/** Makes small records instead of groups. Stops before the end also when there is no room for more of them. */
export function scanRecords(from: usize, to: usize): usize {
  let at = from
  openRecords(plan)
  clearDecoded()
  while (at < to && rangeCount < rangesMax && scratchRoom() > scratchReserve) {
    const end = readRecord(at, to, areasAt)
    if (end == unfinished) {
      stop()
      break
    }
    const fit = end == 0 ? refused : lineFits(areasAt)
    if (fit == filtered) {
      addFiltered(1)
    } else if (fit == refused) {
      at = passOn(at)
      continue
    } else if (!writeRecord(areasAt, lineBits, at, end, lines + 1)) {
      if (recordCount != 0) break
      at = passOn(at)
      continue
    }
    addLines(recordLines)
    at = end
  }
  closeRecords()
  return at
}
