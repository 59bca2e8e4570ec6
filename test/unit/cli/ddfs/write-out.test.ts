import {PassThrough} from 'node:stream'
import {expect, test} from 'vitest'
import {writeLines, writeOut} from '../../../../src/cli/ddfs/write-out.ts'

test('pieces are written in order, and freed when they are taken and not before', async () => {
  const stream = new PassThrough({highWaterMark: 1})
  const pieces = ['one', 'two', 'three'].map(text => new Uint8Array(Buffer.from(text)))
  const writing = writeOut(
    (async function* () {
      yield* pieces
    })(),
    stream,
  )
  await new Promise(setImmediate)
  // Nobody reads: what is under way is whole, and the rest was not asked for.
  expect(pieces.at(-1)?.length).toBe(5)
  let text = ''
  stream.on('data', (part: Buffer) => {
    text += part
  })
  await writing
  expect(text).toBe('onetwothree')
  expect(pieces.map(piece => piece.length)).toEqual([0, 0, 0])
})

test('the first lines come before there are many, later ones in few writes', async () => {
  const stream = new PassThrough()
  const writes: number[] = []
  stream.on('data', (part: Buffer) => writes.push(part.length))
  await writeLines(
    (async function* () {
      for (let number = 0; number < 10_000; number++) yield `${'x'.repeat(99)}\n`
    })(),
    stream,
  )
  expect(writes[0]).toBeLessThan(4096)
  expect(writes.length).toBeLessThan(30)
  expect(writes.reduce((sum, count) => sum + count, 0)).toBe(1_000_000)
})
