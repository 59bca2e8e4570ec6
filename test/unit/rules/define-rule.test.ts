import {expect, test} from 'vitest'
import {defineRule, isRule, parseFrame} from '../../../src/rules/define-rule.ts'

test('a rule keeps its options and the file and line of its definition', () => {
  const rule = defineRule({name: 'clicks', keyParts: ['site']})
  expect(rule.kind).toBe('rule')
  expect(rule.options).toEqual({name: 'clicks', keyParts: ['site']})
  expect(rule.definedAt?.file).toBe(import.meta.filename)
  expect(rule.definedAt?.line).toBe(5)
  expect(isRule(rule)).toBe(true)
})

test('two definitions of one file have a line each', () => {
  const rules = [
    defineRule({name: 'a', keyParts: ['x']}),
    defineRule({
      name: 'b',
      keyParts: ['x'],
    }),
  ]
  expect(rules.map(rule => rule.definedAt?.line)).toEqual([15, 16])
})

test('bad content is not refused here: the file with the rule still loads', () => {
  expect(isRule(defineRule({nmae: 5} as never))).toBe(true)
  expect(isRule(defineRule(undefined as never))).toBe(true)
})

test('only what defineRule made is a rule', () => {
  for (const value of [null, undefined, {}, {kind: 'rule'}, 'rule', () => undefined]) expect(isRule(value)).toBe(false)
})

test('the length of stack traces that a program has set stays as it was', () => {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const rule = defineRule({name: 'a', keyParts: ['x']})
  expect(Error.stackTraceLimit).toBe(0)
  Error.stackTraceLimit = before
  expect(rule.definedAt?.line).toBe(36)
})

test.each([
  ['Error\n    at file:///srv/rules/clicks.ts:7:16', {file: '/srv/rules/clicks.ts', line: 7}],
  ['Error\n    at file:///srv/my%20rules/clicks.ts?v=12:7:16', {file: '/srv/my rules/clicks.ts', line: 7}],
  ['Error\n    at makeRule (file:///srv/clicks.ts?v=1:20:3)', {file: '/srv/clicks.ts', line: 20}],
  ['Error\n    at Object.<anonymous> (/srv/clicks.js:3:1)', {file: '/srv/clicks.js', line: 3}],
  ['Error\n    at /srv/a (copy)/clicks.js:3:1', {file: '/srv/a (copy)/clicks.js', line: 3}],
  ['Error\n    at async file:///srv/clicks.ts:3:1', {file: '/srv/clicks.ts', line: 3}],
  ['Error\n    at node:internal/modules/run_main:3:1', undefined],
  ['Error\n    at REPL1:1:1', undefined],
  ['Error', undefined],
])('the frame %j is read', (stack, expected) => {
  expect(parseFrame(stack)).toEqual(expected)
})
