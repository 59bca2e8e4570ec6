import {describe, expect, test} from 'vitest'
import {mutations} from './mutations.ts'
import {simulate} from './simulate.ts'
import {type FaultKind, faultKinds} from './world.ts'

const seedCount = 500
const mutatedSeedMax = 600

describe('tags in a cluster that breaks', () => {
  test(`${seedCount} seeds lose nothing, every kind of fault included`, () => {
    const faults = new Map<FaultKind, number>()
    let answeredCount = 0
    for (let seed = 1; seed <= seedCount; seed++) {
      const run = simulate(seed)
      const again = `seed ${seed}, tick ${run.tick}; again: node test/sim/run.ts 1 ${seed}`
      expect(run.problems.length === 0 ? [] : [...run.problems, again]).toEqual([])
      for (const [kind, times] of run.faults) faults.set(kind, (faults.get(kind) ?? 0) + times)
      answeredCount += run.answeredCount
    }
    expect(faultKinds.filter(kind => !faults.has(kind))).toEqual([])
    expect(answeredCount).toBeGreaterThan(20 * seedCount)
  })

  test.each(Object.entries(mutations))('%s is noticed', (_, mutation) => {
    let seed = 1
    while (seed <= mutatedSeedMax && simulate(seed, mutation()).problems.length === 0) seed++
    expect(seed).toBeLessThanOrEqual(mutatedSeedMax)
  })

  test('the same seed gives the same run', () => {
    const {tick, operationCount, answeredCount} = simulate(7)
    expect(simulate(7)).toMatchObject({tick, operationCount, answeredCount})
  })
})
