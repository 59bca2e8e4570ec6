import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {TextHash} from '../../../../src/engine/bytes/index.ts'
import {observe, registerCount} from '../../../../src/engine/columns/hyper-log-log.ts'
import {distinctOf, makeColumn, quantileOf, stddevOf} from '../../../../src/engine/columns/index.ts'
import {NumberBuckets} from '../../../../src/engine/columns/number-buckets.ts'

const random = seededRandom(7)
const numbers = Array.from({length: 500}, () => Math.round((random.next() - 0.3) * 1e6) / 100)

test.each([0, 0.07, 0.5, 0.95, 1])('counts by bucket give the quantile %d of the numbers themselves', q => {
  const column = makeColumn({aggregate: 'quantile', field: 'x', column: 'x', q})
  column.grow(1)
  const buckets = new NumberBuckets()
  const counts = new Map<number, number>()
  for (const number of numbers) {
    column.add(0, number)
    counts.set(buckets.of(number), (counts.get(buckets.of(number)) ?? 0) + 1)
  }
  const found = quantileOf(q, {counts, lowest: Math.min(...numbers), highest: Math.max(...numbers)})
  expect(found).toBe(column.finish(0))
})

test('no counts give no quantile', () => {
  expect(quantileOf(0.5, {counts: [], lowest: Number.POSITIVE_INFINITY, highest: Number.NEGATIVE_INFINITY})).toBeNull()
})

test('exact sums give the deviation of the numbers themselves', () => {
  const column = makeColumn({aggregate: 'stddev', field: 'x', column: 'x'})
  column.grow(1)
  for (const number of numbers) column.add(0, number)
  const hundredths = numbers.map(number => BigInt(Math.round(number * 100)))
  const sum = hundredths.reduce((total, each) => total + each, 0n)
  const squares = hundredths.reduce((total, each) => total + each ** 2n, 0n)
  const sums = {sum: {coefficient: sum, scale: 2}, squares: {coefficient: squares * 10n ** 40n, scale: 44}}
  expect(stddevOf({count: numbers.length, ...sums})).toBe(column.finish(0))
  expect(stddevOf({count: 1, ...sums})).toBeNull()
})

test('registers counted by rank give the estimate of the texts themselves', () => {
  const column = makeColumn({aggregate: 'distinct', field: 'x', column: 'x', exactUpTo: 0})
  column.grow(1)
  const hash = new TextHash()
  const registers = new Uint8Array(registerCount)
  for (const number of numbers) {
    column.add(0, `ü${number}`)
    hash.of(`ü${number}`)
    observe(registers, hash.low, hash.high)
  }
  const ranks = Array.from({length: 52}, (_, rank) => [rank, registers.filter(each => each === rank).length] as const)
  expect(distinctOf(ranks.slice(1))).toBe(column.finish(0))
})
