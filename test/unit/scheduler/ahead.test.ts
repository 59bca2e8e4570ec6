import {describe, expect, test} from 'vitest'
import {jobInfo, listNodes, type StartRun} from '../../../src/scheduler/index.ts'
import {inputs, type Kit, makeKit, stage} from './kit.ts'

/** The oldest order: a node begins them one after the other. */
const begun = (kit: Kit): StartRun => kit.take()

/** One node with a slot, and a job whose first tasks took so long. */
function kitAfter(taskMs: number, count = 200): Kit {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'a', inputs: inputs(count)})
  for (let number = 0; number < 3; number++) {
    kit.pass(taskMs)
    kit.done(begun(kit))
  }
  return kit
}

const aheadOf = (kit: Kit): number => kit.started.filter(({isAhead}) => isAhead).length

describe('orders ahead', () => {
  test('come when tasks take moments', () => {
    expect(aheadOf(kitAfter(1))).toBe(32)
  })

  test('are as many as a slot does in the time', () => {
    expect(aheadOf(kitAfter(10))).toBe(5)
  })

  test('are one a slot when tasks take somewhat longer, and none beyond that', () => {
    expect(aheadOf(kitAfter(60))).toBe(1)
    expect(aheadOf(kitAfter(200))).toBe(1)
    expect(aheadOf(kitAfter(300))).toBe(0)
  })

  test('of such tasks are none where another node would have nothing left to do', () => {
    const aheadOfTwoNodes = (count: number): number => {
      const kit = makeKit()
      for (const name of ['n1', 'n2']) kit.join(name)
      kit.submit({name: 'a', inputs: inputs(count)})
      for (let number = 0; number < 3; number++) {
        kit.pass(60)
        kit.done(begun(kit))
      }
      return aheadOf(kit)
    }
    expect(aheadOfTwoNodes(20)).toBeGreaterThan(0)
    expect(aheadOfTwoNodes(7)).toBe(0)
  })

  test('are no more than the share of the node in what is left', () => {
    const kit = makeKit()
    for (const name of ['n1', 'n2', 'n3', 'n4']) kit.join(name)
    kit.submit({name: 'a', inputs: inputs(23)})
    for (let number = 0; number < 3; number++) kit.done(kit.take())
    expect(aheadOf(kit)).toBe(4)
  })

  test('do not count as running for people', () => {
    const kit = kitAfter(1)
    expect(jobInfo(kit.state, 'a')).toMatchObject({running: 1, stages: [{running: 1, pending: 196, done: 3}]})
    expect(listNodes(kit.state)).toMatchObject([{running: 1}])
  })

  test('begin in the order of the orders: the time of a run counts from its turn', () => {
    const kit = kitAfter(1)
    kit.pass(100)
    kit.done(begun(kit))
    kit.pass(5)
    kit.done(begun(kit))
    expect(jobInfo(kit.state, 'a')!.stages[0]!.durationMs.max).toBe(100)
  })

  test('stop when it is the turn of another job', () => {
    const kit = kitAfter(1)
    kit.submit({name: 'b', inputs: inputs(5), priority: 1})
    const before = kit.started.length
    for (let number = 0; number < before; number++) kit.done(begun(kit))
    expect(kit.started[0]?.job).toBe('b')
  })

  test('are not given to jobs that may run no more at once', () => {
    const kit = makeKit()
    kit.join('n1', 2)
    kit.submit({name: 'a', inputs: inputs(50), slotsMax: 4})
    for (let number = 0; number < 10; number++) kit.done(begun(kit))
    expect(kit.started).toHaveLength(4)
  })

  test('are not given behind tasks of another stage that takes long', () => {
    const kit = makeKit()
    kit.join('n1')
    kit.submit({name: 'a', inputs: inputs(4)})
    kit.submit({name: 'long', priority: 1})
    for (let number = 0; number < 4; number++) kit.done(begun(kit))
    expect(kit.started.every(({isAhead}) => !isAhead)).toBe(true)
  })
})

test('a consumer that waits for more inputs is never ordered ahead', () => {
  const kit = makeKit()
  kit.join('n1', 4)
  kit.submit({
    name: 'a',
    inputs: inputs(40),
    pipeline: [stage('map', 'split', true), stage('reduce', 'group-label', true)],
  })
  for (let number = 0; number < 20; number++) kit.done(begun(kit))
  expect(kit.ofType('start-run').some(({stage: name, isAhead}) => name === 'reduce' && isAhead)).toBe(false)
  kit.finishAll()
  kit.pass(60_000)
  kit.finishAll()
})

test('what waits behind a task that takes long is taken back, and goes to a node that is free', () => {
  const kit = kitAfter(1, 20)
  const waiting = aheadOf(kit)
  expect(waiting).toBeGreaterThan(0)
  kit.join('n2')
  kit.effects = []
  kit.pass(2500)
  expect(kit.ofType('stop-run')).toHaveLength(waiting)
  expect(aheadOf(kit)).toBe(0)
  expect(kit.started.map(({node}) => node)).toEqual(['n1', 'n2'])
})

test('what a lost node had waiting runs elsewhere', () => {
  const kit = kitAfter(1, 20)
  kit.join('n2')
  kit.feed({type: 'node-lost', node: 'n1'})
  kit.started = kit.started.filter(({node}) => node === 'n2')
  kit.finishAll()
  expect(jobInfo(kit.state, 'a')?.state).toBe('done')
})

test('time limits count from the turn of a run', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'a', inputs: inputs(20), taskTimeMaxMs: 500})
  for (let number = 0; number < 3; number++) kit.done(begun(kit))
  kit.pass(300)
  kit.done(begun(kit))
  kit.effects = []
  kit.pass(300)
  expect(kit.ofType('stop-run')).toHaveLength(0)
  kit.pass(300)
  expect(kit.ofType('stop-run').length).toBeGreaterThan(0)
})
