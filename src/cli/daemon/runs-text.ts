/** Runs of the daemon as tables, and one run with what it read. */
import {formatBytes, groupDigits, printable, printableLines} from '../../base/index.ts'
import type {RunReport} from '../../project/index.ts'
import type {RunRow} from '../../storage/index.ts'
import {durationText} from '../../ui/index.ts'
import {aligned, timeText} from '../ddfs/text.ts'

export interface RunInfo {
  readonly id: number
  readonly rule: string
  readonly trigger: RunRow['trigger']
  readonly state: RunRow['state']
  readonly started: string
  readonly ended: string | undefined
  readonly error: string | undefined
  /** What it wrote about itself: rows, bytes, blobs, plan. */
  readonly report: RunReport | undefined
}

/** As `--json` prints it: times are ISO texts in UTC. */
export function runInfo({id, rule, trigger, state, startedMs, endedMs, error, report}: RunRow): RunInfo {
  return {
    id,
    rule,
    trigger,
    state,
    started: new Date(startedMs).toISOString(),
    ended: endedMs === undefined ? undefined : new Date(endedMs).toISOString(),
    error,
    report: report === undefined ? undefined : (JSON.parse(report) as RunReport),
  }
}

const head = ['run', 'rule', 'state', 'started', 'took', 'rows', 'bytes', 'blobs', 'bad', 'by']

/** A table in the given order. @param nowMs - until when runs that go on have taken */
export function runsText(runs: readonly RunInfo[], nowMs: number): string {
  if (runs.length === 0) return 'no runs yet\n'
  const rows = runs.map(({id, rule, state, started, ended, trigger, report}) => [
    String(id),
    printable(rule),
    state,
    timeText(Date.parse(started)),
    durationText((ended === undefined ? nowMs : Date.parse(ended)) - Date.parse(started)),
    report === undefined ? '-' : groupDigits(rowCountOf(report)),
    report === undefined ? '-' : formatBytes(report.bytes),
    report === undefined ? '-' : groupDigits(report.blobs.length),
    groupDigits(badCountOf(report)),
    trigger,
  ])
  return aligned([head, ...rows])
}

/** @param log - the end of what it printed; empty for nothing */
export function runText(run: RunInfo, nowMs: number, log: string): string {
  const {report} = run
  const took = (run.ended === undefined ? nowMs : Date.parse(run.ended)) - Date.parse(run.started)
  const lines = [
    `run      ${run.id}  ${printable(run.rule)}  ${run.state}`,
    `started  ${timeText(Date.parse(run.started))}, by ${run.trigger}, took ${durationText(took)}`,
    ...(run.error === undefined ? [] : [`why      ${printableLines(run.error).replaceAll('\n', '\n         ')}`]),
    ...(report === undefined ? [] : reportLines(report)),
    ...(log === '' ? [] : ['', 'the end of what it printed:', printableLines(log)]),
  ]
  return `${lines.join('\n')}\n`
}

function reportLines(report: RunReport): string[] {
  const {rowCounts, bytes, blobs, planHash, sink, job, batch, isRepeat} = report
  const rows = Object.entries(rowCounts).map(([name, count]) => `${groupDigits(count)} ${printable(name)}`)
  return [
    `rows     ${rows.length === 0 ? '0' : rows.join(', ')}${isRepeat ? ' (were there already)' : ''}`,
    `read     ${formatBytes(bytes)}, ${groupDigits(badCountOf(report))} bad records`,
    `to       ${printable(sink === '' ? '-' : sink)}`,
    `plan     ${planHash === '' ? '-' : planHash}`,
    `job      ${job ?? '-'}`,
    `batch    ${batch ?? '-'}`,
    `blobs    ${groupDigits(blobs.length)}`,
    ...blobs.map(
      ({tag, blob, bytes: size, isCached}) =>
        `  ${printable(tag)}  ${blob}  ${formatBytes(size)}${isCached ? '  cached' : ''}`,
    ),
  ]
}

const rowCountOf = ({rowCounts}: RunReport): number =>
  Object.values(rowCounts).reduce((total, count) => total + count, 0)

const badCountOf = (report: RunReport | undefined): number => Number(report?.account?.bad ?? 0)
