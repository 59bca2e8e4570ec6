import {expect, test} from 'vitest'
import type {Postprocess} from '../../../src/rules/index.ts'
import {evaluate, lines} from './evaluate.ts'

const input = lines({k: 'a', v: 1}, {k: 'b', v: 2}, {k: 'c', v: 3})
const run = (...partsPostprocess: Postprocess[]) =>
  evaluate({keyParts: ['k'], valueParts: ['v'], partsPostprocess}, input)

test('a postprocessor filters, appends, duplicates and changes keys; changed keys are not grouped again', () => {
  const result = run(
    function* (key, values) {
      if (values[0] !== 2) yield [key, values]
    },
    function* (key, values) {
      yield [key, [...values, 'more']]
      yield [[key[0]!, 'same'], values]
    },
  )
  expect(result.lines).toEqual(['_default|a|1,more', '_default|same|1', '_default|c|3,more', '_default|same|3'])
})

test('an error drops the row from that point on; what was yielded stays, the next row goes on', () => {
  const result = run(function* picky(key) {
    yield [key, ['before']]
    if (key[1] === 'b') throw new Error('not b')
    yield [key, ['after']]
  })
  expect(result.lines).toEqual([
    '_default|a|before',
    '_default|a|after',
    '_default|b|before',
    '_default|c|before',
    '_default|c|after',
  ])
  expect(result.account.hookErrors).toMatchObject({
    'partsPostprocess[0] (picky)': {count: 1, message: 'not b', sample: {excerpt: '["_default","b"]'}},
  })
})

test('a list that is changed and yielded again is copied each time', () => {
  const result = run(function* (key, values) {
    for (const name of ['x', 'y']) {
      key[1] = name
      values[0] = name
      yield [key, values]
    }
  })
  expect(result.lines.slice(0, 2)).toEqual(['_default|x|x', '_default|y|y'])
})

test('cells that no output can show are null, key parts are text', () => {
  const result = run(function* (key) {
    yield [[key[0]!, null, 7] as never, [undefined, new Date(0)] as never]
  })
  expect(result.rows[0]).toMatchObject({key: ['', '7'], values: [null, '1970-01-01T00:00:00.000Z']})
})

test.each([
  ['nothing', (() => undefined) as never],
  ['a object', (() => Promise.resolve([])) as never],
  ['something that is no [key, values]', (() => [['a', 1]]) as never],
])('a postprocessor that gives %s stops the run', (what, hook) => {
  expect(() => run(hook)).toThrow(expect.objectContaining({code: 'BAD_RULE', message: expect.stringContaining(what)}))
})

test('sortedReduce stands for a reduce without postprocessors', async () => {
  const {sortedReduce} = await import('../../../src/api.ts')
  const result = evaluate({keyParts: ['k'], valueParts: ['v'], reduceFunction: sortedReduce}, input)
  expect(result.lines).toEqual(['_default|a|1', '_default|b|2', '_default|c|3'])
})

test('a postprocessor that gives what is no row stops the run, and says of which rule and at which row', () => {
  expect(() => run((() => [5]) as never)).toThrow(
    expect.objectContaining({
      code: 'BAD_RULE',
      message: expect.stringMatching(
        /^tested: partsPostprocess\[0\] gave something .* for a row, the one with this key:\n {2}\["_default","a"\]$/,
      ),
    }),
  )
})
