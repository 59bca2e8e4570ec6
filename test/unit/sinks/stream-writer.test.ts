import {createWriteStream} from 'node:fs'
import {Writable} from 'node:stream'
import {expect, test} from 'vitest'
import {writeBytesToStream, writeToStream} from '../../../src/sinks/index.ts'

class Collector extends Writable {
  readonly writes: string[] = []
  /** Batches that were accepted but not finished. */
  pending = 0
  pendingMost = 0
  failWith: (NodeJS.ErrnoException & Error) | undefined

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.pendingMost = Math.max(this.pendingMost, ++this.pending)
    setImmediate(() => {
      this.pending--
      if (this.failWith) return done(this.failWith)
      this.writes.push(chunk.toString())
      done()
    })
  }
}

function* lines(count: number, ended: {value: boolean}): Iterable<string> {
  try {
    for (let index = 0; index < count; index++) yield `line ${index}\n`
  } finally {
    ended.value = true
  }
}

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`write ${code}`), {code})

test('small chunks become large writes, one at a time, in order', async () => {
  const stream = new Collector()
  expect(await writeToStream(stream, lines(20_000, {value: false}))).toBe('done')
  expect(stream.writes.length).toBeLessThan(5)
  expect(stream.pendingMost).toBe(1)
  expect(stream.writes.join('')).toBe([...lines(20_000, {value: false})].join(''))
  expect(stream.listenerCount('error')).toBe(0)
})

test('bytes and text keep their order', async () => {
  const stream = new Collector()
  await writeToStream(stream, ['a', Buffer.from('b'), '', 'ü', new Uint8Array()])
  expect(stream.writes.join('')).toBe('abü')
})

test('a closed pipe ends quietly and ends the chunks', async () => {
  const stream = new Collector()
  stream.failWith = failure('EPIPE')
  const ended = {value: false}
  expect(await writeToStream(stream, lines(100_000, ended))).toBe('closed')
  expect(ended.value).toBe(true)
  expect(await writeToStream(stream, ['more'])).toBe('closed')
})

test('a destroyed stream counts as closed', async () => {
  const stream = new Collector()
  stream.destroy()
  expect(await writeToStream(stream, ['x'])).toBe('closed')
})

test('other errors say what and where', async () => {
  const stream = new Collector()
  stream.failWith = failure('EIO')
  await expect(writeToStream(stream, ['x'])).rejects.toMatchObject({
    code: 'OUTPUT_FAILED',
    message: 'cannot write standard output: the device reports an error',
  })
})

test('a full disk is a full disk', async () => {
  const stream = createWriteStream('/dev/full')
  await expect(writeToStream(stream, ['x'], {name: '/dev/full'})).rejects.toThrow(
    'cannot write /dev/full: the disk is full',
  )
})

test('an abort stops before the next batch', async () => {
  const stream = new Collector()
  const controller = new AbortController()
  const ended = {value: false}
  const writing = writeToStream(stream, lines(1_000_000, ended), {signal: controller.signal})
  setImmediate(() => controller.abort(new Error('Ctrl-C')))
  await expect(writing).rejects.toThrow('Ctrl-C')
  expect(ended.value).toBe(true)
})

test('on a terminal control characters become visible, line ends stay', async () => {
  const stream = Object.assign(new Collector(), {isTTY: true})
  await writeToStream(stream, ['a,b\n', '\u001b[31mred\u0007,\u009b2J\n'])
  expect(stream.writes.join('')).toBe('a,b\n\\u001b[31mred\\u0007,\\u009b2J\n')
})

test('the memory of large pieces is free once they are written, and their bytes have arrived', async () => {
  const pieces = Array.from({length: 3}, (_, index) => new Uint8Array(100_000).fill(97 + index))
  const freed: boolean[] = []
  async function* given(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('head')
    for (const piece of pieces) {
      yield piece
      freed.push(piece.length === 0)
    }
  }
  const stream = new Collector()
  expect(await writeBytesToStream(stream, given())).toBe('done')
  expect(stream.writes.join('')).toBe(`head${'a'.repeat(100_000)}${'b'.repeat(100_000)}${'c'.repeat(100_000)}`)
  expect(freed).toEqual([true, true, true])
})
