/** Code for usual lines, in use: the row path gives the same. */
import {expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {openInstance} from '../../../../src/engine/kernel/instance.ts'
import {askFor, makeUsualExchange, offer} from '../../../../src/engine/kernel/usual-line/usual-exchange.ts'
import {UsualReader} from '../../../../src/engine/kernel/usual-line/usual-reader.ts'
import {count, sum} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows} from './both-ways.ts'
import {differenceOf} from './fuzz.ts'
import {usualCaseOf} from './usual-fuzz.ts'

const plan = planOf({
  name: 'usual',
  format: 'json',
  keyParts: ['k', 'u.x'],
  valueParts: {records: count(), price: sum('price'), whole: sum('whole')},
})
const supported = kernelPlan(plan)
if ('reason' in supported) throw new Error(supported.reason)

const line = (index: number, more = ''): string =>
  `{"time":"13309056${10_000 + index}","k":"k${index % 5}","free":"${'some text '.repeat(index % 6)}","price":${index % 90}.${index % 7}0,"whole":${index},"u":{"x":${index % 3},"ok":${index % 2 === 0}}${more}}`
const lines = (lineCount: number, more = ''): string[] =>
  Array.from({length: lineCount}, (_, index) => line(index, more))
const chunkOf = (list: readonly (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(list.flatMap(one => [Buffer.from(one as string), Buffer.from('\n')]))

/** Runs chunks both ways and demands the same. Code, or a table, is made at once. */
function same(chunks: readonly Uint8Array[], {usualBytes = 0, codeValues = 32} = {}) {
  const input = {chunks, isFirst: false, usualBytes, codeValues}
  const {passed, usual = 0, runs, ...found} = byKernel(plan, supported as never, input)
  const {runs: expectedRuns, ...expected} = byRows(plan, input)
  expect(found).toEqual(expected)
  if (passed === 0) expect(runs).toEqual(expectedRuns)
  return {passed, usual, bad: found.account.bad}
}

test('lines that are alike are read by code made for them', () => {
  const {passed, usual} = same([chunkOf(lines(1000))])
  expect(passed).toBe(0)
  // Some are read again, when a number is finer than those before it.
  expect(usual).toBeGreaterThanOrEqual(1000)
})

test('a small input is read without', () => {
  expect(same([chunkOf(lines(1000))], {usualBytes: 256 * 1024})).toMatchObject({passed: 0, usual: 0})
})

test('lines without a usual one are read without', () => {
  expect(same([chunkOf(Array.from({length: 300}, (_, index) => `{"k":"a","n${index}":${index}}`))]).usual).toBe(0)
})

test('lines that have become others get code of their own', () => {
  const {usual} = same([chunkOf(lines(500)), chunkOf(lines(500, ',"more":null')), chunkOf(lines(500, ',"more":null'))])
  expect(usual).toBeGreaterThan(900)
})

test('unusual lines between usual ones go to the general reader by themselves', () => {
  const odd = [
    '',
    '{"k":"a"',
    '{"price":1e3}',
    '{"k":"\\u00e9","u":{"x":-1}}',
    '{"u":7,"k":"b"}',
    '[1]',
    '{"k":"a","k":"b"}',
  ]
  const mixed = lines(2000).map((text, index) => (index % 23 === 22 ? odd[((index / 23) % 7) | 0]! : text))
  const {usual, passed} = same([chunkOf(mixed)])
  expect(usual).toBeGreaterThan(1000)
  expect(passed).toBeLessThan(90)
})

/** What a byte may be confused with. */
const bytes = Buffer.from('{}[]:,"\\ \t\r0195-+.eEtfnlux/\u0000\u0001\u001f\u007f')
const beyondAscii = [0x80, 0xbf, 0xc3, 0xed, 0xf0, 0xff]

function* neighbours(text: string): Generator<Uint8Array> {
  const good = Buffer.from(text)
  for (let at = 0; at <= good.length; at++) {
    const before = good.subarray(0, at)
    yield before
    yield Buffer.concat([before, good.subarray(at + 1)])
    yield Buffer.concat([before, good.subarray(Math.max(0, at - 1))])
    for (const byte of [...bytes, ...beyondAscii]) {
      yield Buffer.concat([before, Buffer.of(byte), good.subarray(at)])
      yield Buffer.concat([before, Buffer.of(byte), good.subarray(at + 1)])
    }
  }
}

test('no line one byte away from a usual one is taken for another', () => {
  const all = [...neighbours(line(12))]
  // Good lines around each, so that it meets the code at all places of a row.
  const between = all.flatMap((one, index) => [one, ...lines(1 + (index % 5))])
  const {usual, bad} = same([chunkOf(lines(200)), chunkOf(between)])
  expect(usual).toBeGreaterThan(all.length)
  expect(bad).toBeGreaterThan(1000)
})

test('no good line one byte away from a usual one is taken for another by a table', () => {
  const good = [...neighbours(line(12))].filter(one => isGood(one))
  const between = good.flatMap((one, index) => [one, ...lines(5 + (index % 5))])
  const {usual} = same([chunkOf(lines(200)), chunkOf(between)], {codeValues: 0})
  expect(usual).toBeGreaterThan(good.length * 5)
})

function isGood(one: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(one))
    return !one.includes(0x0a)
  } catch {
    return false
  }
}

