import {expect, test} from 'vitest'
import {parseRange} from '../../../../src/cluster/agent/ranges.ts'

test.each([
  [undefined, 'whole'],
  ['', 'whole'],
  ['bytes=0-', {start: 0, end: 10}],
  ['bytes=0-0', {start: 0, end: 1}],
  ['bytes=3-5', {start: 3, end: 6}],
  ['bytes=3-500', {start: 3, end: 10}],
  ['bytes=9-', {start: 9, end: 10}],
  ['bytes=-4', {start: 6, end: 10}],
  ['bytes=-400', {start: 0, end: 10}],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=9999999999999999-', 'unsatisfiable'],
  ['bytes=5-3', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=0-1,3-4', 'whole'],
  ['bytes=0-1;', 'whole'],
  ['lines=0-1', 'whole'],
  ['bytes=--1', 'whole'],
  ['bytes=1e3-', 'whole'],
  [`bytes=${'9'.repeat(400)}-`, 'whole'],
])('%s of ten bytes is %o', (header, wanted) => {
  expect(parseRange(header, 10)).toEqual(wanted)
})

test('nothing of an empty blob can be asked for', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable')
  expect(parseRange(undefined, 0)).toBe('whole')
})
