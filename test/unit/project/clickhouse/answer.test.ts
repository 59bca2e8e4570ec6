import {expect, test} from 'vitest'
import {count, distinct} from '../../../../src/api.ts'
import {answerOf} from '../../../../src/project/clickhouse/answer.ts'
import {compiled} from '../../sql/compiled-rule.ts'

const rule = compiled({valueParts: {count: count(), people: distinct('person', {exactUpTo: 3})}})

/** Rows as an engine gives them: number of the keyset, key, values, then the account's counts. */
function answer(people: string, unsure = '0') {
  const counts = rule.counts.map(({name}) =>
    name === 'in' || name === 'used' ? '9' : name === 'unsure' ? unsure : '0',
  )
  const none = counts.map(() => null)
  return answerOf(
    rule,
    [
      ['0', 'x', '9', people, ...none],
      ['1', null, null, null, ...counts],
    ],
    100,
  )
}

test('rows and account are those of a run', () => {
  const {rows, account} = answer('3')
  expect(rows).toMatchObject([{keyset: '_default', key: ['x']}])
  expect(rows[0]!.values.map(String)).toEqual(['9', '3'])
  expect(account).toMatchObject({in: 9, used: 9, bad: 0, bytes: 100})
})

test('more different values than a rule counts exactly are refused, by group and column', () => {
  expect(() => answer('4')).toThrow(/_default x: people is 4 different values; the rule counts 3 exactly and estimates/)
})

test('lines that a query cannot judge are refused', () => {
  expect(() => answer('3', '2')).toThrow(/2 of 9 lines cannot be judged/)
})
