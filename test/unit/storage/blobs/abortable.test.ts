import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {expect, test} from 'vitest'
import {abortable} from '../../../../src/storage/blobs/abortable.ts'

async function* pieces(count: number, onEnd = (): void => undefined): AsyncGenerator<Uint8Array> {
  try {
    for (let number = 0; number < count; number++) yield new Uint8Array(1000).fill(number)
  } finally {
    onEnd()
  }
}

/** Of the heap, for each piece of a long stream that is gone already. */
const keptBytesMax = 50

test('nothing is kept of a piece that was given', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const count = 50_000
  const iterator = abortable(pieces(count + 1), new AbortController().signal)[Symbol.asyncIterator]()
  await iterator.next()
  collect()
  const before = process.memoryUsage().heapUsed
  for (let number = 1; number < count; number++) await iterator.next()
  collect()
  expect((process.memoryUsage().heapUsed - before) / count).toBeLessThan(keptBytesMax)
  await iterator.return?.()
})

test('an abort ends the wait for a piece that never comes, with the reason', async () => {
  const stop = new AbortController()
  const silent = {[Symbol.asyncIterator]: () => ({next: () => Promise.withResolvers<never>().promise})}
  const ended = Array.fromAsync(abortable(silent, stop.signal))
  stop.abort(new Error('enough'))
  await expect(ended).rejects.toThrow('enough')
})

test('an abort between two pieces, or before the first, ends the source', async () => {
  const stop = new AbortController()
  let endCount = 0
  const iterator = abortable(
    pieces(9, () => endCount++),
    stop.signal,
  )[Symbol.asyncIterator]()
  await iterator.next()
  stop.abort(new Error('enough'))
  await expect(iterator.next()).rejects.toThrow('enough')
  expect(endCount).toBe(1)
  await expect(Array.fromAsync(abortable(pieces(9), stop.signal))).rejects.toThrow('enough')
})

test('whoever stops early ends the source, and a source that fails says so', async () => {
  let endCount = 0
  for await (const piece of abortable(
    pieces(9, () => endCount++),
    new AbortController().signal,
  )) {
    expect(piece.length).toBe(1000)
    break
  }
  expect(endCount).toBe(1)
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1)
    throw new Error('broke')
  }
  await expect(Array.fromAsync(abortable(failing(), new AbortController().signal))).rejects.toThrow('broke')
})
