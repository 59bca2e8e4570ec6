import {expect, test} from 'vitest'
import {outputLineBytes} from '../../../../../src/worker/jobs/limits.ts'
import {OutputLines} from '../../../../../src/worker/jobs/process/output-lines.ts'

function linesOf(...chunks: readonly Buffer[]): string[] {
  const lines: string[] = []
  const output = new OutputLines(line => lines.push(line))
  for (const chunk of chunks) output.push(chunk)
  output.flush()
  return lines
}

const inChunksOf = (text: Buffer, bytes: number): Buffer[] =>
  Array.from({length: Math.ceil(text.length / bytes)}, (_, index) => text.subarray(index * bytes, (index + 1) * bytes))

test('a line that is too long goes on in the next ones, wherever chunks end', () => {
  const long = 'x'.repeat(3 * outputLineBytes + 5)
  const text = Buffer.from(`first\n${long}\nlast\n`)
  const pieces = [...Array.from({length: 3}, () => 'x'.repeat(outputLineBytes)), 'xxxxx']
  for (const bytes of [1000, outputLineBytes, 20_000, text.length])
    expect(linesOf(...inChunksOf(text, bytes))).toEqual(['first', ...pieces, 'last'])
})

test('is cut between two characters, and what is no text where it is full', () => {
  const text = 'ä€😀'.repeat(outputLineBytes)
  for (const bytes of [7, 4096, 100_000]) {
    const lines = linesOf(...inChunksOf(Buffer.from(`${text}\n`), bytes))
    expect(lines.join('')).toBe(text)
    expect(Math.max(...lines.map(line => Buffer.byteLength(line)))).toBeLessThanOrEqual(outputLineBytes)
  }
  expect(linesOf(Buffer.alloc(outputLineBytes + 1, 0x80)).map(line => line.length)).toEqual([outputLineBytes, 1])
})

test('empty lines count, and what waits for a line feed is given by flush', () => {
  expect(linesOf(Buffer.from('a\n\nb'), Buffer.from('c'))).toEqual(['a', '', 'bc'])
})
