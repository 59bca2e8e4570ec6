import {expect, test} from 'vitest'
import {
  makeSchedulerState,
  type SchedulerEffect,
  type SchedulerEvent,
  type StartRun,
  stepScheduler,
} from '../../../src/scheduler/index.ts'
import {inputs, stage} from './kit.ts'

type Untimed<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never

test('runs that are given outputs of very many tasks are started step by step, and at once', () => {
  const state = makeSchedulerState()
  const nowMs = 1000
  let orders: StartRun[] = []
  const feed = (event: Untimed<SchedulerEvent>): readonly SchedulerEffect[] => {
    const effects = stepScheduler(state, {...event, nowMs} as SchedulerEvent)
    for (const effect of effects) if (effect.type === 'start-run') orders.push(effect)
    return effects
  }
  feed({type: 'node-joined', node: 'a', link: 1, slots: 1000})
  feed({type: 'node-ready', node: 'a', link: 1})
  const pipeline = [stage('map'), stage('reduce', 'group-label')]
  const spec = {name: 'job', owner: 'o', pipeline, inputs: inputs(20_000)}
  feed({type: 'request', id: 1, request: {type: 'submit', spec}})
  let mapsDone = 0
  while (mapsDone < 20_000) {
    if (orders.length === 0) feed({type: 'tick'})
    const taken = orders
    orders = []
    for (const {node, job, task, run} of taken) {
      const outputs = [0, 1, 2].map(label => ({
        label,
        bytes: 1,
        records: 1,
        place: {type: 'file' as const, node, path: `${run}/${label}`},
      }))
      feed({type: 'run-done', node, job, task, run, outputs, progress: {records: 1, bytes: 1, cpuMs: 1}})
      mapsDone++
    }
  }
  // The outputs are looked at in slices first.
  let effects: readonly SchedulerEffect[] = []
  for (let step = 0; orders.length === 0 && step < 1000; step++) effects = feed({type: 'tick'})
  expect(orders).toHaveLength(1)
  expect(effects).toContainEqual({type: 'wake', atMs: nowMs})
  feed({type: 'tick'})
  feed({type: 'tick'})
  expect(orders.map(({group}) => group.label)).toEqual([0, 1, 2])
})
