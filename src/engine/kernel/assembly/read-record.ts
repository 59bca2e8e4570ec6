/** One record of any format, and why there may be none. */
import {readAccessLog} from './access-log'
import {readCsv} from './csv'
import {isStuck} from './csv-index'
import {parseLine} from './json-line'
import {formatCsv, formatJson, formatLogfmt, Plan, planAt} from './layout'
import {readLogfmt} from './logfmt'

const plan = changetype<Plan>(planAt)
/** The scan stopped at a record of CSV that goes on behind the bytes given, or that only the row path can follow. */
const open: u32 = 1
const stuck: u32 = 2
/** 0: it did not. */
export let stopped: u32 = 0

export function clearStop(): void {
  stopped = 0
}

/** At a record that is unfinished. */
export function stop(): void {
  stopped = isStuck ? stuck : open
}

/** Reads the fields of the record at `at` into `area`. Returns where the next one begins; 0: for the row path; or `unfinished`. */
@inline
export function readRecord(at: usize, to: usize, area: usize): usize {
  const format = plan.format
  if (format == formatJson) return parseLine(at, area)
  if (format == formatCsv) return readCsv(at, to, area)
  return format == formatLogfmt ? readLogfmt(at, area) : readAccessLog(at, area)
}

/** Decoded and derived texts of a line need no more, but for very long ones. */
export const scratchReserve: usize = 64 * 1024
