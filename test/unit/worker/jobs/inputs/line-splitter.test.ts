import assert from 'node:assert/strict'
import {test} from 'vitest'
import {UserError} from '../../../../../src/base/index.ts'
import {LineSplitter} from '../../../../../src/worker/jobs/inputs/line-splitter.ts'

function linesOf(...chunks: string[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter({line: text => lines.push(text), bad: () => undefined}, 'logs.txt', 8)
  for (const chunk of chunks) splitter.push(Buffer.from(chunk))
  splitter.end()
  return lines
}

test('lines up to the limit are read, however they are cut', () => {
  assert.deepEqual(linesOf('a\n1234', '5678', '\nb\n1234', '5678'), ['a', '12345678', 'b', '12345678'])
})

test.each([
  ['whose end never comes', ['a\n1234', '5678', '9']],
  ['that ends in the chunk', ['a\n1234', '56789\nb\n']],
])('a line beyond the limit %s is an error that says where and what to do', (_, chunks) => {
  assert.throws(
    () => linesOf(...chunks),
    (error: unknown) =>
      error instanceof UserError &&
      error.code === 'INPUT_UNREADABLE' &&
      /^line 2 of logs\.txt has 9 B or more, the most is 8 B: .*reader 'bytes'/.test(error.message),
  )
})
