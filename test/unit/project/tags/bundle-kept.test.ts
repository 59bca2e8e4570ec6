import {expect, test} from 'vitest'
import {bundlesOf} from '../../../../src/project/tags/bundle-kept.ts'

const bundles = (text: string) => bundlesOf([...text].map(letter => letter === 'k'))

test('neighbours that are kept are one bundle, everything else is on its own', () => {
  expect(bundles('kkkfkk')).toEqual([[0, 1, 2], [3], [4, 5]])
  expect(bundles('fkf')).toEqual([[0], [1], [2]])
  expect(bundles('kfk')).toEqual([[0], [1], [2]])
  expect(bundles('')).toEqual([])
})

test('a bundle has an end, and all hold each input once in their order', () => {
  const found = bundles(`${'k'.repeat(300)}f${'k'.repeat(10)}`)
  expect(found.map(({length}) => length)).toEqual([128, 128, 44, 1, 10])
  expect(found.flat()).toEqual(Array.from({length: 311}, (_, input) => input))
})
