import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {openTransferLine, transferText} from '../../../src/ui/index.ts'

beforeEach(() => {
  for (const name of ['NO_COLOR', 'CI', 'TERM']) vi.stubEnv(name, '')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function terminal(isTTY: boolean): {stream: NodeJS.WriteStream; text: () => string} {
  let text = ''
  const write = (piece: string): void => {
    text += piece
  }
  const stream = {isTTY, columns: 60, rows: 20, write}
  return {stream: stream as unknown as NodeJS.WriteStream, text: () => text}
}

function transferOn(isTTY: boolean): string {
  const {stream, text} = terminal(isTTY)
  let now = 0
  const line = openTransferLine({stream, verb: 'pushing', bytesTotal: 200, nowMs: () => now})
  for (now = 0; now <= 4000; now += 1000) line.add(20)
  line.note('Warning: \u001b[31mred')
  line.close()
  return text()
}

test('on a terminal a line moves, notes stay above it, and nothing is left of it', () => {
  const text = transferOn(true)
  expect(text).toContain('\r\u001b[2Kpushing')
  expect(text).toContain('Warning: \\u001b[31mred\n')
  expect(text.endsWith('\n')).toBe(true)
})

test('elsewhere there are only the notes', () => {
  expect(transferOn(false)).toBe('Warning: \\u001b[31mred\n')
})

test.each([
  ['NO_COLOR', '1'],
  ['TERM', 'dumb'],
  ['CI', 'true'],
])('with %s=%s a terminal is treated like a file', (name, value) => {
  vi.stubEnv(name, value)
  expect(transferOn(true)).toBe('Warning: \\u001b[31mred\n')
})

test.each([
  [120e6, 1e9, 250, 'pushing 120 MB of 1.0 GB (12 %) · 480 MB/s · 1.8 s left'],
  [5e6, undefined, 1000, 'pushing 5.0 MB · 5.0 MB/s'],
  [0, 0, 0, 'pushing 0 B of 0 B (100 %) · 0 B/s'],
  [300, 200, 1000, 'pushing 300 B of 200 B (100 %) · 300 B/s'],
])('%d of %s bytes after %d ms read: %s', (done, total, elapsedMs, text) => {
  expect(transferText('pushing', done, total, elapsedMs)).toBe(text)
})
