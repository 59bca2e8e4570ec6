/** What the runs of marks-runs.ts noted about themselves: how often each task was begun, and by which processes. */
import {existsSync, readFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'

export interface Mark {
  readonly what: 'begin' | 'end'
  /** Stage and number: `map:3`. */
  readonly task: string
  readonly run: string
  readonly pid: number
}

export function marksOf(file: string): Mark[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map(line => {
    const [what, task, run, pid] = line.split(' ')
    return {what: what as Mark['what'], task: task!, run: run!, pid: Number(pid)}
  })
}

/** How often each task was begun. */
export function beginCounts(file: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const {what, task} of marksOf(file)) if (what === 'begin') counts.set(task, (counts.get(task) ?? 0) + 1)
  return counts
}

/** Runs that have begun and not ended. */
export function openRuns(file: string): Mark[] {
  const marks = marksOf(file)
  const ended = new Set(marks.filter(({what}) => what === 'end').map(({run}) => run))
  return marks.filter(({what, run}) => what === 'begin' && !ended.has(run))
}

/** Looks often: what is waited for is over in a moment. */
export async function untilMarked(file: string, isSo: (marks: readonly Mark[]) => boolean): Promise<void> {
  while (!isSo(marksOf(file))) await sleep(2)
}

/** A process that has ended and that nobody asked about yet does not count. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
