/** The keys, as people know them from k9s, htop and less. */
import {wrapText} from './terminal-text.ts'

const keys: readonly (readonly [string, string])[] = [
  ['arrows j k', 'move the cursor'],
  ['PgUp PgDn', 'a page up or down (also Ctrl-B, Ctrl-F)'],
  ['g G', 'to the first, to the last (also Home, End)'],
  ['tab', 'to the next list (shift-tab: back)'],
  ['enter', 'open: a job, a node, one stage, one row in full'],
  ['esc', 'take back: the filter, the stage, the screen'],
  ['/', 'filter the list; enter keeps it, esc ends it'],
  ['s  S', 'sort by the next column; the other way round'],
  ['p', 'pause the job, or let it go on'],
  ['K x', 'kill the job, after a question; htop has it on k, which moves up here, as in vi and k9s'],
  ['1 to 6', 'tasks: all, running, failed, slowest, waiting, done'],
  ['f', 'follow the events as they come, or stop that'],
  ['Ctrl-L', 'draw everything again'],
  ['?', 'this help'],
  ['q Ctrl-C', 'quit; jobs go on'],
]

const remarks: readonly string[] = [
  'The master is asked every second. When it does not answer, the last state stays, the first line says since when, and it is asked again after 1, 2, 4, 8, at most 15 seconds.',
  'TIME and FOR count from the start of the run that is going on; yellow is more than twice the median of its stage. RATE is smoothed over ten seconds. LEFT counts the tasks that are known; with > there is a stage to come whose tasks are not.',
]

const keyColumns = 12

/** @param columns - of the terminal */
export function helpText(columns: number): readonly string[] {
  const room = Math.max(10, columns - keyColumns)
  const keyLines = keys.flatMap(([key, text]) =>
    wrapText(text, room).map((line, index) => (index === 0 ? key : '').padEnd(keyColumns) + line),
  )
  return [...keyLines, ...remarks.flatMap(remark => ['', ...wrapText(remark, columns)])]
}
