import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {same} from './same.ts'

const digits = (index: number): string => index.toString().padStart(9, '0')

test.each([
  ['texts of all lengths', (index: number) => 'abcdefghijklmnopqrstuvwxyz'.slice(0, index % 27) + (index % 5_003)],
  ['texts that differ behind the same beginning', (index: number) => `the same beginning ${digits(index)}`],
  ['texts that differ in the first character only', (index: number) => `${index % 10}${'-'.repeat(index % 40)}`],
  [
    'texts of random characters',
    (index: number) =>
      seededRandom(index)
        .int(2 ** 31)
        .toString(36),
  ],
])('thousands of groups, %s, are written in order', (_, key) => {
  const lines = Array.from({length: 12_000}, (_, index) => JSON.stringify({k: key(index), n: index}))
  const found = same({valueParts: ['count', 'n']}, lines)
  expect(found.passed).toBe(0)
  expect(found.rows.length).toBe(new Set(lines.map((_, index) => key(index))).size)
  const keys = found.rows.map(row => Buffer.from(String(row.key[0])))
  expect(keys.every((one, index) => index === 0 || Buffer.compare(keys[index - 1]!, one) < 0)).toBe(true)
})

test('thousands of groups with two parts, which end in the middle of a word, are written in order', () => {
  const lines = Array.from({length: 12_000}, (_, index) =>
    JSON.stringify({k: 'abc'.repeat(index % 4), m: index % 3_001, n: 1}),
  )
  expect(same({keyParts: ['k', 'm'], valueParts: ['count', 'n']}, lines).passed).toBe(0)
})

test('keys of up to 100 bytes that differ in one byte anywhere are different groups', () => {
  const lengths = [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100]
  const keys = lengths.flatMap(length => {
    const plain = 'x'.repeat(length)
    return [plain, ...Array.from({length}, (_, at) => `${plain.slice(0, at)}y${plain.slice(at + 1)}`)]
  })
  const lines = [...keys, ...keys].map(key => JSON.stringify({k: key, m: `${key}!`, n: 1}))
  const found = same({keyParts: ['k', 'm'], valueParts: ['count']}, lines)
  expect(found.passed).toBe(0)
  expect(found.rows.map(row => row.values)).toEqual(keys.map(() => [2]))
})

test('a key that begins another one, and what lies behind it in the line, make no difference', () => {
  const lines = Array.from({length: 40}, (_, length) => [
    `{"k":"${'a'.repeat(length)}","n":1,"behind":"${'a'.repeat(50)}"}`,
    `{"k":"${'a'.repeat(length)}","n":1,"behind":"${'b'.repeat(50)}"}`,
  ]).flat()
  expect(same({valueParts: ['count']}, lines).rows.map(row => row.values)).toEqual(Array.from({length: 40}, () => [2]))
})

test.each([4_095, 4_096, 4_097, 8_192, 8_193])('%i groups are all written', groupCount => {
  const lines = Array.from({length: groupCount}, (_, index) => `{"k":"${(index * 7_919) % groupCount}","n":1}`)
  expect(same({valueParts: ['count']}, lines).rows.length).toBe(groupCount)
})
