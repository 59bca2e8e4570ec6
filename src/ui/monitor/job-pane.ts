/** The jobs, newest first, each with a bar for every stage. */
import {groupDigits} from '../../base/index.ts'
import {barText} from './colours.ts'
import {countColumn} from './count-column.ts'
import {doneFraction, timeLeft} from './facts.ts'
import type {PaneSpec} from './pane-spec.ts'
import type {MonitorJob} from './source.ts'
import type {Column} from './table.ts'
import {safeText} from './terminal-text.ts'
import {agoText, bytesPerSecondText, jobStyles, oneLine, tasksPerSecondText, timeLeftText} from './words.ts'

/** Bars narrower than this cannot be told apart: one bar then stands for all stages. */
const stageColumnsMin = 3

/** One bar a stage, side by side; of a job that is over, one bar for all. */
function stageBarsText(job: MonitorJob, columns: number): string {
  const stages = job.stages ?? []
  const width = Math.floor((columns - Math.max(0, stages.length - 1)) / Math.max(1, stages.length))
  if (stages.length < 2 || width < stageColumnsMin) return barText(doneFraction(job, job.state === 'done'), columns)
  return stages.map(stage => barText(doneFraction(stage, stage.state === 'done'), width)).join(' ')
}

const columns: readonly Column<MonitorJob>[] = [
  {
    title: 'JOB',
    columns: 14,
    growth: 3,
    columnsMax: 60,
    rank: 0,
    sortKey: ({job}) => job,
    cell: job => safeText(job.job),
  },
  {
    title: 'STATE',
    columns: 9,
    rank: 0,
    sortKey: ({state}) => state,
    cell: ({state}) => ({text: state, style: jobStyles[state]}),
  },
  {
    title: 'STAGES',
    columns: 12,
    growth: 3,
    columnsMax: 48,
    rank: 2,
    isDescending: true,
    sortKey: job => doneFraction(job, job.state === 'done'),
    cell: (job, _, columns) => ({text: stageBarsText(job, columns), style: 'bar'}),
  },
  {
    title: 'TASKS',
    columns: 11,
    columnsMax: 15,
    growth: 1,
    rank: 1,
    align: 'right',
    isDescending: true,
    sortKey: ({taskCount}) => taskCount,
    cell: ({doneCount, taskCount}) => `${groupDigits(doneCount)}/${groupDigits(taskCount)}`,
  },
  countColumn('RUN', {columns: 5, rank: 5}, ({runningCount}) => runningCount),
  countColumn('FAILS', {columns: 5, rank: 6}, ({failedCount}) => failedCount, {fineMax: 0}),
  {
    title: 'RATE',
    columns: 7,
    rank: 4,
    align: 'right',
    isDescending: true,
    sortKey: ({job}, facts) => facts.rates.get(job)?.tasksPerSecond ?? 0,
    cell: (job, facts) => (job.state !== 'running' ? '' : tasksPerSecondText(facts.rates.get(job.job))),
  },
  {
    title: 'BYTES/S',
    columns: 8,
    rank: 8,
    align: 'right',
    isDescending: true,
    sortKey: ({job}, facts) => facts.rates.get(job)?.bytesPerSecond ?? 0,
    cell: (job, facts) => (job.state !== 'running' ? '' : bytesPerSecondText(facts.rates.get(job.job))),
  },
  {
    title: 'LEFT',
    columns: 9,
    rank: 3,
    align: 'right',
    isDescending: true,
    sortKey: (job, facts) => timeLeft(job, facts.rates.get(job.job))?.ms ?? 0,
    cell: (job, facts) => timeLeftText(timeLeft(job, facts.rates.get(job.job))),
  },
  {
    title: 'TOOK',
    columns: 9,
    rank: 7,
    align: 'right',
    isDescending: true,
    sortKey: (job, facts) => (job.endedAtMs ?? facts.nowMs) - job.submittedAtMs,
    cell: (job, facts) => agoText(job.submittedAtMs, job.endedAtMs ?? facts.nowMs),
  },
  {
    title: 'OWNER',
    columns: 10,
    growth: 1,
    columnsMax: 24,
    rank: 9,
    sortKey: ({owner}) => owner,
    cell: ({owner}) => safeText(owner),
  },
  {
    title: 'WHY',
    columns: 20,
    growth: 2,
    rank: 10,
    cell: ({error}) => ({text: error === undefined ? '' : oneLine(error.message), style: 'red'}),
  },
]

export const jobPane: PaneSpec<MonitorJob> = {
  title: 'jobs',
  isTopSticky: false,
  emptyText: 'there are no jobs; submit one with: disco run JOB.ts',
  columns,
  rowsOf: ({snapshot}) => snapshot?.jobs ?? [],
  keyOf: ({job}) => job,
  wordsOf: ({job, state, owner}) => [job, state, owner],
}
