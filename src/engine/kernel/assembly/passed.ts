/** Records that go to the row path, as ranges of the input. */
import {addLines, lines} from './counts'
import {recordEnd, recordLines} from './csv'
import {formatCsv, Plan, planAt, Range, rangeBytes, rangesAt} from './layout'
import {lineEnd} from './line-end'

const plan = changetype<Plan>(planAt)
/** Ranges since the last call of `scan`. */
export let rangeCount: u32 = 0

export function clearRanges(): void {
  rangeCount = 0
}

/** Gives the record at `from` to the row path. Returns where the next one begins. */
export function passOn(from: usize): usize {
  const at = plan.format == formatCsv ? recordEnd : lineEnd(from)
  const line = lines + 1
  addLines(recordLines)
  const last = changetype<Range>(rangesAt + <usize>(rangeCount - 1) * rangeBytes)
  if (rangeCount != 0 && last.to == <u32>from) {
    last.to = <u32>at
    return at
  }
  const range = changetype<Range>(rangesAt + <usize>rangeCount * rangeBytes)
  rangeCount++
  range.from = <u32>from
  range.to = <u32>at
  range.line = line
  return at
}
