import {expect, test} from 'vitest'
import {nameWhileDropIsLate} from './late-drop.ts'
import {runSeed} from './scenario.ts'
import type {Mutation} from './world.ts'

const faults = [
  'clock-of-master',
  'clock-of-node',
  'connection-broken',
  'copy-refused',
  'copy-rotted',
  'disk-filled',
  'file-lost',
  'master-restarted',
  'message-late',
  'node-crashed',
  'node-drained',
  'node-returned',
  'node-wiped',
  'notice-doubled',
  'reply-doubled',
  'reply-lost',
  'request-doubled',
  'request-lost',
  'tag-hidden',
  'tag-replica-behind',
  'tag-uncovered',
]
const work = ['collected', 'copied', 'drop-refused', 'surplus-dropped']

test('no seed loses what a tag names, and each heals', () => {
  const fired = new Map<string, number>()
  for (let seed = 1; seed <= 300; seed++) {
    for (const [kind, count] of runSeed(seed)) fired.set(kind, (fired.get(kind) ?? 0) + count)
  }
  expect([...faults, ...work].filter(kind => (fired.get(kind) ?? 0) === 0)).toEqual([])
}, 60_000)

test.each<[Mutation, RegExp]>([
  ['blind-coverage', /what a tag names is not collected/],
  ['blind-touch', /copies are left of/],
])('the model notices %s', (mutation, message) => {
  const found = firstFailure(mutation, 200)
  expect(found).toMatch(message)
})

test('a drop that comes after the blob was named again is refused by the node', () => {
  const fired = nameWhileDropIsLate('none')
  expect([fired.get('drop-refused'), fired.get('collected')]).toEqual([2, undefined])
})

test('the model notices blind-drop', () => {
  expect(() => nameWhileDropIsLate('blind-drop')).toThrow(/what a tag names is not collected/)
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