test.each([0, 1, 2, 3, 4, 5])(
  'no line one byte away from a usual one is taken by a table, every 48th from %i',
  first => {
    const all = [...neighbours(line(12))]
    // Each in a scan of its own: behind a line that breaks off, lines are read one by one for some time.
    for (let index = first * 8; index < all.length; index += 48) {
      same([chunkOf([...lines(200), ...lines(index % 60), all[index]!, ...lines(60)])], {codeValues: 0})
    }
  },
)

/** A reader whose kernel tells what it is given. */
function watchedReader(batchLines = 64) {
  const nothing = (): number => 0
  const wasm = openInstance({transform: nothing, number: nothing, zone: nothing})
  wasm.prepare()
  const given: string[] = []
  const state = {read: 0}
  const watched = {
    ...wasm,
    setUsual: (laneCount: number) => given.push(laneCount === 0 ? 'nothing' : `code for ${laneCount} lanes`),
    setTable: (entryCount: number) => given.push(`a table of ${entryCount}`),
    usualCount: () => state.read,
  }
  const reader = new UsualReader(watched, {names: [], slots: [], areaBytes: 40, batchLines}, {bytesMin: 100})
  return {reader, given, state}
}

/** Twenty lines of so many numbers. */
function numbersPiece(count: number, name = 'n'): Uint8Array {
  const members = Array.from({length: count}, (_, index) => `"${name}${index}":${index}`)
  return chunkOf(Array.from({length: 20}, () => `{${members.join(',')}}`))
}

test.each([
  {what: 'few values', count: 8, batchLines: 64, expected: ['code for 4 lanes']},
  {what: 'more', count: 20, batchLines: 64, expected: ['code for 2 lanes']},
  {what: 'many', count: 60, batchLines: 64, expected: ['a table of 61']},
  {what: 'many, of which many are needed', count: 60, batchLines: 16, expected: []},
  {what: 'more than a table holds', count: 300, batchLines: 64, expected: []},
])('lines of $what get $expected', ({count, batchLines, expected}) => {
  const {reader, given} = watchedReader(batchLines)
  reader.before(numbersPiece(count))
  expect(given).toEqual(expected)
})

test('a table that reads the input stays', () => {
  const {reader, given, state} = watchedReader()
  for (let index = 0; index < 40; index++) {
    reader.before(numbersPiece(60))
    state.read += 20
  }
  expect(given).toEqual(['a table of 61'])
})

test('a table is given up when lines have become others and no two of them are alike', () => {
  const {reader, given} = watchedReader()
  reader.before(numbersPiece(60))
  const others = chunkOf(Array.from({length: 20}, (_, index) => `{"n${index}":1}`))
  for (let index = 0; index < 40; index++) reader.before(others)
  expect(given).toEqual(['a table of 61', 'nothing'])
})

test('a line whose values are of other kinds is still read by the table', () => {
  const long = (index: number, more: string): string =>
    `{"k":"k${index % 5}","price":${index}.5,"whole":${index},"u":{"x":${index % 3}},"error":${more},"stack":""}`
  const others = ['"text"', '{"deep":[1]}', '7', '1e5', '"a\\"b"', '12345678901234567']
  const mixed = Array.from({length: 2000}, (_, index) => long(index, index % 23 === 22 ? others[index % 6]! : 'null'))
  const {usual, passed} = same([chunkOf(mixed)], {codeValues: 0})
  // A few lines at the end are too few for lanes.
  expect(usual).toBeGreaterThan(1915)
  expect(passed).toBe(0)
})

test('one scanner makes the code, and the others wait for it', () => {
  const exchange = makeUsualExchange()
  expect(askFor(exchange)).toBe('make')
  expect(askFor(exchange)).toBe('wait')
  const fields = {present: 2n ** 63n + 5n, numeric: 4n}
  const made = {code: Uint8Array.of(1, 2, 3), isTable: true, laneCount: 4, lineBytes: 194, bits: 2n ** 63n, fields}
  offer(exchange, made)
  expect(askFor(exchange)).toEqual(made)
})

const tooLong = {
  ...{code: new Uint8Array(100_000), isTable: false, laneCount: 4, lineBytes: 194, bits: 0n},
  fields: {present: 0n, numeric: 0n},
}
test.each([undefined, tooLong])('there is none to share when there is none, or it is too long', made => {
  const exchange = makeUsualExchange()
  askFor(exchange)
  offer(exchange, made)
  expect(askFor(exchange)).toBe('none')
})

test.each([1, 101, 201, 301])('lines that are alike, or almost, give what the row path gives, seeds from %i', from => {
  for (let seed = from; seed < from + 100; seed++) {
    expect({seed, difference: differenceOf(usualCaseOf(seed)).difference}).toEqual({seed, difference: undefined})
  }
})
