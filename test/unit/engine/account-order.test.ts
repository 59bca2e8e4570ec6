import {expect, test} from 'vitest'
import {emptyAccount, inLabelOrder} from '../../../src/engine/index.ts'

test('labels of an account are in text order, whichever came first', () => {
  const account = {
    ...emptyAccount(),
    dropped: {'k.b': 1, 'k.a': 2},
    filteredByReason: {preprocess: 1, 'key part missing': 3},
  }
  const sorted = inLabelOrder(account)
  expect(sorted).toEqual(account)
  expect(JSON.stringify(sorted.dropped)).toBe('{"k.a":2,"k.b":1}')
  expect(Object.keys(sorted.filteredByReason)).toEqual(['key part missing', 'preprocess'])
})
