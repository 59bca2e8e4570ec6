import {expect, test} from 'vitest'
import {overlayParams} from '../../../../src/project/run/rule-params.ts'

test('what is given wins, and keeps the type that the rule declares', () => {
  const own = {zip: '', least: 1, other: [1]}
  expect(overlayParams(own, {zip: 12345, least: '1e3', other: 'x', more: 5})).toEqual({
    zip: '12345',
    least: 1000,
    other: 'x',
    more: 5,
  })
  expect(overlayParams(own, {least: 'many', zip: true})).toEqual({...own, least: 'many', zip: 'true'})
  expect(overlayParams(undefined, {a: 1})).toEqual({a: 1})
})
