/** The progress screen: at most one line less than the terminal has, so that Ink never has to clear it. */
import {Box, Text} from 'ink'
import type {ReactNode} from 'react'
import {threadLineCountMax} from './limits.ts'
import {paint} from './paint.ts'
import type {Phase, ProgressModel, ThreadModel} from './progress-model.ts'
import {bytesText, numberTexts, percentText, phaseNames} from './progress-text.ts'

const phases: readonly Phase[] = ['scan', 'merge', 'write']

/** Terminal columns of a thread's number, its bar and the space after it. */
const threadNumberColumns = 3
const threadBarColumns = 10
const threadColumns = threadNumberColumns + 1 + threadBarColumns + 2

export interface ProgressProps {
  readonly model: ProgressModel
  readonly columns: number
  readonly rows: number
}

/** The screen of a scan, with as much of it as there is room for. */
export function Progress({model, columns, rows}: ProgressProps): ReactNode {
  // The cursor stands on a line of its own below the screen. What matters least goes first when there is no room.
  const room = rows - 2
  const lines = [overallLine(model, columns), numbersLine(model)]
  if (room > lines.length) lines.push(phaseLine(model.phase))
  lines.splice(2, 0, ...threadLines(model.threads, columns, Math.min(threadLineCountMax, room - lines.length)))
  return (
    <Box flexDirection="column">
      {lines.slice(0, Math.max(1, room)).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are their places
        <Text key={index} wrap="truncate">
          {line}
        </Text>
      ))}
    </Box>
  )
}

function overallLine(model: ProgressModel, columns: number): string {
  const name = paint(phaseNames[model.phase], 'bold')
  const bytes = bytesText(model)
  if (model.phase !== 'scan' || model.fraction === null) return `${name}  ${bytes}`
  const percent = percentText(model.fraction)
  const barColumns = columns - phaseNames[model.phase].length - percent.length - bytes.length - 6
  return `${name}  ${bar(model.fraction, Math.min(40, barColumns))}  ${percent}  ${bytes}`
}

function numbersLine(model: ProgressModel): string {
  const texts = numberTexts(model)
  const last = texts.length - 1
  return texts.map((text, index) => (index === last && model.bad > 0 ? paint(text, 'yellow') : text)).join(' · ')
}

/** Threads side by side, as many lines as allowed; the last place tells how many are not shown. */
function threadLines(threads: readonly ThreadModel[], columns: number, lineCountMax: number): string[] {
  const perLine = Math.max(1, Math.floor(columns / threadColumns))
  const lineCount = Math.min(Math.max(0, lineCountMax), Math.ceil(threads.length / perLine))
  if (lineCount === 0 || threads.length < 2) return []
  const placeCount = lineCount * perLine
  const cells = threads.map(threadCell)
  if (threads.length > placeCount) {
    cells.splice(placeCount - 1, cells.length, `+ ${threads.length - placeCount + 1} more`)
  }
  return Array.from({length: lineCount}, (_, line) => cells.slice(line * perLine, (line + 1) * perLine).join('  '))
}

function threadCell({state, fraction}: ThreadModel, index: number): string {
  const number = String(index + 1).padStart(threadNumberColumns)
  return `${state === 'busy' ? number : paint(number, 'dim')} ${bar(fraction, threadBarColumns)}`
}

function phaseLine(current: Phase): string {
  return phases
    .map(phase =>
      phase === current ? paint(`● ${phaseNames[phase]}`, 'cyan') : paint(`○ ${phaseNames[phase]}`, 'dim'),
    )
    .join('  ')
}

function bar(fraction: number, columns: number): string {
  const width = Math.max(0, columns)
  const full = Math.floor(fraction * width)
  return paint('█'.repeat(full), 'green') + paint('░'.repeat(width - full), 'dim')
}
