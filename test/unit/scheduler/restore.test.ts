import {expect, test} from 'vitest'
import {
  type JournalRows,
  jobInfo,
  jobResults,
  listTasks,
  restoreScheduler,
  type SchedulerEffect,
} from '../../../src/scheduler/index.ts'
import {inputs, type Kit, makeKit, stage} from './kit.ts'

function rowsOf(effects: readonly SchedulerEffect[]): JournalRows {
  const last = <Row>(pick: (effect: SchedulerEffect) => readonly [string, Row] | undefined): Row[] => [
    ...new Map(effects.flatMap(effect => [pick(effect)].filter(row => row !== undefined))).values(),
  ]
  const ended = new Set(effects.flatMap(effect => (effect.type === 'forget-run' ? [effect.run] : [])))
  const eventCounts = new Map<string, number>()
  for (const effect of effects)
    if (effect.type === 'job-event') eventCounts.set(effect.event.job, effect.event.number + 1)
  return {
    nextRun: effects.reduce((next, effect) => (effect.type === 'persist-next-run' ? effect.nextRun : next), 1),
    jobs: last(effect => (effect.type === 'persist-job' ? [effect.row.job, effect.row] : undefined)),
    jobStates: last(effect => (effect.type === 'persist-job-state' ? [effect.row.job, effect.row] : undefined)),
    tasks: last(effect =>
      effect.type === 'persist-task' ? [`${effect.row.job} ${effect.row.task}`, effect.row] : undefined,
    ),
    troubles: last(effect => (effect.type === 'persist-trouble' ? [`${effect.row.task}`, effect.row] : undefined)),
    runs: last(effect => (effect.type === 'persist-run' ? [`${effect.row.run}`, effect.row] : undefined)).filter(
      row => !ended.has(row.run),
    ),
    eventCounts,
  }
}

/** The same cluster under a new master, with what was committed. */
function restart(kit: Kit): Kit {
  const next = makeKit()
  next.nowMs = kit.nowMs
  const {state, effects} = restoreScheduler(rowsOf(kit.effects), kit.nowMs)
  next.adopt(state, effects)
  return next
}

const join = (kit: Kit, node: string, runs: Kit['started'], slots = 2): void => {
  kit.feed({type: 'node-joined', node, link: 1, slots})
  for (const {job, task, run} of runs) {
    kit.feed({type: 'run-reported', node, link: 1, job, task, run, report: {state: 'running', hasAllInputs: true}})
  }
  kit.feed({type: 'node-ready', node, link: 1})
}

test('a new master knows what is done, lets go on what runs, and starts the rest', () => {
  const kit = makeKit()
  kit.join('n1', 2)
  kit.submit({name: 'j', pipeline: [stage('map'), stage('reduce', 'group-label')], inputs: inputs(4)})
  kit.done(kit.take(0), [0, 1])
  const running = [...kit.started]
  const next = restart(kit)
  expect(jobInfo(next.state, 'j')).toMatchObject({done: 1, running: 2})
  join(next, 'n1', running)
  expect(next.started).toEqual([])
  for (const run of running) next.done(run, [0, 1])
  expect(next.take().task).toBe(3)
  next.finishAll([0, 1])
})

test('a run that its node does not report is started again, under a new number', () => {
  const kit = makeKit()
  kit.join('n1', 2)
  kit.submit({name: 'j', inputs: inputs(2)})
  const [kept, lost] = kit.started
  const next = restart(kit)
  join(next, 'n1', [kept!])
  const again = next.take()
  expect(again.task).toBe(lost!.task)
  expect(again.run).toBeGreaterThan(lost!.run)
})

test('a result that was not accepted before is taken from the report', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j'})
  const {job, task, run} = kit.take()
  const next = restart(kit)
  const outputs = [{label: 0, bytes: 1, records: 1, place: {type: 'file' as const, node: 'n1', path: 'p'}}]
  const progress = {records: 1, bytes: 1, cpuMs: 1}
  next.feed({type: 'node-joined', node: 'n1', link: 1, slots: 1})
  next.feed({type: 'run-reported', node: 'n1', link: 1, job, task, run, report: {state: 'done', outputs, progress}})
  expect(jobResults(next.state, 'j')).toEqual(outputs)
})

test('nodes of before that do not come are lost after a while', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j'})
  const next = restart(kit)
  next.join('n2')
  next.pass(59_000)
  expect(next.started).toEqual([])
  next.pass(1001)
  expect(next.started.map(run => run.node)).toEqual(['n2'])
})

test('ended, paused and purged jobs are what they were, and events go on counting', () => {
  const kit = makeKit()
  kit.join('n1')
  for (const name of ['done', 'purged']) {
    kit.submit({name})
    kit.finishAll()
  }
  kit.submit({name: 'paused'})
  kit.ask({type: 'pause', job: 'paused'})
  kit.ask({type: 'purge', job: 'purged'})
  const results = jobResults(kit.state, 'done')
  const rows = rowsOf(kit.effects)
  const next = restart(kit)
  expect(jobInfo(next.state, 'done')).toMatchObject({state: 'done', done: 1})
  expect(jobResults(next.state, 'done')).toEqual(results)
  expect(jobInfo(next.state, 'paused')?.state).toBe('paused')
  expect(jobInfo(next.state, 'purged')).toBeUndefined()
  const told = next.feed({type: 'request', id: 1, request: {type: 'resume', job: 'paused'}})
  const event = told.find(effect => effect.type === 'job-event')
  expect(event).toMatchObject({event: {number: rows.eventCounts.get('paused')}})
})

