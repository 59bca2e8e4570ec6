import {expect, test} from 'vitest'
import {paramsOf} from '../../../../src/cli/jobs/submit-job.ts'

test.each<readonly [string, Record<string, unknown>]>([
  ['n=3', {n: 3}],
  ['n=01234', {n: '01234'}],
  ['n=1.50', {n: '1.50'}],
  ['n=', {n: ''}],
  ['n=a=b', {n: 'a=b'}],
  ['n=true', {n: true}],
  ['n=[1, two]', {n: [1, 'two']}],
  ['n={"a":[1]}', {n: {a: [1]}}],
  ['n="2"', {n: '2'}],
  ['n=12345678901234567890', {n: '12345678901234567890'}],
  ['n=[12345678901234567890]', {n: ['12345678901234567890']}],
  ['a.b-c=1', {'a.b-c': 1}],
  ['n: 3', {n: 3}],
])('-P %s is what it is for rules, as JSON', async (text, wanted) => {
  expect(await paramsOf([text])).toEqual(wanted)
})

test('of a name that comes twice the last counts', async () => {
  expect(await paramsOf(['a=1', 'b=2', 'a=3'])).toEqual({a: 3, b: 2})
})

test.each(['n', 'n={', 'n=[.inf]'])('-P %s is refused with the way to mend it', async text => {
  await expect(paramsOf([text])).rejects.toMatchObject({
    code: 'BAD_PARAMETERS',
    exitCode: 2,
    hint: expect.any(String),
  })
})
