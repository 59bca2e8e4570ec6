import {expect, test} from 'vitest'
import {InvariantError} from '../../../src/base/index.ts'
import type {Parts} from '../../../src/rules/index.ts'
import {evaluate, lines} from './evaluate.ts'

const counted = {keyParts: ['k'], valueParts: ['count']}

test('a chain runs level by level, in order', () => {
  const seen: string[] = []
  const split = function* (parts: Parts) {
    for (const k of ['a', 'b']) {
      seen.push(`1${k}`)
      yield {...parts, k}
    }
  }
  const note = (parts: Parts) => {
    seen.push(`2${parts['k']}`)
    return parts
  }
  evaluate({...counted, partsPreprocess: [split, note]}, lines({}))
  expect(seen).toEqual(['1a', '1b', '2a', '2b'])
})

test('n words give n(n+1)/2 slices', () => {
  const slices = function* (parts: Parts) {
    const words = String(parts['text']).split(' ')
    for (let from = 0; from < words.length; from++)
      for (let to = from + 1; to <= words.length; to++) yield {k: words.slice(from, to).join(' ')}
  }
  expect(evaluate({...counted, partsPreprocess: [slices]}, lines({text: 'a b c d'})).rows).toHaveLength(10)
})

test('a generator may change and yield the same object again: each yield is a copy of that moment', () => {
  const twice = function* (parts: Parts) {
    parts['k'] = 'first'
    yield parts
    parts['k'] = 'second'
    yield parts
  }
  expect(evaluate({...counted, partsPreprocess: [twice]}, lines({})).lines).toEqual([
    '_default|first|1',
    '_default|second|1',
  ])
})

test('a list that holds one object twice is two parts', () => {
  let count = 0
  const result = evaluate(
    {
      keyParts: ['k'],
      valueParts: ['n'],
      partsPreprocess: [(parts: Parts) => [parts, parts]],
      fieldTransforms: {k: (value: unknown) => `${value}!`, n: () => ++count},
    },
    lines({k: 'a', n: 0}),
  )
  expect(result.lines).toEqual(['_default|a!|3'])
})

test('null is skipped at every level, and a record of which nothing is left is filtered', () => {
  const some = function* (parts: Parts) {
    yield null
    yield {...parts, k: 'kept'}
    yield null
  }
  const result = evaluate(
    {...counted, partsPreprocess: [some, (parts: Parts) => (parts['drop'] ? null : parts), (parts: Parts) => parts]},
    lines({}, {drop: true}),
  )
  expect(result.lines).toEqual(['_default|kept|1'])
  expect(result.account).toMatchObject({in: 2, used: 1, filtered: 1, bad: 0, filteredByReason: {preprocess: 1}})
})

test.each([
  ['nothing', () => undefined],
  ['number', () => 5],
  ['string', () => 'text'],
  ['a promise', (parts: Parts) => Promise.resolve(parts)],
  ['a list', () => [[1]]],
  [
    'number',
    function* () {
      yield 5
    },
  ],
])('a function that gives %s stops the run at the first record', (what, hook) => {
  expect(() => evaluate({...counted, partsPreprocess: [hook as never]}, lines({k: 1}))).toThrow(
    expect.objectContaining({code: 'BAD_RULE', message: expect.stringContaining(`gave ${what} instead of a part`)}),
  )
})

test('an error drops the whole record, parts already yielded included, and names the hook', () => {
  const late = function* addHost(parts: Parts) {
    yield {...parts}
    if (parts['k'] === 'bad') throw new RangeError('too far')
  }
  const result = evaluate({...counted, partsPreprocess: [late]}, lines({k: 'good'}, {k: 'bad'}, {k: 'good'}))
  expect(result.lines).toEqual(['_default|good|2'])
  expect(result.account).toMatchObject({in: 3, used: 2, bad: 1, badByReason: {'hook threw': 1}})
  expect(result.account.badSamples).toEqual([
    {
      reason: 'hook threw',
      file: 'input',
      line: 2,
      excerpt: '{"k":"bad"}',
      detail: 'partsPreprocess[0] (addHost): RangeError: too far',
    },
  ])
})

