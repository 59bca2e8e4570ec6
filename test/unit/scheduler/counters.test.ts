import {expect, test} from 'vitest'
import {seededRandom} from '../../../src/base/index.ts'
import {addCounters, type CounterSums, counterValues, sumCounters} from '../../../src/scheduler/counters.ts'
import {jobCounters, jobInfo} from '../../../src/scheduler/index.ts'
import {countersPerStageMax} from '../../../src/scheduler/limits.ts'
import {inputs, type Kit, makeKit, stage} from './kit.ts'

const sumOf = (values: readonly number[]): number => {
  const sums: CounterSums = new Map()
  for (const n of values) addCounters(sums, {n})
  return counterValues(sums)['n']!
}

test.each<readonly [readonly number[], number]>([
  [[1, 2, 3], 6],
  [Array.from({length: 10}, () => 0.1), 1],
  [[1e100, 1, -1e100], 1],
  [[1e16, 1, 1e-16], 10000000000000002],
  [[2 ** 53, 1, 2 ** -80], 2 ** 53 + 2],
  [[2 ** 53, 1], 2 ** 53],
  [[-5, 5], 0],
  [[Number.MAX_VALUE, Number.MAX_VALUE], 2e290],
])('the sum of %o is %o, rounded once', (values, wanted) => {
  expect(sumOf(values)).toBe(wanted)
})

test('a sum does not depend on the order in which tasks end, nor on their stages', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 200; round++) {
    const values = Array.from({length: 30}, () => (random.int(2000) - 1000) * 10 ** (random.int(30) - 15))
    const wanted = sumOf(values)
    const shuffled = values.toSorted(() => random.int(3) - 1)
    expect(sumOf(shuffled)).toBe(wanted)
    const [first, second]: CounterSums[] = [new Map(), new Map()]
    for (const [index, n] of shuffled.entries()) addCounters(index % 2 ? first! : second!, {n})
    expect(sumCounters([first!, second!])).toEqual({n: wanted})
  }
})

test('names past the limit are not kept, those that are known go on', () => {
  const sums: CounterSums = new Map()
  for (let name = 0; name <= countersPerStageMax; name++) addCounters(sums, {[`c${name}`]: 1})
  addCounters(sums, {c0: 1, other: 1})
  expect(sums.size).toBe(countersPerStageMax)
  expect(counterValues(sums)).toMatchObject({c0: 2})
})

const count = (kit: Kit, task: number, counters: Record<string, number>): void => {
  const {node, job, run} = kit.take(task)
  const progress = {records: 1, bytes: 1, cpuMs: 1}
  const place = {type: 'file' as const, node, path: `${run}/0`}
  const outputs = [{label: 0, bytes: 1, records: 1, place}]
  kit.feed({type: 'run-done', node, job, task, run, outputs, progress, counters})
}

test('what tasks count is told by stage and for the job, each task once', () => {
  const kit = makeKit()
  kit.join('n1', 4)
  kit.submit({name: 'j', pipeline: [stage('map'), stage('reduce', 'group-all')], inputs: inputs(2)})
  const again = kit.started[0]!
  count(kit, 0, {lines: 3, bad: 1})
  kit.feed({
    ...{type: 'run-done', node: 'n1', job: 'j', task: 0, run: again.run, outputs: []},
    progress: {records: 0, bytes: 0, cpuMs: 0},
    counters: {lines: 99},
  })
  count(kit, 1, {lines: 4})
  count(kit, 2, {keys: 2, lines: 1})
  const info = jobInfo(kit.state, 'j')
  expect(info?.counters).toEqual({bad: 1, keys: 2, lines: 8})
  expect(info?.stages.map(({counters}) => counters)).toEqual([
    {bad: 1, lines: 7},
    {keys: 2, lines: 1},
  ])
  expect(jobCounters(kit.state, 'j')).toEqual(info?.counters)
  expect(jobCounters(kit.state, 'none')).toBeUndefined()
})
