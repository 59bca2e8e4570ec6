import {expect, test} from 'vitest'
import type {Account} from '../../../src/engine/index.ts'
import {type AccountOptions, formatAccount} from '../../../src/ui/index.ts'
import {accountOf, sampleOf} from './accounts.ts'

const timing = {seconds: 3.2, peakMemoryBytes: 210e6, threads: 2}
const linesOf = (parts: Partial<Account>, options: Partial<AccountOptions> = {}): string[] =>
  formatAccount(accountOf(parts), timing, {color: false, ...options})
    .trimEnd()
    .split('\n')

const clean = {bytes: 195.2e6, in: 1_000_000, used: 1_000_000}

test('the first line adds up and tells time, speed and memory', () => {
  expect(linesOf({...clean, used: 999_990, bad: 10})).toEqual([
    'in 1,000,000 = used 999,990 + filtered 0 + bad 10 · 3.2 s · 61 MB/s · peak 210 MB · 2 threads',
  ])
})

test('blank lines stand apart, and no time gives no speed', () => {
  const text = formatAccount(accountOf({...clean, blank: 3}), {...timing, seconds: 0, threads: 1}, {color: false})
  expect(text).toBe(
    'in 1,000,000 = used 1,000,000 + filtered 0 + bad 0 · 3 blank lines apart · 0.0 s · peak 210 MB · 1 thread\n',
  )
})

test('of less than a second the speed is said only where much was read', () => {
  const text = (bytes: number) => formatAccount(accountOf({bytes}), {...timing, seconds: 0.5}, {color: false})
  expect(text(1e6)).toContain('bad 0 · 0.5 s · peak')
  expect(text(50e6)).toContain('· 0.5 s · 100 MB/s · peak')
})

test('bad records come by reason, the first of them with file, line and excerpt', () => {
  const badSamples = [
    sampleOf(17, {detail: 'Unexpected end'}),
    ...[18, 19, 20, 21, 22].map(line => sampleOf(line, {reason: 'not UTF-8', excerpt: ''})),
  ]
  const lines = linesOf({...clean, bad: 1012, badByReason: {'not UTF-8': 12, 'not JSON': 1000}, badSamples})
  expect(lines.slice(1)).toEqual([
    'bad: 1,000 not JSON, 12 not UTF-8',
    '  logs/a.ndjson:17  not JSON: Unexpected end',
    '    {"a": ',
    '  logs/a.ndjson:18  not UTF-8',
    '  logs/a.ndjson:19  not UTF-8',
    '  logs/a.ndjson:20  not UTF-8',
    '  logs/a.ndjson:21  not UTF-8',
    '  … and 1,007 more',
  ])
})

test('filtered records come by reason', () => {
  expect(linesOf({...clean, filteredByReason: {preprocess: 12, 'key part missing': 30}})[1]).toBe(
    'filtered: 30 key part missing, 12 preprocess',
  )
})

test('dropped pairs name the part', () => {
  const dropped = {'clicks.site_id': 12, '_default.ad_id': 1}
  expect(linesOf({...clean, dropped}).slice(1)).toEqual([
    'clicks.site_id was missing or null in 12 records',
    'ad_id was missing or null in 1 record',
  ])
})

test('values that are not numbers are told with an example', () => {
  const coerced = {'_default.price': {count: 7, example: '"n/a"'}, 'clicks.slow': {count: 1, example: '"-\u001b[2J"'}}
  expect(linesOf({...clean, coerced}, {columnsWithoutZero: new Set(['clicks.slow'])}).slice(1)).toEqual([
    'price: 7 values are not numbers, counted as 0, for example "n/a"',
    'clicks.slow: 1 value is not a number, left out, for example "-\\u001b[2J"',
  ])
})

test('hook errors name hook, message, file, line and record', () => {
  const hookErrors = {
    'fieldTransforms.ad_id[0]': {count: 3, message: 'boom\nat x', sample: sampleOf(4, {excerpt: '{"ad_id":1}'})},
    'keysets.k.partsPreprocess[0]': {count: 1, message: 'bang', sample: sampleOf(5, {excerpt: ''})},
  }
  expect(linesOf({...clean, hookErrors}).slice(1)).toEqual([
    'fieldTransforms.ad_id[0] failed 3 times: boom\\nat x',
    '  first at logs/a.ndjson:4',
    '    {"ad_id":1}',
    'keysets.k.partsPreprocess[0] failed once: bang',
    '  first at logs/a.ndjson:5',
  ])
})

test('estimates are told with their method', () => {
  const approximations = [{column: '_default.people', method: 'HyperLogLog ±0.8 %', groupCount: 12}]
  expect(linesOf(clean, {approximations})[1]).toBe('people: estimates (HyperLogLog ±0.8 %) in 12 groups')
})

test('long lists end with a count', () => {
  const dropped = Object.fromEntries(Array.from({length: 14}, (_, index) => [`k.part${index}`, 100 - index]))
  const lines = linesOf({...clean, dropped})
  expect(lines).toHaveLength(12)
  expect(lines.at(-1)).toBe('… and 4 more')
  const badByReason = Object.fromEntries(Array.from({length: 12}, (_, index) => [`reason ${index}`, 1]))
  expect(linesOf({...clean, bad: 12, badByReason})[1]).toMatch(/, … and 2 more reasons$/)
})

test('nothing of the data reaches the terminal raw', () => {
  const evil = 'x\u001b]0;evil\u0007'
  const text = formatAccount(
    accountOf({
      ...clean,
      bad: 1,
      badByReason: {[evil]: 1},
      badSamples: [{reason: evil, file: evil, line: 1, excerpt: evil, detail: evil}],
      dropped: {[evil]: 1},
      coerced: {[evil]: {count: 1, example: evil}},
      hookErrors: {[evil]: {count: 1, message: evil, sample: sampleOf(1, {file: evil, excerpt: evil})}},
    }),
    timing,
    {color: false},
  )
  expect(text).not.toMatch(/[\u001b\u0007]/)
})

test.each([
  ['not JSON', {bad: 9, badByReason: {'not JSON': 8, 'not UTF-8': 1}}, 'the lines are not JSON', 'name the format'],
  [
    'no object',
    {filtered: 9, filteredByReason: {'no JSON object on the line': 9}},
    'no line holds a JSON object',
    'csv',
  ],
  ['filter', {filtered: 9, filteredByReason: {preprocess: 9}}, 'let no record pass', 'inferno trace'],
  [
    'key part',
    {filtered: 9, filteredByReason: {'key part missing': 9}, dropped: {'_default.site_id': 9, '_default.ad_id': 2}},
    'the key part "site_id" is missing or null',
    'compare keyParts',
  ],
  ['custom reader', {bad: 9, badByReason: {reader: 9}}, 'reader', 'inferno infer'],
])('a run without used records says why: %s', (_, parts, reason, hint) => {
  const [warning, advice] = linesOf({in: 9, ...parts}).slice(-2)
  expect(warning).toContain('no rows, no record reached a group: ')
  expect(warning).toContain(reason)
  expect(advice).toMatch(/^ {2}try: /)
  expect(advice).toContain(hint)
})

test('an empty input is told, and colour marks warnings only', () => {
  expect(linesOf({}).at(-1)).toBe('no rows: the input holds no records')
  expect(linesOf({}, {color: true}).at(-1)).toBe('\u001b[33mno rows: the input holds no records\u001b[39m')
  expect(linesOf(clean, {color: true}).join('')).not.toContain('\u001b')
})
