/** The lists of one job: its stages, its tasks, its events. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import {durationText} from '../progress-text.ts'
import {barText} from './colours.ts'
import {countColumn} from './count-column.ts'
import {doneFraction} from './facts.ts'
import type {MonitorModel, TaskView} from './model.ts'
import type {PaneSpec} from './pane-spec.ts'
import type {JobEventInfo, StageInfo, TaskInfo} from './source.ts'
import type {Column} from './table.ts'
import {safeText} from './terminal-text.ts'
import {clockText, oneLine, runningMs, stageStyles, taskStyles} from './words.ts'

const optionalDuration = (ms: number | undefined): string => (ms === undefined ? '' : durationText(ms))

const stageColumns: readonly Column<StageInfo>[] = [
  {title: 'STAGE', columns: 10, growth: 2, columnsMax: 40, rank: 0, cell: ({name}) => safeText(name)},
  {title: 'STATE', columns: 7, rank: 3, cell: ({state}) => ({text: state, style: stageStyles[state]})},
  {
    title: '',
    columns: 8,
    growth: 3,
    columnsMax: 50,
    rank: 1,
    cell: (stage, _, columns) => ({text: barText(doneFraction(stage, stage.state === 'done'), columns), style: 'bar'}),
  },
  {
    title: 'DONE',
    columns: 11,
    columnsMax: 15,
    growth: 1,
    rank: 0,
    align: 'right',
    cell: ({doneCount, taskCount}) => `${groupDigits(doneCount)}/${groupDigits(taskCount)}`,
  },
  countColumn('RUN', {columns: 5, rank: 2}, ({runningCount}) => runningCount),
  countColumn('WAIT', {columns: 6, rank: 4}, ({pendingCount}) => pendingCount),
  countColumn('HELD', {columns: 5, rank: 7}, ({heldCount}) => heldCount),
  countColumn('FAILS', {columns: 5, rank: 5}, ({failedCount}) => failedCount, {fineMax: 0}),
  {title: 'MEDIAN', columns: 8, rank: 6, align: 'right', cell: ({medianMs}) => optionalDuration(medianMs)},
  {title: 'P90', columns: 8, rank: 9, align: 'right', cell: ({p90Ms}) => optionalDuration(p90Ms)},
  {title: 'SKEW', columns: 5, rank: 10, align: 'right', cell: ({skew}) => (skew === undefined ? '' : skew.toFixed(1))},
  countColumn('RECORDS', {columns: 13, rank: 8}, ({records}) => records),
  {title: 'BYTES', columns: 7, rank: 8, align: 'right', cell: ({bytes}) => formatBytes(bytes)},
  {title: 'CPU', columns: 9, rank: 11, align: 'right', cell: ({cpuMs}) => durationText(cpuMs)},
  {
    title: 'GROUPING',
    columns: 22,
    rank: 12,
    cell: ({grouping, isConcurrent}) => (isConcurrent ? `${grouping} &` : grouping),
  },
]

export const stagePane: PaneSpec<StageInfo> = {
  title: 'stages',
  isTopSticky: false,
  emptyText: 'it has no stages: its results are its inputs',
  columns: stageColumns,
  rowsOf: ({detail}) => detail?.info.stages ?? [],
  keyOf: ({name}) => name,
  wordsOf: ({name, state}) => [name, state],
}

/** A run that takes so much longer than its stage's median deserves a look. */
const slowFactor = 2

const taskColumns: readonly Column<TaskInfo>[] = [
  {title: 'TASK', columns: 6, rank: 0, align: 'right', sortKey: ({task}) => task, cell: ({task}) => String(task)},
  {
    title: 'STAGE',
    columns: 8,
    growth: 1,
    columnsMax: 24,
    rank: 3,
    sortKey: ({stage}) => stage,
    cell: ({stage}) => safeText(stage),
  },
  {
    title: 'STATE',
    columns: 7,
    rank: 0,
    sortKey: ({state}) => state,
    cell: ({state}) => ({text: state, style: taskStyles[state]}),
  },
  {
    title: 'NODE',
    columns: 10,
    growth: 1,
    columnsMax: 30,
    rank: 1,
    sortKey: ({node}) => node ?? '',
    cell: ({node}) => safeText(node ?? ''),
  },
  countColumn('TRIES', {columns: 5, rank: 5}, ({attemptCount}) => attemptCount, {fineMax: 1}),
  {
    title: 'TIME',
    columns: 9,
    rank: 2,
    align: 'right',
    isDescending: true,
    sortKey: (task, facts) => runningMs(task, facts.nowMs) ?? 0,
    cell: (task, facts) => {
      const ms = runningMs(task, facts.nowMs)
      if (ms === undefined) return ''
      const median = facts.medianMsByStage.get(task.stage)
      return {text: durationText(ms), style: median !== undefined && ms > median * slowFactor ? 'yellow' : undefined}
    },
  },
  countColumn('RECORDS', {columns: 11, rank: 6}, ({records}) => records),
  {
    title: 'BYTES',
    columns: 7,
    rank: 7,
    align: 'right',
    isDescending: true,
    sortKey: ({bytes}) => bytes,
    cell: ({bytes}) => formatBytes(bytes),
  },
  {
    title: 'LAST ERROR',
    columns: 18,
    growth: 4,
    rank: 4,
    cell: ({error}) => ({text: error === undefined ? '' : oneLine(error), style: 'red'}),
  },
]

