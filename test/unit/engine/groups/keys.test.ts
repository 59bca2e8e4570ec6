import {expect, test} from 'vitest'
import {compareText, seededRandom} from '../../../../src/base/index.ts'
import {compareKeys, decodeKey, KeyBuilder, startsWithKey} from '../../../../src/engine/groups/index.ts'

function bytesOf(parts: readonly string[], key = new KeyBuilder()): Uint8Array {
  key.reset()
  for (const part of parts) key.add(part)
  return key.bytes.slice(0, key.length)
}

function someText(random: ReturnType<typeof seededRandom>): string {
  const units = [
    '\0',
    '\u0001',
    '\u0002',
    'a',
    'b',
    'z',
    '~',
    '\x7f',
    '\u0080',
    '\u00e9',
    '\u07ff',
    '\u0800',
    '\uffee',
    '\u{10000}',
    '\u{1f600}',
    ' ',
  ]
  return Array.from({length: random.int(5)}, () => random.pick(units)).join('')
}

test('keys come back as they went in', () => {
  const random = seededRandom(1)
  const key = new KeyBuilder()
  for (let round = 0; round < 3000; round++) {
    const parts = Array.from({length: random.int(4)}, () => someText(random))
    expect(decodeKey(bytesOf(parts, key))).toEqual(parts)
  }
  const long = ['x'.repeat(100_000), '\0'.repeat(1000), '\u{1f600}'.repeat(1000)]
  expect(decodeKey(bytesOf(long, key))).toEqual(long)
})

test('no part and one empty part differ', () => {
  expect([[...bytesOf([])], [...bytesOf([''])]]).toEqual([[], [0]])
  expect([decodeKey(bytesOf([])), decodeKey(bytesOf(['']))]).toEqual([[], ['']])
})

test('byte order of keys is the order of their parts by code point', () => {
  const random = seededRandom(2)
  for (let round = 0; round < 5000; round++) {
    const a = [someText(random), someText(random)]
    const b = [random.next() < 0.5 ? a[0]! : someText(random), someText(random)]
    const expected = compareText(a[0]!, b[0]!) || compareText(a[1]!, b[1]!)
    const [x, y] = [bytesOf(a), bytesOf(b)]
    expect(Math.sign(compareKeys(x, y))).toBe(Math.sign(expected))
    expect(Math.sign(Buffer.compare(x, y))).toBe(Math.sign(expected))
  }
})

test('lone surrogates become U+FFFD', () => {
  expect(decodeKey(bytesOf(['a\ud800', '\udc00b']))).toEqual(['a\ufffd', '\ufffdb'])
})

test('going back to the first parts gives the key of those', () => {
  const random = seededRandom(3)
  for (let round = 0; round < 500; round++) {
    const parts = Array.from({length: random.int(4)}, () => someText(random))
    const expected = new KeyBuilder()
    for (const part of [...parts, 'tail']) expected.add(part)
    const key = new KeyBuilder()
    for (const part of parts) key.add(part)
    for (const part of ['one', 'two\u00e9']) {
      key.add(part)
      key.add('more')
      key.truncate(parts.length)
    }
    key.add('tail')
    expect([key.hash, key.bytes.slice(0, key.length)]).toEqual([
      expected.hash,
      expected.bytes.slice(0, expected.length),
    ])
  }
})

test('a key begins with the key of its first parts', () => {
  expect(startsWithKey(bytesOf(['a', 'b']), bytesOf(['a']))).toBe(true)
  expect(startsWithKey(bytesOf(['ab', 'b']), bytesOf(['a']))).toBe(false)
  expect(startsWithKey(bytesOf(['a']), bytesOf(['a', 'b']))).toBe(false)
  expect(startsWithKey(bytesOf(['a']), bytesOf([]))).toBe(true)
})
