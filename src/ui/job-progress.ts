/**
 * A job while somebody waits for it, on stderr: some lines that are drawn over on a terminal; elsewhere a line for each stage that
 * moved. No timer: it is drawn when something is told.
 *
 * Lines are written over, never cleared first, and only those that changed: nothing flickers.
 */
import {printableLines} from '../base/index.ts'
import {jobProgressLines, stageCountText} from './job-progress-text.ts'
import {frameMs, plainIntervalMs} from './limits.ts'
import {type Facts, factsAfter, noFacts} from './monitor/facts.ts'
import type {JobInfo} from './monitor/source.ts'
import {columnsOf} from './monitor/terminal-text.ts'
import {progressStyle} from './progress.ts'

export interface JobProgress {
  /** The terminal is drawn on: looking often is of use. */
  readonly isDrawn: boolean
  update(job: JobInfo): void
  /** A line that stays, above the moving ones. */
  note(text: string): void
  /** Takes the moving lines away. */
  close(): void
}

export interface JobProgressOptions {
  readonly stream: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly nowMs?: () => number
}

/** Erases what is right of the cursor: after the text of a line, so that it is never empty in between. */
const eraseRest = '\u001B[K'
const up = (lines: number): string => (lines === 0 ? '' : `\u001B[${lines}A`)

/** Drawn over on a terminal that is large enough, unless NO_COLOR, TERM=dumb or CI says otherwise; else plain lines. */
export function openJobProgress(options: JobProgressOptions): JobProgress {
  const {stream, env} = options
  const isDrawn = progressStyle({stream, isTty: stream.isTTY === true, env}) === 'screen'
  return isDrawn ? openDrawn(options) : openPlain(options)
}

function openDrawn({stream, nowMs = Date.now}: JobProgressOptions): JobProgress {
  let shown: readonly string[] = []
  let facts = noFacts(0)
  let drawnMs = -Infinity
  let columns = 0

  /** The cursor is at the beginning of the line below the last one. */
  function draw(lines: readonly string[]): void {
    let text = up(shown.length)
    for (const [index, line] of lines.entries()) text += line === shown[index] ? '\n' : `\r${line}${eraseRest}\n`
    const gone = shown.length - lines.length
    if (gone > 0) text += `\r${`${eraseRest}\n`.repeat(gone)}${up(gone)}`
    shown = lines
    stream.write(text)
  }

  return {
    isDrawn: true,
    update(job) {
      facts = factsOf(facts, job)
      const at = nowMs()
      if (at - drawnMs < frameMs) return
      drawnMs = at
      const width = Math.max(1, (stream.columns ?? 80) - 1)
      // What was wider than the terminal is now stands in several lines: they stay, and what follows is drawn below.
      if (width < columns && shown.some(line => columnsOf(line) > width)) shown = []
      columns = width
      draw(jobProgressLines(job, facts, width, Math.max(1, (stream.rows ?? 24) - 1)))
    },
    note(text) {
      const lines = shown
      draw([])
      stream.write(`${printableLines(text)}\n`)
      draw(lines)
    },
    close: () => draw([]),
  }
}

function openPlain({stream, nowMs = Date.now}: JobProgressOptions): JobProgress {
  const told = new Map<string, string>()
  let toldMs = -Infinity
  return {
    isDrawn: false,
    update({stages, state}) {
      const isOver = state !== 'running' && state !== 'queued' && state !== 'paused'
      const at = nowMs()
      const isFirst = told.size === 0
      if (!isOver && !isFirst && at - toldMs < plainIntervalMs) return
      for (const stage of stages) {
        // Nothing is known of a stage before it opens.
        if (stage.taskCount === 0) continue
        const line = stageCountText(stage)
        if (told.get(stage.name) === line) continue
        told.set(stage.name, line)
        toldMs = at
        stream.write(`${line}\n`)
      }
    },
    note: text => void stream.write(`${printableLines(text)}\n`),
    close: () => undefined,
  }
}

/** The monitor's figures, of one job alone. */
function factsOf(before: Facts, info: JobInfo): Facts {
  const job = {info, tasks: [], events: []}
  return factsAfter(before, {cluster: {nowMs: info.nowMs}, jobs: [info], running: [], job})
}
