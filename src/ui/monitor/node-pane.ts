/** The nodes: how they are, what they do, what they hold. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import {durationText} from '../progress-text.ts'
import {barText} from './colours.ts'
import {countColumn} from './count-column.ts'
import type {PaneSpec} from './pane-spec.ts'
import type {NodeInfo, RunningTask} from './source.ts'
import type {Column} from './table.ts'
import {safeText} from './terminal-text.ts'
import {nodeStateText, nodeStyles, oneLine, runningMs} from './words.ts'

const usedFraction = ({status}: NodeInfo): number =>
  status === undefined ? 0 : status.usedBytes / Math.max(1, status.usedBytes + status.freeBytes)

/** `███░░ 41% 3.2 TB`: how full, and what is free; the bar takes what the words leave. */
function diskText(node: NodeInfo, columns: number): string {
  const {status} = node
  if (status === undefined) return ''
  const words = `${String(Math.round(usedFraction(node) * 100)).padStart(3)}% ${formatBytes(status.freeBytes).padStart(6)}${status.isFull ? ' full' : ''}`
  const room = columns - words.length
  return room >= 4 ? barText(usedFraction(node), room) + words : words.trim()
}

const nodeColumns: readonly Column<NodeInfo>[] = [
  {
    title: 'NODE',
    columns: 12,
    growth: 2,
    columnsMax: 40,
    rank: 0,
    sortKey: node => node.name,
    cell: node => safeText(node.isMaster ? `${node.name} *` : node.name),
  },
  {
    title: 'STATE',
    columns: 9,
    columnsMax: 12,
    growth: 1,
    rank: 0,
    sortKey: node => node.state,
    cell: node => ({text: nodeStateText(node), style: nodeStyles[node.state]}),
  },
  {
    title: 'SLOTS',
    columns: 5,
    rank: 1,
    align: 'right',
    isDescending: true,
    sortKey: (node, facts) => facts.busyByNode.get(node.name) ?? 0,
    cell: (node, facts) => `${facts.busyByNode.get(node.name) ?? 0}/${node.slotCount}`,
  },
  {
    title: 'DISK',
    columns: 16,
    growth: 3,
    columnsMax: 46,
    rank: 2,
    isDescending: true,
    sortKey: usedFraction,
    cell: (node, _, columns) => ({
      text: diskText(node, columns),
      style: node.status?.isFull === true ? 'yellow' : 'bar',
    }),
  },
  {
    title: 'BLOBS',
    columns: 9,
    rank: 4,
    align: 'right',
    isDescending: true,
    sortKey: node => node.status?.blobCount ?? 0,
    cell: node => (node.status === undefined ? '' : groupDigits(node.status.blobCount)),
  },
  {
    title: 'TAGS',
    columns: 7,
    rank: 5,
    align: 'right',
    isDescending: true,
    sortKey: node => node.status?.tagCount ?? 0,
    cell: node => (node.status === undefined ? '' : groupDigits(node.status.tagCount)),
  },
  {
    title: 'MOVES',
    columns: 5,
    rank: 7,
    align: 'right',
    isDescending: true,
    sortKey: node => node.status?.transferCount ?? 0,
    cell: node => (node.status === undefined ? '' : String(node.status.transferCount)),
  },
  {
    title: 'SEEN',
    columns: 9,
    rank: 3,
    align: 'right',
    isDescending: true,
    sortKey: (node, facts) => (node.state === 'up' ? 0 : facts.nowMs - node.lastSeenMs),
    cell: (node, facts) => (node.state === 'up' ? 'now' : durationText(Math.max(0, facts.nowMs - node.lastSeenMs))),
  },
  {
    title: 'ADDRESS',
    columns: 22,
    growth: 2,
    columnsMax: 44,
    rank: 6,
    sortKey: node => node.address,
    cell: node => safeText(node.address),
  },
]

export const nodePane: PaneSpec<NodeInfo> = {
  title: 'nodes',
  isTopSticky: false,
  emptyText: 'there are no nodes',
  columns: nodeColumns,
  rowsOf: ({snapshot}) => snapshot?.nodes ?? [],
  keyOf: node => node.name,
  wordsOf: node => [node.name, node.state, node.address],
}

const runColumns: readonly Column<RunningTask>[] = [
  {
    title: 'JOB',
    columns: 14,
    growth: 3,
    columnsMax: 60,
    rank: 0,
    sortKey: ({job}) => job,
    cell: ({job}) => safeText(job),
  },
  {
    title: 'TASK',
    columns: 6,
    rank: 0,
    align: 'right',
    sortKey: ({task}) => task.task,
    cell: ({task}) => String(task.task),
  },
  {
    title: 'STAGE',
    columns: 10,
    growth: 1,
    columnsMax: 30,
    rank: 1,
    sortKey: ({task}) => task.stage,
    cell: ({task}) => safeText(task.stage),
  },
  {
    title: 'FOR',
    columns: 9,
    rank: 0,
    align: 'right',
    isDescending: true,
    sortKey: ({task}, facts) => runningMs(task, facts.nowMs) ?? 0,
    cell: ({task}, facts) => durationText(runningMs(task, facts.nowMs) ?? 0),
  },
  countColumn('TRIES', {columns: 5, rank: 3}, ({task}) => task.attemptCount, {fineMax: 1}),
  countColumn('RECORDS', {columns: 11, rank: 2}, ({task}) => task.records),
  {
    title: 'LAST ERROR',
    columns: 16,
    growth: 3,
    rank: 4,
    cell: ({task}) => ({text: task.error === undefined ? '' : oneLine(task.error), style: 'red'}),
  },
]

/** What the node that is looked at runs now. */
export const runPane: PaneSpec<RunningTask> = {
  title: 'running here',
  isTopSticky: true,
  emptyText: 'it runs nothing now',
  columns: runColumns,
  rowsOf: ({snapshot, screens}) => {
    const screen = screens.findLast(({type}) => type === 'node')
    return screen?.type === 'node' ? (snapshot?.running ?? []).filter(({task}) => task.node === screen.node) : []
  },
  keyOf: ({job, task}) => `${job}/${task.stage}/${task.task}`,
  wordsOf: ({job, task}) => [job, task.stage, String(task.task)],
}
