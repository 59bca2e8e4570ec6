import {Writable} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {expect, test} from 'vitest'
import {openProgress, type ProgressOptions, progressStyle} from '../../../src/ui/index.ts'
import {snapshotOf} from './snapshots.ts'

class Terminal extends Writable {
  readonly isTTY = true
  columns = 80
  rows = 24
  text = ''
  error: Error | undefined

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.text += chunk.toString()
    done(this.error)
  }
}

const optionsOf = (parts: Partial<ProgressOptions> = {}): ProgressOptions & {stream: Terminal} => ({
  isTty: true,
  env: {TERM: 'xterm'},
  ...parts,
  stream: (parts.stream as Terminal | undefined) ?? new Terminal(),
})

const cursorHidden = '\u001b[?25l'
const cursorShown = '\u001b[?25h'

test.each([
  ['a terminal', {}, 'screen'],
  ['no terminal', {isTty: false}, 'plain'],
  ['NO_COLOR', {env: {NO_COLOR: '1'}}, 'plain'],
  ['a dumb terminal', {env: {TERM: 'dumb'}}, 'plain'],
  ['CI', {env: {CI: 'true'}}, 'plain'],
  ['CI switched off', {env: {CI: 'false'}}, 'screen'],
  ['quiet on a terminal', {quiet: true}, 'quiet'],
  ['a narrow terminal', {stream: Object.assign(new Terminal(), {columns: 39})}, 'plain'],
  ['a low terminal', {stream: Object.assign(new Terminal(), {rows: 3})}, 'plain'],
] as const)('%s gets its style', (_, parts, style) => {
  expect(progressStyle(optionsOf(parts))).toBe(style)
})

test('plain lines come every few seconds of the run', async () => {
  const {stream, ...rest} = optionsOf({isTty: false})
  const progress = openProgress({stream, ...rest})
  for (let elapsedMs = 0; elapsedMs <= 10_000; elapsedMs += 100) {
    progress.update(snapshotOf({elapsedMs, bytesDone: elapsedMs * 1e5, records: elapsedMs}))
  }
  progress.note('logs/b.gz: truncated')
  await progress.close()
  const lines = stream.text.split('\n')
  expect(lines).toHaveLength(5)
  expect(lines[0]).toBe('reading  30 % · 300 MB of 1.0 GB · 3,000 records · 100 MB/s · 7.0 s left')
  expect(lines[3]).toBe('logs/b.gz: truncated')
  expect(stream.text).not.toContain('\u001b')
  expect(stream.listenerCount('error')).toBe(0)
})

test('quiet prints nothing', async () => {
  const {stream, ...rest} = optionsOf({quiet: true})
  const progress = openProgress({stream, ...rest})
  progress.update(snapshotOf({elapsedMs: 10_000}))
  progress.note('x')
  await progress.close()
  expect(stream.text).toBe('')
})

test('a run that ends at once draws no screen', async () => {
  const {stream, ...rest} = optionsOf()
  const progress = openProgress({stream, ...rest})
  progress.update(snapshotOf({elapsedMs: 100}))
  progress.note('a note')
  await progress.close()
  expect(stream.text).toBe('a note\n')
})

test('the screen is drawn, removed, and gives the cursor back', async () => {
  const {stream, ...rest} = optionsOf()
  const progress = openProgress({stream, ...rest})
  progress.update(snapshotOf({elapsedMs: 400, bytesDone: 4e7}))
  await expect.poll(() => stream.text).toContain('reading')
  progress.update(snapshotOf({elapsedMs: 1400, bytesDone: 14e7}))
  await expect.poll(() => stream.text).toContain('14 %')
  progress.note('logs/b.gz: truncated')
  progress.note('logs/c.gz: truncated')
  progress.update(snapshotOf({phase: 'merge', elapsedMs: 1450, bytesDone: 1e9}))
  await progress.close()
  await progress.close()
  progress.update(snapshotOf({elapsedMs: 2000}))

  expect(stream.text.split(cursorHidden)).toHaveLength(2)
  expect(stream.text.lastIndexOf(cursorShown)).toBeGreaterThan(stream.text.lastIndexOf(cursorHidden))
  expect(screenOf(stream.text)).toEqual(['logs/b.gz: truncated', 'logs/c.gz: truncated', ''])
  expect(stream.listenerCount('error')).toBe(0)
  expect(stream.listenerCount('resize')).toBe(0)
})

const manyThreads = Array.from({length: 100}, () => ({bytesDone: 1, state: 'busy' as const}))
const clearing = /\u001b\[(?:[23]J|\d*;?\d*H)|\u001bc/

test.each([4, 5, 6, 8])('a terminal of %d rows is never cleared as a whole', async rows => {
  const {stream, ...rest} = optionsOf({stream: Object.assign(new Terminal(), {rows})})
  const progress = openProgress({stream, ...rest})
  progress.update(snapshotOf({elapsedMs: 400, threads: manyThreads}))
  await expect.poll(() => stream.text).toContain('reading')
  for (let elapsedMs = 500; elapsedMs < 900; elapsedMs += 100) {
    const before = stream.text.length
    progress.update(snapshotOf({elapsedMs, bytesDone: elapsedMs * 1e6, threads: manyThreads}))
    await expect.poll(() => stream.text.length).toBeGreaterThan(before)
  }
  await progress.close()
  expect(stream.text).not.toMatch(clearing)
})

test('a terminal that changes its size is not cleared either', async () => {
  const {stream, ...rest} = optionsOf()
  const progress = openProgress({stream, ...rest})
  progress.update(snapshotOf({elapsedMs: 400, threads: manyThreads}))
  await expect.poll(() => stream.text).toContain('more')
  for (const [columns, rows] of [
    [60, 10],
    [100, 30],
    [40, 9],
  ] as const) {
    Object.assign(stream, {columns, rows})
    stream.emit('resize')
    progress.update(
      snapshotOf({phase: rows === 30 ? 'scan' : 'merge', elapsedMs: 1400 + columns, threads: manyThreads}),
    )
  }
  await progress.close()
  expect(stream.text).not.toMatch(clearing)
})

test('a reader that went away does not end the run', async () => {
  const {stream, ...rest} = optionsOf({isTty: false})
  stream.error = Object.assign(new Error('write EPIPE'), {code: 'EPIPE'})
  const progress = openProgress({stream, ...rest})
  progress.update(snapshotOf({elapsedMs: 4000}))
  await new Promise(resolve => setImmediate(resolve))
  progress.update(snapshotOf({elapsedMs: 8000}))
  progress.note('nobody reads this')
  await progress.close()
  expect(stream.text.split('\n')).toHaveLength(2)
})

/** What stays on the screen: text, and erasing of lines upwards. */
function screenOf(text: string): string[] {
  const lines = ['']
  let row = 0
  for (const [token] of text.matchAll(/\u001b\[[0-9;?]*[a-zA-Z]|\n|[^\u001b\n]+/g)) {
    if (token === '\n') lines[++row] ??= ''
    else if (token === '\u001b[2K') lines[row] = ''
    else if (/^\u001b\[\d*A$/.test(token)) row -= Number(token.slice(2, -1) || 1)
    else if (token === '\u001b[J') lines.length = row + 1
    else if (!token.startsWith('\u001b')) lines[row] += stripVTControlCharacters(token)
  }
  return lines.slice(0, row + 1)
}
