/** One job for people: its stages, counters, profile. */
import {formatBytes, groupDigits, printable} from '../../base/index.ts'
import type {JobCounters, JobInfo, StageInfo, TaskInfo} from '../../protocol/index.ts'
import {durationText} from '../../ui/index.ts'
import {aligned, timeText} from '../ddfs/text.ts'
import type {JobProfile, StageProfile} from './job-profile.ts'

const unknown = '-'

const timeOrNot = (ms: number | undefined): string => (ms === undefined ? unknown : durationText(ms))

/** What `disco jobs JOB` prints. */
export function jobText(info: JobInfo): string {
  const {job, state, owner, submittedAtMs, startedAtMs, endedAtMs, nowMs, priority, weight, slotsMax, resultTag} = info
  const rows = [
    ['job', printable(job)],
    ['state', state],
    ['owner', printable(owner)],
    ['submitted', `${timeText(submittedAtMs)} (UTC)`],
    ['took', startedAtMs === undefined ? unknown : durationText((endedAtMs ?? nowMs) - startedAtMs)],
    [
      'priority',
      `${priority}, weight ${weight}${slotsMax === undefined ? '' : `, at most ${slotsMax} tasks at a time`}`,
    ],
    ...(resultTag === undefined ? [] : [['result tag', printable(resultTag)]]),
    ...(info.error === undefined ? [] : [['error', printable(info.error.message)]]),
  ]
  const head = ['stage', 'state', 'tasks', 'running', 'failed', 'records', 'bytes', 'median', 'slowest']
  return [aligned(rows), aligned([head, ...info.stages.map(stageRow)]), countersText(info.counters)].join('\n')
}

const stageRow = (stage: StageInfo): string[] => [
  printable(stage.name),
  stage.state,
  tasksText(stage),
  groupDigits(stage.runningCount),
  groupDigits(stage.failedCount),
  groupDigits(stage.records),
  formatBytes(stage.bytes),
  timeOrNot(stage.medianMs),
  timeOrNot(stage.maxMs),
]

const tasksText = ({doneCount, taskCount}: StageInfo): string => `${groupDigits(doneCount)}/${groupDigits(taskCount)}`

function countersText(counters: JobCounters = {}): string {
  const names = Object.keys(counters)
  if (names.length === 0) return ''
  return aligned([['counter', 'value'], ...names.map(name => [printable(name), numberText(counters[name]!)])])
}

const numberText = (value: number): string => (Number.isSafeInteger(value) ? groupDigits(value) : String(value))

/** What `disco profile` prints. */
export function profileText({job, state, elapsedMs, cpuMs, stages, counters}: JobProfile): string {
  const times = [['stage', 'tasks', 'elapsed', 'task time', 'cpu', 'cpu/time', 'median', 'p90', 'slowest', 'skew']]
  const amounts = [['stage', 'records in', 'bytes in', 'records out', 'bytes out', 'failed', 'lost', 'again', 'copies']]
  for (const stage of stages) {
    times.push(timeRow(stage))
    amounts.push(amountRow(stage))
  }
  const slowest = stages.flatMap(stage => stage.slowest)
  const parts = [
    `${printable(job)} ${state}: ${durationText(elapsedMs)}, ${durationText(cpuMs)} of CPU\n`,
    aligned(times),
    aligned(amounts),
  ]
  if (slowest.length > 0) parts.push(aligned([slowestHead, ...slowest.map(slowestRow)]))
  const counted = countersText(counters)
  if (counted !== '') parts.push(counted)
  return parts.join('\n')
}

const timeRow = (stage: StageProfile): string[] => [
  printable(stage.name),
  tasksText(stage),
  timeOrNot(stage.elapsedMs),
  timeOrNot(stage.wallMs),
  durationText(stage.cpuMs),
  stage.cpuShare === undefined ? unknown : stage.cpuShare.toFixed(2),
  timeOrNot(stage.medianMs),
  timeOrNot(stage.p90Ms),
  timeOrNot(stage.maxMs),
  stage.skew === undefined ? unknown : stage.skew.toFixed(1),
]

const amountRow = (stage: StageProfile): string[] => [
  printable(stage.name),
  groupDigits(stage.records),
  formatBytes(stage.bytes),
  groupDigits(stage.outputRecords ?? 0),
  formatBytes(stage.outputBytes ?? 0),
  ...[stage.failedCount, stage.lostCount, stage.againCount, stage.copyCount].map(count => groupDigits(count ?? 0)),
]

const slowestHead = ['slowest tasks', 'node', 'took', 'cpu', 'records', 'bytes', 'runs']

const slowestRow = (task: TaskInfo): string[] => [
  printable(`${task.stage}:${task.task}`),
  printable(task.node ?? unknown),
  timeOrNot(task.durationMs),
  timeOrNot(task.cpuMs),
  groupDigits(task.records),
  formatBytes(task.bytes),
  groupDigits(task.attemptCount),
]
