import {expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {judge} from '../../../../src/sinks/clickhouse/verdict.ts'

const answered = (code: string): Error => Object.assign(new Error(`Code: ${code}`), {code})

test.each([
  ['159', 'UNAVAILABLE'],
  ['252', 'UNAVAILABLE'],
  ['999', 'UNAVAILABLE'],
  ['243', 'DISK_FULL'],
])('what passes by itself is tried again: %s', (code, reason) => {
  expect(judge(answered(code))).toMatchObject({kind: 'again', code: reason})
})

test.each([
  ['516', 'BAD_SINK'],
  ['81', 'BAD_SINK'],
  ['27', 'OUTPUT_FAILED'],
])('what a person must mend is told: %s', (code, error) => {
  expect(judge(answered(code))).toMatchObject({kind: 'final', error: {code: error}})
})

test('a table that was made meanwhile is no error', () => {
  expect(judge(answered('57'))).toEqual({kind: 'exists'})
})

test('a server that does not answer is tried again', () => {
  expect(judge(Object.assign(new Error('refused'), {code: 'ECONNREFUSED'}))).toMatchObject({kind: 'again'})
  expect(judge(new Error('socket hang up'))).toMatchObject({kind: 'again', code: 'TIMED_OUT'})
})

test('errors of our own and bugs are not the server’s', () => {
  expect(judge(new UserError('BAD_RULE', 'no'))).toEqual({kind: 'foreign'})
  expect(judge(new TypeError('x is not a function'))).toEqual({kind: 'foreign'})
})
