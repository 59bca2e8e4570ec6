import assert from 'node:assert/strict'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {describe, test} from 'vitest'
import {decompressed} from '../../../src/worker/decompress.ts'

const text = Buffer.from(Array.from({length: 20_000}, (_, index) => `line ${index * 7919}\n`).join(''))

class Source {
  isClosed = false
  readonly #bytes: Uint8Array
  readonly #failure: Error | undefined

  constructor(bytes: Uint8Array, failure?: Error) {
    this.#bytes = bytes
    this.#failure = failure
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield this.#bytes.subarray(0, 3)
      for (let at = 3; at < this.#bytes.length; at += 1000) yield this.#bytes.subarray(at, at + 1000)
      if (this.#failure) throw this.#failure
    } finally {
      this.isClosed = true
    }
  }
}

async function taken(source: Source, countMax = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of decompressed(source.chunks(), 'logs/a')) {
    parts.push(Buffer.from(chunk))
    if (parts.length >= countMax) break
  }
  return Buffer.concat(parts)
}

describe('a stream', () => {
  const packed: readonly [string, Uint8Array][] = [
    ['plain', text],
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['gzip with padding', Buffer.concat([gzipSync(text), Buffer.alloc(512)])],
  ]

  test.each(packed)('that is %s gives its text and is closed', async (_, bytes) => {
    const source = new Source(bytes)
    assert.ok((await taken(source)).equals(text))
    assert.ok(source.isClosed)
  })

  test.each(packed)('that is %s may be left after one chunk', async (_, bytes) => {
    const source = new Source(bytes)
    assert.ok((await taken(source, 1)).length > 0)
    await new Promise(resolve => setImmediate(resolve))
    assert.ok(source.isClosed)
  })

  test('of two bytes is text', async () => {
    assert.equal(String(await taken(new Source(Buffer.from('ab')))), 'ab')
  })
})

describe('what is wrong with the data is said', () => {
  const zstd = zstdCompressSync(text)
  test.each<[string, Uint8Array, RegExp]>([
    ['cut gzip', gzipSync(text).subarray(0, -10), /logs\/a: the gzip data is cut short after \d+ decompressed bytes/],
    ['cut zstd', zstd.subarray(0, -10), /the zstd data is cut short/],
    [
      'zstd and something else',
      Buffer.concat([zstd, Buffer.from('{"a":1}\n')]),
      /zstd data is followed by something else/,
    ],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]), /logs\/a is xz; gzip and zstd are read directly/],
  ])('%s', async (_, bytes, message) => {
    const source = new Source(bytes)
    await assert.rejects(taken(source), {code: 'INPUT_UNREADABLE', message})
    await new Promise(resolve => setImmediate(resolve))
    assert.ok(source.isClosed)
  })

  test('an error of the stream itself comes as it is', async () => {
    const lost = new Error('the node is away')
    await assert.rejects(taken(new Source(gzipSync(text), lost)), error => error === lost)
    await assert.rejects(taken(new Source(text, lost)), error => error === lost)
  })
})
