import {expect, test} from 'vitest'
import {forEachLimited, readAhead} from '../../../../src/client/index.ts'

const begun: number[] = []
const ended: number[] = []

async function* source(index: number, pieceCount = 2): AsyncGenerator<string> {
  begun.push(index)
  try {
    for (let piece = 0; piece < pieceCount; piece++) yield `${index}.${piece}`
  } finally {
    ended.push(index)
  }
}

async function* sources(count: number): AsyncGenerator<AsyncGenerator<string>> {
  for (let index = 0; index < count; index++) yield source(index)
}

const fresh = (): void => {
  begun.length = 0
  ended.length = 0
}

test('pieces come in the order of their sources', async () => {
  fresh()
  expect(await Array.fromAsync(readAhead(sources(3)))).toEqual(['0.0', '0.1', '1.0', '1.1', '2.0', '2.1'])
})

test('a few sources are begun before their turn, not all', async () => {
  fresh()
  for await (const piece of readAhead(sources(100))) {
    expect(piece).toBe('0.0')
    expect(begun).toEqual([0, 1, 2, 3])
    break
  }
  expect(ended.toSorted()).toEqual([0, 1, 2, 3])
})

test('a source fails in its turn', async () => {
  fresh()
  const failing = async function* (): AsyncGenerator<AsyncGenerator<string>> {
    yield source(0)
    yield (async function* () {
      yield* []
      throw new Error('broken')
    })()
  }
  const pieces: string[] = []
  const read = async (): Promise<void> => {
    for await (const piece of readAhead(failing())) pieces.push(piece)
  }
  await expect(read()).rejects.toThrow('broken')
  expect(pieces).toEqual(['0.0', '0.1'])
})

test('when there is no next source, those before are given first', async () => {
  fresh()
  const failing = async function* (): AsyncGenerator<AsyncGenerator<string>> {
    yield source(0)
    throw new Error('no more')
  }
  const pieces: string[] = []
  const read = async (): Promise<void> => {
    for await (const piece of readAhead(failing())) pieces.push(piece)
  }
  await expect(read()).rejects.toThrow('no more')
  expect(pieces).toEqual(['0.0', '0.1'])
})

const tick = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('work on items runs a few at a time', async () => {
  let running = 0
  let most = 0
  await forEachLimited(
    () => Array.from({length: 20}, (_, index) => index),
    3,
    undefined,
    async () => {
      most = Math.max(most, ++running)
      await tick()
      running--
    },
  )
  expect({running, most}).toEqual({running: 0, most: 3})
})

test('the first failure stops the rest, and is thrown when all have ended', async () => {
  const started: number[] = []
  let ended = 0
  const run = forEachLimited(
    () => [0, 1, 2, 3, 4, 5, 6, 7],
    2,
    undefined,
    async (item, _, signal) => {
      started.push(item)
      await tick()
      if (item === 1) throw new Error('item 1')
      while (item === 2 && !signal.aborted) await tick()
      ended++
    },
  )
  await expect(run).rejects.toThrow('item 1')
  expect(started.length).toBeLessThan(5)
  expect(ended).toBe(started.length - 1)
})

test('a source of items is stopped by the failure of one', async () => {
  const items = async function* (signal: AbortSignal): AsyncGenerator<number> {
    yield 0
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  }
  const run = forEachLimited(items, 5, undefined, async () => {
    throw new Error('the item')
  })
  await expect(run).rejects.toThrow('the item')
})

test('an abort is thrown with its reason', async () => {
  const stop = new AbortController()
  const run = forEachLimited(
    () => [0, 1, 2],
    1,
    stop.signal,
    async item => {
      if (item === 1) stop.abort(new Error('Ctrl-C'))
    },
  )
  await expect(run).rejects.toThrow('Ctrl-C')
})
