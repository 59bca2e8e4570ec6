import {expect, test} from 'vitest'
import {assert, InvariantError, messageOf, seededRandom, UserError} from '../../../src/base/index.ts'

test('a user error carries code, hint, cause and exit status', () => {
  const cause = new Error('below')
  const error = new UserError('BAD_FLAG', 'no', {hint: 'try', cause, exitCode: 2})
  expect(error).toMatchObject({code: 'BAD_FLAG', message: 'no', hint: 'try', cause, exitCode: 2})
  expect(new UserError('BAD_RULE', 'no')).toMatchObject({hint: undefined, exitCode: 1})
})

test('a failed assertion is an invariant error with its statement', () => {
  expect(() => assert(false, 'one is one')).toThrow(new InvariantError('one is one'))
  expect(() => assert(1, 'one is one')).not.toThrow()
})

test('anything thrown has a text', () => {
  expect([new Error('a'), 'b', 3, null].map(messageOf)).toEqual(['a', 'b', '3', 'null'])
})

test('a seed gives the same numbers, another seed others', () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed)
    return Array.from({length: 5}, () => random.int(1000))
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  const random = seededRandom(1)
  expect(Array.from({length: 1000}, () => random.next()).every(value => value >= 0 && value < 1)).toBe(true)
  expect(['a', 'b']).toContain(random.pick(['a', 'b']))
})
