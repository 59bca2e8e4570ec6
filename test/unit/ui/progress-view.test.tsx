import {stripVTControlCharacters} from 'node:util'
import {renderToString} from 'ink'
import {expect, test} from 'vitest'
import type {ProgressModel} from '../../../src/ui/index.ts'
import {progressAfter} from '../../../src/ui/index.ts'
import {Progress} from '../../../src/ui/progress-view.tsx'
import {modelAfter, snapshotOf} from './snapshots.ts'

const reading = modelAfter(2000, 100_000)
const withThreads = (count: number): ProgressModel => {
  const threads = Array.from({length: count}, () => ({bytesDone: 5e8 / count, state: 'busy' as const}))
  return {...reading, threads: progressAfter(undefined, snapshotOf({threads})).threads}
}
const linesOf = (model: ProgressModel, columns = 80, rows = 24): string[] =>
  stripVTControlCharacters(renderToString(<Progress model={model} columns={columns} rows={rows} />, {columns})).split(
    '\n',
  )

test('the screen shows bar, numbers, threads and phase', () => {
  expect(linesOf({...withThreads(2), bad: 3})).toEqual([
    'reading  ████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   20 %  200 MB of 1.0 GB',
    '2,000 records · 100 MB/s · 8.0 s left · 3 bad',
    '  1 █████░░░░░    2 █████░░░░░',
    '● reading  ○ merging  ○ writing',
  ])
})

test('an unknown total has no bar', () => {
  expect(linesOf({...reading, bytesTotal: null, fraction: null, etaMs: null})[0]).toBe('reading  200 MB')
})

test('a later phase is marked', () => {
  expect(linesOf({...reading, phase: 'merge', etaMs: null}).at(-1)).toBe('○ reading  ● merging  ○ writing')
})

test('many threads take four lines and a count', () => {
  const lines = linesOf(withThreads(64))
  expect(lines).toHaveLength(7)
  expect(lines[5]).toMatch(/\+ 45 more$/)
})

test.each([4, 5, 6, 8, 24])('in a terminal of %d rows the screen and the cursor leave one row free', rows => {
  for (const threadCount of [1, 2, 8, 100]) {
    expect(linesOf(withThreads(threadCount), 80, rows).length).toBeLessThanOrEqual(rows - 2)
  }
})

test.each([20, 40, 50, 200])('no line is wider than %d columns', columns => {
  const lines = linesOf({...withThreads(16), records: 123_456_789_012, bad: 1e9}, columns)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
  expect(lines.length).toBeLessThanOrEqual(7)
})
