import {PassThrough} from 'node:stream'
import {expect, test} from 'vitest'
import {Arrived} from '../../../../src/client/ddfs/arrived.ts'

const MiB = Buffer.alloc(1 << 20, 'x')

test('pieces stay as they came, and the end comes with or behind the last', async () => {
  const stream = new PassThrough()
  const arrived = new Arrived(stream)
  const [first, second] = [Buffer.from('first'), Buffer.from('second')]
  stream.write(first)
  stream.end(second)
  const taken: Buffer[] = []
  for (let isEnd = false; !isEnd; ) {
    await arrived.more()
    const next = arrived.take()
    taken.push(...next.pieces)
    isEnd = next.isEnd
  }
  expect(taken[0]).toBe(first)
  expect(taken[1]).toBe(second)
})

test('what came before a failure is given, then the failure', async () => {
  const stream = new PassThrough()
  const arrived = new Arrived(stream)
  stream.write('before')
  await arrived.more()
  stream.destroy(new Error('broke'))
  await new Promise(resolve => stream.once('close', resolve))
  expect(arrived.take().pieces.map(String)).toEqual(['before'])
  await arrived.more()
  expect(() => arrived.take()).toThrow('broke')
})

test('a stream that is closed before its end has failed', async () => {
  const stream = new PassThrough()
  const arrived = new Arrived(stream)
  stream.destroy()
  await arrived.more()
  expect(() => arrived.take()).toThrow('closed before its end')
})

test('a stream that was closed before anybody looked has failed, too', async () => {
  const stream = new PassThrough()
  stream.destroy()
  await new Promise(resolve => stream.once('close', resolve))
  const arrived = new Arrived(stream)
  await arrived.more()
  expect(() => arrived.take()).toThrow('closed before its end')
})

test('a reader that takes nothing stops the stream after a mebibyte', async () => {
  const stream = new PassThrough({highWaterMark: 1})
  const arrived = new Arrived(stream)
  stream.write(MiB)
  stream.write(MiB)
  await arrived.more()
  await new Promise(setImmediate)
  expect(stream.isPaused()).toBe(true)
  expect(arrived.take().pieces.length).toBe(1)
  await arrived.more()
  expect(arrived.take().pieces.length).toBe(1)
})
