import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {bigPowerOfTen, ratioOf, roundRatio, splitDouble} from '../../../../src/engine/numbers/index.ts'

function someDoubles(seed: number, count: number): number[] {
  const random = seededRandom(seed)
  const view = new DataView(new ArrayBuffer(8))
  return Array.from({length: count}, () => {
    view.setUint32(0, Math.floor(random.next() * 2 ** 32))
    view.setUint32(4, Math.floor(random.next() * 2 ** 32))
    return view.getFloat64(0)
  }).filter(Number.isFinite)
}

const edges = [
  0,
  1,
  -1,
  0.1,
  Number.MIN_VALUE,
  2.2250738585072014e-308,
  2.225073858507201e-308,
  Number.MAX_VALUE,
  2 ** 53,
]

test('a double split and put together is the same double', () => {
  for (const value of [...edges, ...someDoubles(4, 5000)]) {
    const {mantissa, exponent} = splitDouble(value)
    expect(Number.isSafeInteger(mantissa)).toBe(true)
    expect(roundRatio(ratioOf(0n, 0, BigInt(mantissa), exponent))).toBe(value + 0)
  }
})

test('decimals round as the language reads them, subnormal ones too', () => {
  const random = seededRandom(5)
  for (let round = 0; round < 5000; round++) {
    const coefficient = BigInt(Math.floor(random.next() * 2 ** 53)) * BigInt(1 + random.int(1000)) + 1n
    const power = random.int(360) - 20
    const ratio =
      power >= 0
        ? {numerator: coefficient, denominator: bigPowerOfTen(power)}
        : {numerator: coefficient * bigPowerOfTen(-power), denominator: 1n}
    expect(roundRatio(ratio)).toBe(Number(`${coefficient}e${-power}`))
  }
})

test('halves between two doubles go to the even one', () => {
  const two53 = 2n ** 53n
  expect(roundRatio({numerator: two53 + 1n, denominator: 1n})).toBe(2 ** 53)
  expect(roundRatio({numerator: two53 + 3n, denominator: 1n})).toBe(2 ** 53 + 4)
  expect(roundRatio({numerator: 1n, denominator: 2n ** 1075n})).toBe(0)
  expect(roundRatio({numerator: -1n, denominator: 2n ** 1075n})).toBe(0)
  expect(roundRatio({numerator: 3n, denominator: 2n ** 1075n})).toBe(2 * Number.MIN_VALUE)
  expect(roundRatio({numerator: 2n ** 1100n, denominator: 2n})).toBe(Number.POSITIVE_INFINITY)
})
