import {expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {ruleErrorFrom} from '../../../../src/worker/index.ts'
import {ruleErrorOf} from '../../../../src/worker/rule-tasks/run-rule-task.ts'

test('an error of a rule is the same where the job was submitted', () => {
  const thrown = new UserError('HOOK_FAILED', 'a hook [of mine]\nfailed', {hint: 'mend\nit'})
  const {message} = ruleErrorOf(thrown)
  for (const told of [message, `${message}\nTask scan:1 failed in the same way 3 times, on a1.`])
    expect(ruleErrorFrom(told)).toMatchObject({code: 'HOOK_FAILED', message: thrown.message, hint: 'mend it'})
  expect(ruleErrorFrom('something else')).toBeUndefined()
})

test('what another node would meet as well ends the job, a full disk does not', () => {
  expect(ruleErrorOf(new UserError('BAD_RULE', 'no')).class).toBe('fatal')
  expect(ruleErrorOf(new UserError('SPILL_FAILED', 'full')).class).toBe('error')
  expect(ruleErrorOf(new Error('strange'))).toMatchObject({class: 'error', message: 'strange'})
})
