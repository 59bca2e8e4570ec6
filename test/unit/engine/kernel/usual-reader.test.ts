/** Code for usual lines, in use: the row path gives the same. */
import {expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {openInstance} from '../../../../src/engine/kernel/instance.ts'
import {longLineFactor} from '../../../../src/engine/kernel/limits.ts'
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

/** Runs chunks both ways and demands the same. Code is made at once. */
function same(chunks: readonly Uint8Array[], usualBytes = 0) {
  const input = {chunks, isFirst: false, usualBytes}
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
  expect(same([chunkOf(lines(1000))], 256 * 1024)).toMatchObject({passed: 0, usual: 0})
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

test('long lines get code after more input than short ones, and code that reads them stays', () => {
  const nothing = (): number => 0
  const wasm = openInstance({transform: nothing, number: nothing, zone: nothing})
  wasm.prepare()
  let made = 0
  let read = 0
  const setUsual = (): void => {
    made++
  }
  const reader = new UsualReader(
    {...wasm, setUsual, usualCount: () => read},
    {names: [], slots: [], areaBytes: 40, batchLines: 64},
    {bytesMin: 100},
  )
  const members = Array.from({length: 60}, (_, index) => `"n${index}":${index}`)
  const piece = chunkOf(Array.from({length: 20}, () => `{${members.join(',')}}`))
  const madeAfter = Array.from({length: 40}, () => {
    reader.before(piece)
    if (made > 0) read += 20
    return made
  })
  const waited = (100 * longLineFactor) / piece.length
  expect(madeAfter.indexOf(1)).toBe(Math.floor(waited))
  expect(made).toBe(1)
})

test('one scanner makes the code, and the others wait for it', () => {
  const exchange = makeUsualExchange()
  expect(askFor(exchange)).toBe('make')
  expect(askFor(exchange)).toBe('wait')
  const made = {code: Uint8Array.of(1, 2, 3), laneCount: 4, lineBytes: 194, bits: 2n ** 63n}
  offer(exchange, made)
  expect(askFor(exchange)).toEqual(made)
})

test.each([undefined, {code: new Uint8Array(100_000), laneCount: 4, lineBytes: 194, bits: 0n}])(
  'there is none to share when there is none, or it is too long',
  made => {
    const exchange = makeUsualExchange()
    askFor(exchange)
    offer(exchange, made)
    expect(askFor(exchange)).toBe('none')
  },
)

test.each([1, 101, 201, 301])('lines that are alike, or almost, give what the row path gives, seeds from %i', from => {
  for (let seed = from; seed < from + 100; seed++) {
    expect({seed, difference: differenceOf(usualCaseOf(seed)).difference}).toEqual({seed, difference: undefined})
  }
})
