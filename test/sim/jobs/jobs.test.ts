import {expect, test} from 'vitest'
import {missingKinds} from './kinds.ts'
import {runSeed} from './scenario.ts'
import type {Mutation} from './world.ts'

test('every seed gives the results of a single process, and each job ends', () => {
  const fired = new Map<string, number>()
  for (let seed = 1; seed <= 500; seed++) {
    for (const [kind, count] of runSeed(seed)) fired.set(kind, (fired.get(kind) ?? 0) + count)
  }
  expect(missingKinds(fired)).toEqual([])
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
