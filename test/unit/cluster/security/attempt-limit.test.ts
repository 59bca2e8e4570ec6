import {expect, test} from 'vitest'
import {AttemptLimit, attemptAddressMax, attemptBurst, attemptEveryMs} from '../../../../src/cluster/security/index.ts'

const spend = (limit: AttemptLimit, address: string): boolean => {
  let isSpent = false
  for (let count = 0; count < attemptBurst; count++) isSpent = limit.noteWrong(address, `wrong ${count}`, 0)
  return isSpent
}

test('an address may show so many wrong tokens, and then one now and then', () => {
  const limit = new AttemptLimit()
  expect(spend(limit, '10.0.0.1')).toBe(true)
  expect(limit.mayTry('10.0.0.1', 'x', 0)).toBe(false)
  expect(limit.mayTry('10.0.0.1', 'x', attemptEveryMs - 1)).toBe(false)
  expect(limit.mayTry('10.0.0.1', 'x', attemptEveryMs)).toBe(true)
  limit.noteWrong('10.0.0.1', 'x', attemptEveryMs)
  expect(limit.mayTry('10.0.0.1', 'x', attemptEveryMs)).toBe(false)
})

test('other addresses are not concerned', () => {
  const limit = new AttemptLimit()
  spend(limit, '10.0.0.1')
  expect(limit.mayTry('10.0.0.2', 'x', 0)).toBe(true)
})

test('a network of IPv6 counts as one, however it is written, and an IPv4 address in IPv6 as itself', () => {
  const limit = new AttemptLimit()
  spend(limit, '2001:db8::1')
  expect(limit.mayTry('2001:db8:0:0:9:9:9:9', 'x', 0)).toBe(false)
  expect(limit.mayTry('2001:db8:0:1::1', 'x', 0)).toBe(true)
  spend(limit, '::ffff:10.0.0.1')
  expect(limit.mayTry('::ffff:10.0.0.2', 'x', 0)).toBe(true)
})

test('a token that was good is looked at in any case, until it is wrong', () => {
  const limit = new AttemptLimit()
  limit.noteGood('good')
  spend(limit, '10.0.0.1')
  expect(limit.mayTry('10.0.0.1', 'good', 0)).toBe(true)
  limit.noteWrong('10.0.0.1', 'good', 0)
  expect(limit.mayTry('10.0.0.1', 'good', 0)).toBe(false)
})

test('of very many addresses the oldest is forgotten', () => {
  const limit = new AttemptLimit()
  spend(limit, '10.0.0.1')
  for (let count = 0; count < attemptAddressMax; count++) limit.noteWrong(`host ${count}`, 'x', 0)
  expect(limit.mayTry('10.0.0.1', 'x', 0)).toBe(true)
})
