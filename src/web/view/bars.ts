/** Bars, each with words that say the same. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import {doneFraction} from '../../ui/monitor/facts.ts'
import type {MonitorJob, NodeInfo, StageInfo} from '../../ui/monitor/source.ts'
import {safeText} from '../../ui/monitor/terminal-text.ts'
import {percentText} from '../../ui/progress-text.ts'
import {type Element, el, type View} from './element.ts'

/** Of more stages than this, one bar stands for all: they could not be told apart. */
const stageBarCountMax = 8

function bar(fraction: number, label: string, className?: string): Element {
  return el('progress', {max: 1, value: fraction.toFixed(3), 'aria-label': label, class: className})
}

const tasksText = (doneCount: number, taskCount: number): string =>
  `${groupDigits(doneCount)} of ${groupDigits(taskCount)} tasks`

/** Marked as failing as soon as one task of the stage has failed. */
export function stageBar(stage: StageInfo): Element {
  const label = `${safeText(stage.name)}: ${tasksText(stage.doneCount, stage.taskCount)}`
  return bar(doneFraction(stage, stage.state === 'done'), label, stage.failedCount > 0 ? 'failing' : undefined)
}

/** One bar a stage with its name below; of a job that is over, one for all. */
export function stageBars(job: MonitorJob): readonly View[] {
  const stages = job.stages ?? []
  if (stages.length < 1 || stages.length > stageBarCountMax) {
    const fraction = doneFraction(job, job.state === 'done')
    return [bar(fraction, tasksText(job.doneCount, job.taskCount), job.state === 'failed' ? 'failing' : undefined)]
  }
  const items = stages.map(stage =>
    el(
      'li',
      {key: stage.name},
      stageBar(stage),
      el('span', {class: 'stage-name', 'aria-hidden': 'true'}, safeText(stage.name)),
    ),
  )
  return [el('ul', {class: 'stages'}, ...items)]
}

/** How full a node's disks are, and what is free. */
export function diskBar({status}: NodeInfo): readonly View[] {
  if (status === undefined) return []
  const fraction = status.usedBytes / Math.max(1, status.usedBytes + status.freeBytes)
  const percent = percentText(fraction).trim()
  const words = `${percent}, ${formatBytes(status.freeBytes)} free${status.isFull ? ', full' : ''}`
  return [
    el(
      'div',
      {class: 'disk'},
      bar(fraction, `${percent} of the disk used`, status.isFull ? 'failing' : 'level'),
      el('span', {class: status.isFull ? 'is-yellow' : undefined}, words),
    ),
  ]
}
