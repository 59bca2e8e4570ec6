import {expect, test} from 'vitest'
import {chunkFacts} from '../../../src/engine/index.ts'

const factsOf = (text: string, ...names: string[]) => chunkFacts(Buffer.from(text), names, async () => undefined)
const fieldOf = async (values: readonly unknown[]) =>
  (
    await factsOf(
      values.map(n => (typeof n === 'string' ? n : JSON.stringify(n === undefined ? {} : {n}))).join('\n'),
      'n',
    )
  )?.fields.get('n')
const many = (count: number, of: (index: number) => unknown) =>
  Array.from({length: count}, (_, index) => ({n: of(index)}))
const linesOf = (records: readonly unknown[]) => records.map(record => JSON.stringify(record))

test('few values are listed, with null, and whether a record lacks the field', async () => {
  expect(await fieldOf([1, null, 1, undefined, true])).toEqual({values: [1, null, true], isOptional: true})
  expect(await fieldOf([undefined])).toEqual({values: [], isOptional: true})
})

test('many numbers or texts are told by a range, what is beside them by value', async () => {
  expect(await fieldOf(linesOf([...many(20, index => index - 3), {n: null}, {}]))).toEqual({
    values: [null],
    range: {type: 'number', min: -3, max: 16},
    isOptional: true,
  })
  expect(await fieldOf(linesOf(many(20, index => String.fromCodePoint(0xffff + index))))).toEqual({
    values: [],
    range: {type: 'text', min: '\uffff', max: String.fromCodePoint(0xffff + 19)},
    isOptional: false,
  })
})

test('texts that are times say between which ones, as far as no zone or unit changes them', async () => {
  const day = (index: number) => `2026-11-${String(index + 1).padStart(2, '0')}`
  const range = async (of: (index: number) => unknown) => (await fieldOf(linesOf(many(20, of))))?.range
  const first = Date.UTC(2026, 10, 1) / 1000
  expect(await range(index => `${day(index)}T00:00:00Z`)).toMatchObject({
    times: {kind: 'zoned', from: first, to: first + 19 * 86_400},
  })
  expect(await range(index => `${day(19 - index)}T01:00:00+01:00`)).toMatchObject({
    times: {kind: 'zoned', from: first, to: first + 19 * 86_400},
  })
  expect(await range(day)).toMatchObject({times: {kind: 'clock', from: first, to: first + 19 * 86_400}})
  for (const of of [
    (index: number) => (index === 7 ? 'no time' : day(index)),
    (index: number) => (index === 7 ? `${day(index)}T00:00:00Z` : day(index)),
    (index: number) => String(3590 + index),
  ])
    expect(await range(of)).not.toHaveProperty('times')
})

test('objects, large integers, texts beside numbers and long texts leave a field untold', async () => {
  for (const value of ['{}', '[1]', '9007199254740993', '1e999'])
    expect(await fieldOf(['{"n":1}', `{"n":${value}}`]), value).toBeUndefined()
  expect(await fieldOf(linesOf([...many(20, index => index), {n: 'a'}]))).toBeUndefined()
  expect(await fieldOf(linesOf(many(20, index => 'x'.repeat(300) + index)))).toBeUndefined()
})

test('the sign of a zero is kept out of lists', async () => {
  expect(await fieldOf(['{"n":0}', '{"n":-0}'])).toMatchObject({values: [], range: {type: 'number'}})
})

test('all names are listed, unless they are too many', async () => {
  expect((await factsOf('{"a":1}\n{"b":{"c":2}}'))?.names).toEqual(new Set(['a', 'b']))
  const wide = Object.fromEntries(Array.from({length: 300}, (_, index) => [`f${index}`, 1]))
  expect((await factsOf(JSON.stringify(wide)))?.names).toBeUndefined()
  expect((await factsOf(JSON.stringify({['x'.repeat(9000)]: 1})))?.names).toBeUndefined()
})

test('one line that is no record leaves a chunk without statistics', async () => {
  for (const line of ['', 'text', '{', '[{}]', '{"n":1}{'])
    expect(await factsOf(`{"n":1}\n${line}\n{"n":2}\n`, 'n'), line).toBeUndefined()
  const broken = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
  expect(await chunkFacts(broken, ['n'], async () => undefined)).toBeUndefined()
})

test('of a member that stands twice the last one counts, as for rules', async () => {
  expect((await factsOf('{"n":1,"n":9}', 'n'))?.fields.get('n')).toEqual({values: [9], isOptional: false})
})
