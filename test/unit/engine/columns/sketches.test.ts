import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {mixed, TextHash} from '../../../../src/engine/bytes/index.ts'
import {columnOf, filled, resultOf, shuffledCopy} from './column-kit.ts'

const texts = (count: number, prefix: string) =>
  Array.from({length: count}, (_, index) => ({value: `${prefix}${index}`}))

test('distinct is exact up to its limit and says when it is not', () => {
  const exact = filled({aggregate: 'distinct', exactUpTo: 5000}, [...texts(5000, 'ip'), ...texts(5000, 'ip')])
  expect([exact.finish(0), exact.isApproximate(0)]).toEqual([5000, false])
  const estimated = filled({aggregate: 'distinct', exactUpTo: 4999}, texts(5000, 'ip'))
  expect(estimated.isApproximate(0)).toBe(true)
  expect(Math.abs(Number(estimated.finish(0)) - 5000)).toBeLessThan(5000 * 0.03)
})

test('distinct counts key texts: 1 and "1" are one, null and absent none', () => {
  expect(
    resultOf({aggregate: 'distinct', exactUpTo: 10}, [1, '1', 1n, 1.0, '01', true, 'true', null, undefined, {a: 1}]),
  ).toBe(4)
})

test('the estimate has a standard error of 0.8 % at every size', () => {
  for (const count of [100, 1000, 10_000, 40_000, 100_000]) {
    const rounds = count >= 40_000 ? 6 : 16
    let squares = 0
    for (let round = 0; round < rounds; round++) {
      const estimate = Number(filled({aggregate: 'distinct', exactUpTo: 0}, texts(count, `${round}-`)).finish(0))
      squares += (estimate / count - 1) ** 2
    }
    expect(Math.sqrt(squares / rounds)).toBeLessThan(0.0081 * 1.6)
  }
})

test('no two of a million short texts share a hash, and each bit of it is set half of the time', () => {
  const hash = new TextHash()
  const seen = new Set<number>()
  const bits = new Uint32Array(64)
  const count = 1_000_000
  for (let index = 0; index < count; index++) {
    hash.of(index.toString(36))
    // 53 of the 64 bits: even those meet with a probability of 1 in 18,000 only.
    seen.add(hash.high * 2 ** 21 + (hash.low & 0x1fffff))
    if (index % 20 === 0)
      for (let bit = 0; bit < 32; bit++) {
        bits[bit]! += (hash.high >>> bit) & 1
        bits[bit + 32]! += (hash.low >>> bit) & 1
      }
  }
  expect(seen.size).toBe(count)
  for (const ones of bits) expect(Math.abs(ones / (count / 20) - 0.5)).toBeLessThan(0.015)
})

test('the hash of text is that of its UTF-8 bytes, whichever way it is computed', () => {
  const random = seededRandom(1)
  for (let length = 0; length < 40; length++) {
    const ascii = Array.from({length}, () => String.fromCharCode(random.int(128))).join('')
    for (const text of [ascii, `${ascii}\u00e9`, `\u{1f600}${ascii}`, `${ascii.slice(3)}\ud800${ascii.slice(0, 3)}`]) {
      expect(hashOf(text)).toBe(referenceHash(Buffer.from(text)))
    }
  }
  expect(hashOf('\ud800')).toBe(hashOf('\ufffd'))
  expect(new Set(['', '\0', '\0\0', '\0\0\0\0', '\0\0\0\0\0'].map(hashOf)).size).toBe(5)
})

function hashOf(text: string): string {
  const hash = new TextHash()
  hash.of(text)
  return `${hash.high} ${hash.low}`
}

/** The definition, word by word. */
function referenceHash(bytes: Uint8Array): string {
  const padded = Buffer.concat([bytes, Buffer.alloc(4 - (bytes.length % 4))])
  let a = 0x2545f491
  let b = 0x1b873593 ^ 0x5bd1e995
  const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits))
  for (let at = 0; at < padded.length; at += 4) {
    const word = padded.readInt32LE(at)
    a = (Math.imul(rotate(a ^ word, 15), 0x9e3779b1) + b) | 0
    b = Math.imul(rotate(b ^ word, 13), 0x85ebca77) ^ a
  }
  const high = mixed(a ^ bytes.length)
  const low = mixed((b + high) | 0)
  return `${mixed((high + low) | 0) >>> 0} ${low >>> 0}`
}

test('quantiles are within 0.4 % of the true value of that rank', () => {
  const random = seededRandom(21)
  const spread = Array.from(
    {length: 4000},
    () => (Math.round(Math.exp(random.next() * 20 - 5) * 1000) / 1000) * (random.next() < 0.2 ? -1 : 1),
  )
  const sorted = [...spread].sort((a, b) => a - b)
  for (const q of [0, 0.001, 0.07, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]) {
    const truth = sorted[Math.max(Math.ceil(Number((q * 4000).toFixed(6))), 1) - 1]!
    expect(Math.abs(Number(resultOf({aggregate: 'quantile', q}, spread)) - truth)).toBeLessThanOrEqual(
      Math.abs(truth) * 0.004,
    )
  }
})

test('quantiles of few or equal values are values themselves, and round numbers where they are not', () => {
  expect(resultOf({aggregate: 'quantile', q: 0.95}, [123.456])).toBe(123.456)
  expect(resultOf({aggregate: 'quantile', q: 0.5}, [7.123, 7.123, 7.123])).toBe(7.123)
  expect(resultOf({aggregate: 'quantile', q: 0.95}, [])).toBe(null)
  expect(resultOf({aggregate: 'quantile', q: 0.5}, [1, 100.21, 1000])).toBe(100)
  expect(resultOf({aggregate: 'quantile', q: 0.5}, [-1000, -100.21, 1])).toBe(-100)
  expect(resultOf({aggregate: 'quantile', q: 0.5}, [-1, 0, '5'])).toBe(0)
  const column = columnOf({aggregate: 'quantile', q: 0.5})
  expect([column.add(0, 'x'), column.add(0, 10n ** 400n), column.add(0, null)]).toEqual([false, false, true])
})

test('the rank of a quantile is that of the decimal as written', () => {
  // In doubles 0.07 * 100 is a little more than 7.
  expect(
    resultOf(
      {aggregate: 'quantile', q: 0.07},
      shuffledCopy(
        Array.from({length: 100}, (_, index) => index + 1),
        seededRandom(1),
      ),
    ),
  ).toBe(7)
})

test('a histogram counts by bounds, each bucket from its bound on', () => {
  expect(
    resultOf({aggregate: 'histogram', bounds: [10, 50]}, [9.99, '10', 49, 50, 1000, 2n ** 60n, null, 'x']),
  ).toEqual({'<10': 1, '10-50': 2, '>=50': 3})
  expect(resultOf({aggregate: 'histogram', bounds: [-5, 0.5]}, [])).toEqual({'<-5': 0, '-5 to 0.5': 0, '>=0.5': 0})
})

test('collect gives the first texts in code point order, each once', () => {
  const values = ['b', 'a', 10, 9, '10', '\u{1f600}', '\uffee', null, undefined, true]
  expect(resultOf({aggregate: 'collect', max: 100}, values)).toEqual([
    '10',
    '9',
    'a',
    'b',
    'true',
    '\uffee',
    '\u{1f600}',
  ])
  expect(resultOf({aggregate: 'collect', max: 3}, values)).toEqual(['10', '9', 'a'])
  expect(resultOf({aggregate: 'collect', max: 3}, [])).toEqual([])
})
