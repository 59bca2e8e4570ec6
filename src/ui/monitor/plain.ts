/** The monitor without a screen: one snapshot as text, or a line for everything that changes. */
import {groupDigits} from '../../base/index.ts'
import {percentText} from '../progress-text.ts'
import type {Facts} from './facts.ts'
import {doneFraction, isOver, timeLeft} from './facts.ts'
import {paneLines} from './frame.ts'
import {clusterText, headerLines, maintenanceText} from './header.ts'
import {type MonitorModel, type PaneName, panesOf, screenOf, withList} from './model.ts'
import type {JobEventInfo, MonitorJob, NodeInfo, Snapshot} from './source.ts'
import {safeText} from './terminal-text.ts'
import {clockText, nodeStateText, oneLine, tasksPerSecondText, timeLeftText} from './words.ts'

/** `wordcount@5f2 running  35 % · 28 of 80 tasks · 12/s · 4.3 s left · 3 failed attempts` */
export function jobLine(job: MonitorJob, facts: Facts): string {
  const rate = facts.rates.get(job.job)
  const left = timeLeftText(timeLeft(job, rate))
  const parts = [
    `${safeText(job.job)} ${job.state} ${percentText(doneFraction(job, job.state === 'done'))}`,
    `${groupDigits(job.doneCount)} of ${groupDigits(job.taskCount)} tasks`,
  ]
  if (job.state === 'running') parts.push(`${groupDigits(job.runningCount)} running`, tasksPerSecondText(rate))
  if (left !== '') parts.push(`${left} left`)
  if (job.failedCount > 0) parts.push(`${groupDigits(job.failedCount)} failed attempts`)
  if (job.error !== undefined) parts.push(oneLine(job.error.message))
  return parts.filter(part => part !== '').join(' · ')
}

const eventLine = ({atMs, kind, source, text}: JobEventInfo, zoneOffsetMinutes: number): string =>
  `${clockText(atMs, zoneOffsetMinutes)} ${kind} ${oneLine(source)}: ${oneLine(text)}`

const nodeLine = (node: NodeInfo): string => `node ${safeText(node.name)}: ${nodeStateText(node)}`

/**
 * What to print after a change of the model: everything the first time, then what is different.
 *
 * @param printed - the model that the last lines were made of
 */
export function plainLines(printed: MonitorModel | undefined, model: MonitorModel): readonly string[] {
  const {snapshot, connection, facts} = model
  const wasLost = printed?.connection.state === 'lost'
  if (connection.state === 'lost') return wasLost ? [] : [`no answer, asking again: ${oneLine(connection.reason)}`]
  if (snapshot === undefined || snapshot === printed?.snapshot) return []
  const before = printed?.snapshot
  const lines = wasLost ? ['the master is back'] : []
  if (before === undefined) lines.push(clusterText(snapshot))
  const known = new Set(before?.cluster.warnings)
  for (const warning of snapshot.cluster.warnings) if (!known.has(warning)) lines.push(`warning: ${oneLine(warning)}`)
  const maintenance = maintenanceText(snapshot.maintenance)
  if (maintenance !== '' && (before === undefined || maintenance !== maintenanceText(before.maintenance)))
    lines.push(maintenance)
  lines.push(...nodeLines(before, snapshot), ...jobLines(before, snapshot, facts))
  const lastEvent = printed?.events.at(-1)?.number ?? -1
  for (const event of model.events) {
    if (event.number > lastEvent) lines.push(eventLine(event, facts.zoneOffsetMinutes))
  }
  return lines
}

function nodeLines(before: Snapshot | undefined, {nodes}: Snapshot): string[] {
  const known = new Map(before?.nodes.map(node => [node.name, nodeStateText(node)]))
  const gone = before?.nodes.filter(({name}) => !nodes.some(node => node.name === name)) ?? []
  return [
    ...nodes.filter(node => known.get(node.name) !== nodeStateText(node)).map(nodeLine),
    ...gone.map(({name}) => `node ${safeText(name)}: not in the cluster any more`),
  ]
}

/** Of the jobs that were over before anybody looked there is nothing to tell. */
function jobLines(before: Snapshot | undefined, {jobs}: Snapshot, facts: Facts): string[] {
  const known = new Map(before?.jobs.map(job => [job.job, jobMark(job)]))
  return jobs
    .filter(job => known.get(job.job) !== jobMark(job) && !(isOver(job) && !known.has(job.job)))
    .toReversed()
    .map(job => jobLine(job, facts))
}

const jobMark = ({state, doneCount, taskCount, failedCount}: MonitorJob): string =>
  `${state} ${doneCount} ${taskCount} ${failedCount}`

/** The whole of the screen that is open as text, without colours, as long as it gets. */
export function onceText(model: MonitorModel): string {
  const screen = screenOf(model)
  const panes: readonly PaneName[] = screen.type === 'text' ? [] : panesOf[screen.type]
  const whole = panes.reduce((next, pane) => withList(next, pane, {top: 0}), {...model, rows: Infinity, isColor: false})
  const lines = [
    ...headerLines(whole).map(({text}) => text),
    ...panes.flatMap(pane => paneLines(whole, {pane, rowCount: Math.max(1, whole.lists[pane].rows.length)})),
  ]
  // There is no cursor on paper.
  return lines
    .map(
      line =>
        `${line
          .replace(/^[>·] /, '  ')
          .replaceAll('━', '─')
          .trimEnd()}\n`,
    )
    .join('')
}
