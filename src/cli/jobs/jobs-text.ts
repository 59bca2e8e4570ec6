/** Jobs and their events as tables. */
import {groupDigits, printable} from '../../base/index.ts'
import type {JobEventInfo, JobSummary} from '../../protocol/index.ts'
import {durationText} from '../../ui/index.ts'
import {aligned, timeText} from '../ddfs/text.ts'

const head = ['job', 'state', 'tasks', 'running', 'failed', 'age']

/** @param nowMs - by the master's clock, as the times of jobs */
export function jobsText(jobs: readonly JobSummary[], nowMs: number): string {
  const rows = jobs.map(job => [
    printable(job.job),
    job.state,
    `${groupDigits(job.doneCount)}/${groupDigits(job.taskCount)}`,
    groupDigits(job.runningCount),
    groupDigits(job.failedCount),
    durationText(Math.max(0, nowMs - job.submittedAtMs)),
  ])
  return aligned([head, ...rows])
}

/** `2026-11-23 14:05:09  warning  node1  text` */
export const eventLine = ({atMs, kind, source, text}: JobEventInfo): string =>
  `${[timeText(atMs), kind.padEnd('message'.length), printable(source), printable(text)].join('  ')}\n`