test('a transform sees null but not what is absent, and fields that a preprocessor made', () => {
  const seen: unknown[] = []
  const see = (value: unknown) => {
    seen.push(value)
    return value ?? 'null'
  }
  const result = evaluate(
    {
      ...counted,
      partsPreprocess: [(parts: Parts) => ({...parts, made: 1})],
      fieldTransforms: {k: see, made: see, absent: see},
    },
    lines({k: null}),
  )
  expect(seen).toEqual([null, 1])
  expect(result.lines).toEqual(['_default|null|1'])
})

test('an error of a transform drops only its part; a record is bad when none of its parts is left', () => {
  const result = evaluate(
    {
      ...counted,
      partsPreprocess: [(parts: Parts) => (parts['list'] as Parts[]).map(part => ({...part}))],
      fieldTransforms: {
        k: function shout(value: unknown) {
          if (value === 'x') throw new Error('no x')
          return value
        },
      },
    },
    lines({list: [{k: 'a'}, {k: 'x'}, {k: 'b'}]}, {list: [{k: 'x'}]}),
  )
  expect(result.lines).toEqual(['_default|a|1', '_default|b|1'])
  expect(result.account).toMatchObject({in: 2, used: 1, bad: 1})
  expect(result.account.hookErrors['fieldTransforms.k (shout)']).toMatchObject({
    count: 2,
    message: 'no x',
    sample: {line: 1},
  })
})

test('a transform that returns a promise stops the run, and says of which rule and on which record', () => {
  expect(() => evaluate({...counted, fieldTransforms: {k: () => Promise.resolve(1)}}, lines({k: 1, n: 7}))).toThrow(
    expect.objectContaining({
      code: 'BAD_RULE',
      message: expect.stringMatching(
        /^tested: fieldTransforms\.k.* gave a promise instead of a value, on this record of input:\n {2}\{"k":1,"n":7\}$/,
      ),
      hint: 'hooks are synchronous',
    }),
  )
})

test('a bug of ours inside a transform ends the run and is not counted as an error of the hook', () => {
  const broken = () => {
    throw new InvariantError('a bug of ours')
  }
  expect(() => evaluate({...counted, fieldTransforms: {k: broken}}, lines({k: 1}))).toThrow(InvariantError)
})

test('what a keyset changes on the top level stays in it; nested objects are shared', () => {
  const change = (parts: Parts) => {
    parts['k'] = `${parts['k']}-${parts['_keyset']}`
    ;(parts['nested'] as Parts)['n'] = 'changed'
    return parts
  }
  const result = evaluate(
    {
      keysets: {
        a: {keyParts: ['k'], valueParts: ['count'], partsPreprocess: [change]},
        b: {keyParts: ['k', 'nested.n'], valueParts: ['count']},
      },
    },
    lines({k: 1, nested: {n: 'old'}, _keyset: 'mine'}),
  )
  expect(result.lines).toEqual(['a|1-a|1', 'b|1,changed|1'])
})

test('the keyset name is a field, whatever the data or a hook puts there', () => {
  const keyset = {keyParts: ['_keyset'], valueParts: ['count']}
  const result = evaluate(
    {keysets: {a: keyset, b: {...keyset, partsPreprocess: [() => ({_keyset: 'forged'})]}}},
    lines({_keyset: 'mine'}),
  )
  expect(result.lines).toEqual(['a|a|1', 'b|b|1'])
})

test('an error in a keyset costs that keyset the record, the others keep it', () => {
  const result = evaluate(
    {
      keysets: {
        bad: {
          keyParts: ['k'],
          valueParts: ['count'],
          partsPreprocess: [
            function breaks() {
              throw new Error('always')
            },
          ],
        },
        good: {keyParts: ['k'], valueParts: ['count']},
      },
    },
    lines({k: 1}, {k: 2}),
  )
  expect(result.lines).toEqual(['good|1|1', 'good|2|1'])
  expect(result.account).toMatchObject({in: 2, used: 2, bad: 0})
  expect(result.account.hookErrors).toMatchObject({'keysets.bad.partsPreprocess[0] (breaks)': {count: 2}})
})
