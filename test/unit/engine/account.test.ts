import {expect, test} from 'vitest'
import {
  addAccount,
  countBad,
  countFiltered,
  countHookError,
  emptyAccount,
  sampleCountMax,
} from '../../../src/engine/index.ts'

function part(lines: readonly number[]) {
  const account = emptyAccount()
  account.in = lines.length
  for (const line of lines) countBad(account, {reason: 'not JSON', file: 'f', line, excerpt: `line ${line}`})
  return account
}

test('the first samples in input order are kept, with lines counted from the start of the file', () => {
  const total = emptyAccount()
  addAccount(total, part([1, 2, 3]), 0)
  addAccount(total, part([1, 2, 3]), 100)
  expect(total.badSamples.map(sample => sample.line)).toEqual([1, 2, 3, 101, 102])
  expect(total.badSamples).toHaveLength(sampleCountMax)
  expect(total).toMatchObject({in: 6, bad: 6, badByReason: {'not JSON': 6}})
})

test('counts of all kinds add up and the first example wins', () => {
  const one = emptyAccount()
  const two = emptyAccount()
  for (const [index, account] of [one, two].entries()) {
    countFiltered(account, 'preprocess')
    account.dropped['a.k'] = 2
    account.coerced['a.v'] = {count: 1, example: `example ${index}`}
    countHookError(account, 'hook', `message ${index}`, {reason: 'hook threw', file: 'f', line: 1, excerpt: ''})
  }
  addAccount(one, two, 10)
  expect(one).toMatchObject({
    filtered: 2,
    dropped: {'a.k': 4},
    coerced: {'a.v': {count: 2, example: 'example 0'}},
    hookErrors: {hook: {count: 2, message: 'message 0', sample: {line: 1}}},
  })
})
