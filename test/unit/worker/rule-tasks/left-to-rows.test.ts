import {expect, test} from 'vitest'
import {assertRule, compilePlan, count, defineRule, type RuleOptions} from '../../../../src/rules/index.ts'
import {isLeftToRows} from '../../../../src/worker/rule-tasks/left-to-rows.ts'
import {unmergedBytesMax} from '../../../../src/worker/rule-tasks/limits.ts'
import type {Run} from '../../../../src/worker/run-files.ts'

const blockBytes = 256 * 1024

function planOf(options: Partial<RuleOptions> = {}) {
  const rule = defineRule({name: 'tested', keyParts: ['k'], valueParts: {n: count()}, ...options} as RuleOptions)
  assertRule(rule)
  return compilePlan(rule, {module: 'm'}).plan
}

const runsOf = (bytes: number, runCount: number): readonly Run[] =>
  Array.from({length: runCount}, () => ({
    kind: 'file',
    path: '/nowhere',
    bytes: bytes / runCount,
    index: {
      keys: new Uint8Array(0),
      keyEnds: new Uint32Array(0),
      blockBytes: Uint32Array.of(blockBytes),
    },
  }))

test('short runs travel unmerged', () => {
  expect(isLeftToRows(planOf(), runsOf(unmergedBytesMax, 30), false)).toBe(true)
})

test('long runs are merged where they lie before they travel, and left as they are where nothing travels', () => {
  const runs = runsOf(unmergedBytesMax + 30, 30)
  expect(isLeftToRows(planOf(), runs, false)).toBe(false)
  expect(isLeftToRows(planOf(), runs, true)).toBe(true)
})

test('five hundred runs with full blocks are merged at once, six hundred are not', () => {
  expect(isLeftToRows(planOf(), runsOf(2 ** 30, 500), true)).toBe(true)
  expect(isLeftToRows(planOf(), runsOf(2 ** 30, 600), true)).toBe(false)
})

test('pairs are merged first', () => {
  const pairs = planOf({reduceFunction: () => []})
  expect(isLeftToRows(pairs, runsOf(1000, 2), true)).toBe(false)
})
