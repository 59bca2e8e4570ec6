import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {Coercion, cellOfExact, cellOfSmall, compareNumbers, Decimal} from '../../../../src/engine/numbers/index.ts'

test('cells are numbers where their text is exact, big integers, and decimals for the rest', () => {
  expect(cellOfExact(10n, 1)).toBe(1)
  expect(cellOfExact(-150n, 2)).toBe(-1.5)
  expect(cellOfExact(0n, 22)).toBe(0)
  expect(cellOfExact(2n ** 53n, 0)).toBe(2n ** 53n)
  expect(cellOfExact(2n ** 53n - 1n, 0)).toBe(2 ** 53 - 1)
  const long = cellOfExact(12345678901234567890n, 2)
  expect(long).toBeInstanceOf(Decimal)
  expect(String(long)).toBe('123456789012345678.9')
  expect(String(cellOfExact(1n, 7))).toBe('0.0000001')
})

test('a decimal prints exactly, counts as its nearest double and is a JSON number', () => {
  const decimal = new Decimal(-12345678901234567891n, 2)
  expect(`${decimal}`).toBe('-123456789012345678.91')
  expect(Number(decimal)).toBe(-123456789012345680)
  expect(JSON.stringify({a: decimal})).toBe('{"a":-123456789012345678.91}')
})

test('the short way to a cell gives what the exact one gives', () => {
  const random = seededRandom(3)
  for (let round = 0; round < 20_000; round++) {
    const coefficient = Math.floor((random.next() - 0.5) * 10 ** random.int(16))
    const scale = random.int(10)
    expect(String(cellOfSmall(coefficient, scale))).toBe(String(cellOfExact(BigInt(coefficient), scale)))
  }
  expect(Object.is(cellOfSmall(-0, 3), 0)).toBe(true)
})

test('decimals written by us are read back exactly', () => {
  const number = new Coercion()
  expect(number.read(new Decimal(12345678901234567891n, 3))).toBe('big')
  expect([number.big, number.scale]).toEqual([12345678901234567891n, 3])
  expect(number.read(new Decimal(1n, 7))).toBe('small')
})

test('numbers of all forms compare by exact value', () => {
  const ascending = [
    -1e300,
    -(2n ** 60n),
    -0.5,
    0,
    new Decimal(3000000000000000001n, 19),
    0.5,
    2 ** 53,
    2n ** 53n + 1n,
    1e300,
  ]
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) expect(Math.sign(compareNumbers(a, b))).toBe(Math.sign(i - j))
  }
  expect(compareNumbers(2 ** 53, 2n ** 53n)).toBe(0)
})
