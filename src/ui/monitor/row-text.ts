/** One row in full: what is cut in a list can be read here. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import {durationText} from '../progress-text.ts'
import type {MonitorModel} from './model.ts'
import type {JobEventInfo, TaskInfo} from './source.ts'
import {safeText, wrapText} from './terminal-text.ts'
import {clockText, runningMs} from './words.ts'

const labelColumns = 10

/**
 * @param row - of the pane: TaskInfo or JobEventInfo
 * @returns lines wrapped to the columns of the terminal, and safe for it
 */
export function rowText(
  model: MonitorModel,
  pane: 'tasks' | 'events',
  row: unknown,
): {readonly title: string; readonly lines: readonly string[]} {
  return pane === 'tasks' ? taskText(model, row as TaskInfo) : eventText(model, row as JobEventInfo)
}

function taskText({columns, facts}: MonitorModel, task: TaskInfo): {title: string; lines: string[]} {
  const ms = runningMs(task, facts.nowMs)
  const facets: [string, string | undefined][] = [
    ['state', task.state],
    ['node', task.node],
    ['tries', String(task.attemptCount)],
    ['started', task.startedAtMs === undefined ? undefined : clockText(task.startedAtMs, facts.zoneOffsetMinutes)],
    [task.state === 'running' ? 'for' : 'took', ms === undefined ? undefined : durationText(ms)],
    ['records', groupDigits(task.records)],
    ['bytes', formatBytes(task.bytes)],
    ['error', task.error],
  ]
  const lines = facets.flatMap(([label, text]) => (text === undefined ? [] : labelled(label, text, columns)))
  return {title: `task ${task.task} of stage ${safeText(task.stage)}`, lines}
}

function eventText({columns, facts}: MonitorModel, event: JobEventInfo): {title: string; lines: string[]} {
  return {
    title: `event ${event.number}`,
    lines: [
      ...labelled('at', clockText(event.atMs, facts.zoneOffsetMinutes), columns),
      ...labelled('kind', event.kind, columns),
      ...labelled('from', event.source, columns),
      ...labelled('text', event.text, columns),
    ],
  }
}

/** Line ends of the text stay; everything else in it is made safe. */
function labelled(label: string, text: string, columns: number): string[] {
  const lines = text.split('\n').flatMap(line => wrapText(safeText(line), Math.max(10, columns - labelColumns)))
  return lines.map((line, index) => (index === 0 ? label : '').padEnd(labelColumns) + line)
}