/** The reasons need the room. */
const failureColumns = taskColumns
  .filter(({title}) => !['TIME', 'RECORDS', 'BYTES'].includes(title))
  .map(column => (column.title === 'LAST ERROR' ? column : {...column, growth: 0}))

const stateOrder: Readonly<Record<TaskInfo['state'], number>> = {running: 0, failed: 1, held: 2, pending: 3, done: 4}

const inView: Readonly<Record<TaskView, (task: TaskInfo) => boolean>> = {
  all: () => true,
  slowest: () => true,
  running: ({state}) => state === 'running',
  failed: ({state, error}) => state === 'failed' || error !== undefined,
  waiting: ({state}) => state === 'pending' || state === 'held',
  done: ({state}) => state === 'done',
}

/** How many tasks each view has. */
export function viewCounts({detail, taskStage}: MonitorModel): Readonly<Record<TaskView, number>> {
  const counts = {all: 0, slowest: 0, running: 0, failed: 0, waiting: 0, done: 0}
  for (const task of detail?.tasks ?? []) {
    if (taskStage !== undefined && task.stage !== taskStage) continue
    for (const view of Object.keys(counts) as TaskView[]) if (inView[view](task)) counts[view]++
  }
  return counts
}

function taskRows({detail, taskView, taskStage, facts}: MonitorModel): readonly TaskInfo[] {
  const tasks = (detail?.tasks ?? []).filter(
    task => inView[taskView](task) && (taskStage === undefined || task.stage === taskStage),
  )
  if (taskView === 'slowest') {
    const msOf = (task: TaskInfo): number => runningMs(task, facts.nowMs) ?? -1
    return tasks.sort((a, b) => msOf(b) - msOf(a) || a.task - b.task)
  }
  return tasks.sort((a, b) => stateOrder[a.state] - stateOrder[b.state] || a.task - b.task)
}

export const taskPane: PaneSpec<TaskInfo> = {
  title: 'tasks',
  isTopSticky: true,
  emptyText: 'none',
  columns: taskColumns,
  columnsFor: ({taskView}) => (taskView === 'failed' ? failureColumns : taskColumns),
  rowsOf: taskRows,
  keyOf: ({stage, task}) => `${stage}/${task}`,
  wordsOf: ({task, stage, state, node, error}) => [String(task), stage, state, node ?? '', error ?? ''],
}

const eventStyles = {
  job: 'bold',
  stage: 'cyan',
  task: undefined,
  message: undefined,
  warning: 'yellow',
  error: 'red',
} as const

const eventColumns: readonly Column<JobEventInfo>[] = [
  {title: 'TIME', columns: 8, rank: 0, cell: ({atMs}, facts) => clockText(atMs, facts.zoneOffsetMinutes)},
  {title: 'KIND', columns: 7, rank: 1, cell: ({kind}) => ({text: kind, style: eventStyles[kind]})},
  {title: 'FROM', columns: 10, growth: 1, columnsMax: 30, rank: 2, cell: ({source}) => oneLine(source)},
  {
    title: 'WHAT',
    columns: 14,
    growth: 6,
    rank: 0,
    cell: ({kind, text}) => ({text: oneLine(text), style: eventStyles[kind]}),
  },
]

export const eventPane: PaneSpec<JobEventInfo> = {
  title: 'events',
  isTopSticky: true,
  emptyText: 'nothing has happened yet',
  columns: eventColumns,
  rowsOf: ({events}) => events,
  keyOf: ({number}) => String(number),
  wordsOf: ({kind, source, text}) => [kind, source, text],
}
