/** Keys of several parts that the kernel turns into codes when a table has many groups. */
import {expect, test} from 'vitest'
import {avg, count, max, type RuleOptions, sum, where} from '../../../../src/rules/index.ts'
import type {Input} from './both-ways.ts'
import {same as sameOneWay} from './same.ts'

const lineCount = 3_000
const codesFrom = 500

/** As runs of records, and as coded runs. */
function same(options: Partial<RuleOptions>, given: readonly string[], input: Partial<Input>) {
  const found = sameOneWay(options, given, input)
  const {codedRuns = 0, ...asCoded} = sameOneWay(options, given, {...input, isCoded: true})
  expect(asCoded).toEqual(found)
  return {...found, codedRuns}
}

/** Different keys, of few texts each. */
function lines(texts: readonly ((index: number) => unknown)[], count = lineCount): string[] {
  const names = ['k', 'm', 'o', 'p', 'q']
  return Array.from({length: count}, (_, index) =>
    JSON.stringify({...Object.fromEntries(texts.map((text, part) => [names[part], text(index)])), n: index % 7}),
  )
}

const two = {keyParts: ['k', 'm'], valueParts: ['count', 'n']} satisfies Partial<RuleOptions>
const letters = 'abcdefghijklmnopqrstuvwxyz'

test.each<[string, (index: number) => unknown, (index: number) => unknown]>([
  ['numbers', index => index % 97, index => (index * 31) % 131],
  ['empty texts among short ones', index => letters.slice(0, index % 9), index => (index * 31) % 211],
  ['texts of 23 to 33 bytes', index => 'x'.repeat(23 + (index % 11)), index => `${letters}-${(index * 31) % 199}`],
  ['texts that begin others', index => 'ab'.repeat(index % 40), index => letters.repeat(2).slice(0, index % 51)],
  ['other scripts', index => `日本${index % 83}`, index => `é${(index * 7) % 149}`],
])('%s make the rows that they make as texts', (_, first, second) => {
  const given = lines([first, second])
  const found = same(two, given, {codesFrom, cellsFrom: 0})
  expect(found.passed).toBe(0)
  const keys = new Set(given.map(line => JSON.stringify([JSON.parse(line).k, JSON.parse(line).m])))
  expect([found.rows.length, found.codedRuns]).toEqual([keys.size, 1])
})

test('three and four parts become codes, five do not', () => {
  const texts = [(index: number) => index % 23, (index: number) => `t${index % 29}`, (index: number) => index % 31]
  const four = [...texts, (index: number) => index % 2]
  for (const given of [texts, four, [...four, () => 'same']]) {
    const keyParts = ['k', 'm', 'o', 'p', 'q'].slice(0, given.length)
    const {passed, codedRuns} = same({...two, keyParts}, lines(given), {codesFrom})
    expect([passed, codedRuns]).toEqual([0, keyParts.length < 5 ? 1 : 0])
  }
})

test('a part that gets more texts than there are codes for has all groups written out, once', () => {
  const parts = ['k', 'm', 'o', 'p']
  const few = [(index: number) => index % 3, (index: number) => index % 5, (index: number) => index % 2]
  const given = lines([...few, index => (index < 1_000 ? index % 40 : index % 1_000)])
  const found = same({...two, keyParts: parts}, given, {codesFrom: 0})
  expect(found.passed).toBe(0)
  expect(found.runs.map(runs => runs.length)).toEqual([2])
})

test('a part that has another text in every record stays text', () => {
  const given = lines([index => index % 3, index => `visitor ${index}`])
  const found = same(two, given, {codesFrom})
  expect([found.rows.length, found.runs.map(runs => runs.length)]).toEqual([lineCount, [1]])
})

test('sums that get finer, sets and conditions are those of texts', () => {
  const texts = [(index: number) => index % 97, (index: number) => (index * 31) % 131]
  const given = lines(texts).map((line, index) => line.replace(/"n":(\d)/, index > 2_000 ? '"n":$1.125' : '"n":$1'))
  const keysets = {
    all: {keyParts: ['k', 'm'], valueParts: ['count', 'n']},
    some: {keyParts: ['m', 'k'], valueParts: ['n'], partsPreprocess: [where('n > 2')]},
    few: {keyParts: ['k'], valueParts: ['count']},
  }
  const found = same({keysets, keyParts: undefined, valueParts: undefined} as never, given, {codesFrom})
  expect([found.passed, found.codedRuns]).toEqual([0, 2])
})

test('means, and sums on both sides of zero with digits that go far, are the same as numbers and as states', () => {
  const texts = [(index: number) => index % 97, (index: number) => (index * 31) % 131]
  const given = lines(texts).map((line, index) =>
    line.replace(/"n":\d/, `"n":${index % 2 ? '-' : ''}98765432${index % 10}.${index}`),
  )
  const valueParts = {count: count(), n: sum('n'), mean: avg('n'), some: count('n')}
  expect(same({...two, valueParts}, given, {codesFrom}).codedRuns).toBe(1)
  expect(same({...two, valueParts: {...valueParts, most: max('n')}}, given, {codesFrom}).codedRuns).toBe(0)
})

test('after the groups were written out keys become codes again', () => {
  const given = lines([index => index % 97, index => (index * 31) % 131], 6_000)
  const chunks = given.map(line => Buffer.from(`${line}\n`))
  const found = same(two, given, {budgetBytes: 400_000, chunks, codesFrom})
  expect(found.runs[0]!.length).toBeGreaterThan(1)
})
