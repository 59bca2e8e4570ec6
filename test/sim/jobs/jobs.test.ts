import {expect, test} from 'vitest'
import {runSeed} from './scenario.ts'
import type {Mutation} from './world.ts'

const faults = [
  'crash-after-commit',
  'crash-before-commit',
  'disk-full',
  'drained',
  'fatal',
  'file-lost',
  'input-lost',
  'link-broken',
  'master-crashed',
  'message-doubled',
  'message-late',
  'node-bad',
  'node-crashed',
  'node-failing',
  'node-lost',
  'node-returned',
  'node-slow',
  'node-wiped',
  'order-lost',
  'poison',
  'save-failed',
  'task-failed',
]
const work = ['cancelled', 'done', 'failed', 'paused', 'priority', 'resumed', 'streamed']

test('every seed gives the results of a single process, and each job ends', () => {
  const fired = new Map<string, number>()
  for (let seed = 1; seed <= 500; seed++) {
    for (const [kind, count] of runSeed(seed)) fired.set(kind, (fired.get(kind) ?? 0) + count)
  }
  expect([...faults, ...work].filter(kind => (fired.get(kind) ?? 0) === 0)).toEqual([])
}, 60_000)

test.each<[Mutation, RegExp]>([
  ['ignore-run-id', /^InvariantError: the result .* is on/],
  ['accept-lost-runs', /^InvariantError: the result .* is on/],
  ['drop-persist', /which is done, is not run again/],
])('the model notices %s', (mutation, message) => {
  expect(firstFailure(mutation, 500)).toMatch(message)
})

function firstFailure(mutation: Mutation, seedCount: number): string {
  for (let seed = 1; seed <= seedCount; seed++) {
    try {
      runSeed(seed, mutation)
    } catch (error) {
      return String(error instanceof Error ? error.cause : error)
    }
  }
  return 'nothing'
}
