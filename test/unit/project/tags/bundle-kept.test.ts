import {expect, test} from 'vitest'
import {bundlesOf} from '../../../../src/project/tags/bundle-kept.ts'

/** A letter an input: who keeps it; a dot: nobody. */
const bundles = (text: string) => bundlesOf([...text].map(letter => (letter === '.' ? [] : [letter])))

test('what a node keeps is one bundle, everything else is on its own', () => {
  expect(bundles('aaa.aa')).toEqual({bundles: [[0, 1, 2, 4, 5], [3]], nodes: ['a', null]})
  expect(bundles('.a.')).toEqual({bundles: [[0], [1], [2]], nodes: [null, 'a', null]})
  expect(bundles('')).toEqual({bundles: [], nodes: []})
})

test('each of several nodes has a bundle', () => {
  expect(bundles('abcabc.')).toEqual({bundles: [[0, 3], [1, 4], [2, 5], [6]], nodes: ['a', 'b', 'c', null]})
})

test('what several nodes keep goes where most is', () => {
  expect(bundlesOf([['a', 'b'], ['b'], ['b', 'c']])).toEqual({bundles: [[0, 1, 2]], nodes: ['b']})
})

test('a bundle has an end, and all hold each input once in their order', () => {
  const found = bundles(`${'a'.repeat(300)}.${'a'.repeat(10)}`)
  expect(found.bundles.map(({length}) => length)).toEqual([128, 128, 54, 1])
  expect(found.bundles.flat().sort((one, other) => one - other)).toEqual(Array.from({length: 311}, (_, input) => input))
  for (const bundle of found.bundles) expect(bundle).toEqual(bundle.toSorted((one, other) => one - other))
})
