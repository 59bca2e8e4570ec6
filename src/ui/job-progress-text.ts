/** A job in a few lines: that of the monitor, and a bar for each stage. Pure. */
import {groupDigits} from '../base/index.ts'
import {jobStageLineMax} from './limits.ts'
import {barText} from './monitor/colours.ts'
import {doneFraction, type Facts} from './monitor/facts.ts'
import {jobLine} from './monitor/plain.ts'
import type {JobInfo, StageInfo} from './monitor/source.ts'
import {cutText, fitText, safeText} from './monitor/terminal-text.ts'
import {percentText} from './progress-text.ts'

/** Columns of a stage's name and bar. */
const nameColumns = 14
const barColumns = 24

/**
 * @param columns - no line is wider
 * @param rows - no more lines than that; 1 or more
 */
export function jobProgressLines(job: JobInfo, facts: Facts, columns: number, rows: number): string[] {
  const stages = shownStages(job.stages, Math.min(jobStageLineMax, rows - 1))
  return [jobLine(job, facts), ...stages.map(stageLine)].map(line => cutText(line, columns))
}

/** Of very many those around the first that is not done. */
function shownStages(stages: readonly StageInfo[], count: number): readonly StageInfo[] {
  if (stages.length <= count) return stages
  const open = Math.max(
    0,
    stages.findIndex(({state}) => state !== 'done'),
  )
  const first = Math.min(Math.max(0, open - 1), stages.length - count)
  return stages.slice(first, first + Math.max(0, count))
}

/** `  map            ███████───────  12/40  30 %  8 running` */
function stageLine(stage: StageInfo): string {
  const {name, state, doneCount, taskCount, runningCount, failedCount} = stage
  const head = `  ${fitText(safeText(name), nameColumns)} ${barText(doneFraction(stage, state === 'done'), barColumns)}`
  if (state === 'waiting' && taskCount === 0) return `${head}  waits`
  const parts = [
    `${percentText(doneFraction(stage, state === 'done'))}  ${groupDigits(doneCount)}/${groupDigits(taskCount)}`,
  ]
  if (runningCount > 0) parts.push(`${groupDigits(runningCount)} running`)
  if (failedCount > 0) parts.push(`${groupDigits(failedCount)} failed`)
  return `${head}${parts.join('  ')}`
}

/** What the plain lines of a waiting command say of a stage: `map: 3/8`. */
export const stageCountText = ({name, doneCount, taskCount}: StageInfo): string =>
  `${safeText(name)}: ${groupDigits(doneCount)}/${groupDigits(taskCount)}`