test('tasks of a concurrent stage keep the numbers that they had', () => {
  const kit = makeKit()
  kit.join('n1', 4)
  kit.submit({name: 'j', pipeline: [stage('map'), stage('reduce', 'group-label', true)], inputs: inputs(4)})
  kit.done(kit.take(1), [9])
  kit.done(kit.take(0), [3])
  const reduce = kit.started.find(run => run.stage === 'reduce')!
  expect(reduce).toMatchObject({task: 4, group: {label: 9}})
  const next = restart(kit)
  join(next, 'n1', kit.started, 4)
  expect(next.state.jobs.get('j')?.tasks[4]?.group.label).toBe(9)
  expect(next.state.jobs.get('j')?.tasks[5]?.group.label).toBe(3)
})

test('a new master knows what was counted', () => {
  const kit = makeKit()
  kit.join('n1', 1)
  kit.submit({name: 'j', pipeline: [stage('map')], inputs: inputs(2)})
  const {node, job, task, run} = kit.take(0)
  const outputs = [{label: 0, bytes: 1, records: 1, place: {type: 'file' as const, node, path: `${run}/0`}}]
  const progress = {records: 1, bytes: 1, cpuMs: 1}
  kit.feed({type: 'run-done', node, job, task, run, outputs, progress, counters: {lines: 0.5}})
  expect(jobInfo(restart(kit).state, 'j')?.counters).toEqual({lines: 0.5})
})

test('a new master knows what had failed, of tasks and jobs that are done since, too', () => {
  const kit = makeKit({backoffFirstMs: 1})
  kit.join('n1', 1)
  kit.join('n2', 1)
  kit.submit({name: 'j', pipeline: [stage('map')], inputs: inputs(1)})
  kit.fail(kit.take(0), 'broken at 17')
  kit.pass(10)
  kit.finishAll()
  for (const {state} of [kit, restart(kit)]) {
    expect(jobInfo(state, 'j')).toMatchObject({state: 'done', failures: 1, stages: [{failedRuns: 1}]})
    expect(listTasks(state, 'j')).toMatchObject([{state: 'done', failures: 1, error: 'broken at 17'}])
  }
})

test('a new master hears which runs wait: their time does not count', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'a', inputs: inputs(20)})
  for (let number = 0; number < 3; number++) kit.done(kit.take())
  const [first, second] = kit.started
  const rows = rowsOf(kit.effects)
  kit.started = []
  const {state, effects} = restoreScheduler(rows, kit.nowMs)
  kit.adopt(state, effects)
  kit.feed({type: 'node-joined', node: 'n1', link: 9, slots: 1})
  for (const [order, isAhead] of [
    [first!, false],
    [second!, true],
  ] as const) {
    const {job, task, run} = order
    kit.feed({
      type: 'run-reported',
      node: 'n1',
      link: 9,
      job,
      task,
      run,
      report: {state: 'running', hasAllInputs: true, isAhead},
    })
  }
  kit.feed({type: 'node-ready', node: 'n1', link: 9})
  expect(jobInfo(kit.state, 'a')).toMatchObject({running: 1})
  kit.pass(900)
  kit.done(first!)
  kit.pass(7)
  kit.done(second!)
  expect(jobInfo(kit.state, 'a')!.stages[0]!.durationMs.max).toBeLessThan(910)
})

test('a run on a node that connects again is told nothing before it is reported: it may have missed inputs', () => {
  const kit = makeKit()
  kit.join('n1', 1)
  kit.join('n2', 2)
  kit.submit({name: 'a', inputs: inputs(2, () => ['n2']), pipeline: [stage('map'), stage('all', 'group-all', true)]})
  const [first, second] = [kit.take(0), kit.take(1)]
  // It holds its slot, so that the consumer is on the other node.
  kit.done(first)
  const consumer = kit.take()
  kit.feed({type: 'node-offline', node: consumer.node, link: 1})
  kit.effects = []
  kit.done(second)
  kit.feed({type: 'node-joined', node: consumer.node, link: 2, slots: 2})
  expect(kit.ofType('push-inputs')).toEqual([])
  const {job, task, run} = consumer
  const report = {state: 'running', hasAllInputs: false} as const
  kit.feed({type: 'run-reported', node: consumer.node, link: 2, job, task, run, report})
  expect(kit.ofType('push-inputs')).toMatchObject([{run, inputs: [{task: 0}, {task: 1}], isEnd: true}])
})

test('a node that is heard to join twice by the same connection stays what it is', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.feed({type: 'node-joined', node: 'n1', link: 1, slots: 1})
  kit.submit({name: 'a'})
  expect(kit.started).toHaveLength(1)
})
