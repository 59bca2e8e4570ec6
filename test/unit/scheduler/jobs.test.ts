import {describe, expect, test} from 'vitest'
import {jobEvents, jobInfo, jobResults, listJobs, listTasks, stageResults} from '../../../src/scheduler/index.ts'
import {inputs, makeKit, stage} from './kit.ts'

const wordCount = [stage('map'), stage('reduce', 'group-label')]

test('a job runs stage by stage, and its results are in the order of labels', () => {
  const kit = makeKit()
  kit.join('n1', 2)
  kit.submit({name: 'j', pipeline: wordCount, inputs: inputs(3)})
  expect(kit.started.map(run => run.task)).toEqual([0, 1])
  expect(stageResults(kit.state, 'j', 'map')).toBeUndefined()
  kit.done(kit.take(1), [5, 2])
  kit.done(kit.take(2), [2])
  kit.done(kit.take(0), [5, 9])
  expect(stageResults(kit.state, 'j', 'map')?.map(output => output.label)).toEqual([5, 9, 5, 2, 2])
  const reduces = [kit.take(), kit.take()]
  expect(reduces.map(run => [run.task, run.group.label])).toEqual([
    [3, 2],
    [4, 5],
  ])
  expect(reduces[0]!.inputs.map(({task, number}) => [task, number])).toEqual([
    [1, 1],
    [2, 0],
  ])
  expect(reduces[0]).toMatchObject({hasAllInputs: true, isLastStage: true, stage: 'reduce', grouping: 'group-label'})
  kit.done(reduces[1]!, [5])
  kit.done(reduces[0]!, [2])
  kit.done(kit.take(), [9])
  expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'done', tasks: 6, done: 6, running: 0})
  expect(jobResults(kit.state, 'j')?.map(output => output.label)).toEqual([2, 5, 9])
})

describe('a job without inputs', () => {
  test.each([
    [[stage('map')], 0],
    [[stage('all', 'group-all')], 1],
    [[stage('map'), stage('all', 'group-all')], 0],
    [[], 0],
  ])('%j has %i tasks', (pipeline, count) => {
    const kit = makeKit()
    kit.join('n1')
    kit.submit({name: 'j', pipeline, inputs: []})
    expect(kit.started).toHaveLength(count)
    kit.finishAll([])
    expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'done', tasks: count})
    expect(jobResults(kit.state, 'j')).toEqual([])
  })

  test('but with tasks that made nothing has one of group-all after them', () => {
    const kit = makeKit()
    kit.join('n1')
    kit.submit({name: 'j', pipeline: [stage('map'), stage('all', 'group-all')]})
    kit.done(kit.take(), [])
    expect(kit.take()).toMatchObject({stage: 'all', inputs: [], hasAllInputs: true})
  })
})

test('what is wrong with a job is named, and nothing is kept of it', () => {
  const kit = makeKit()
  const answer = kit.submit({name: 'j', pipeline: [stage('map'), stage('map')], weight: 0})
  expect(answer).toMatchObject({type: 'refused', code: 'BAD_JOB'})
  expect(answer.type === 'refused' && answer.problems).toEqual([
    'stages 1 and 2 are both named "map"',
    'the weight of a job is above 0, not 0',
  ])
  expect(listJobs(kit.state)).toEqual([])
})

test('the same submission again is the same job; another of its name is refused', () => {
  const kit = makeKit()
  expect(kit.submit({name: 'j'})).toMatchObject({type: 'accepted'})
  expect(kit.submit({name: 'j'})).toMatchObject({type: 'accepted'})
  expect(kit.submit({name: 'j', owner: 'you'})).toMatchObject({type: 'refused', code: 'BAD_JOB'})
  expect(listJobs(kit.state)).toHaveLength(1)
})

test('jobs and tasks past the limits are refused as overload', () => {
  const kit = makeKit({jobsMax: 2, tasksMax: 10})
  expect(kit.submit({name: 'big', inputs: inputs(11)})).toMatchObject({type: 'refused', code: 'OVERLOADED'})
  kit.submit({name: 'a'})
  kit.submit({name: 'b'})
  expect(kit.submit({name: 'c'})).toMatchObject({type: 'refused', code: 'OVERLOADED'})
})

test('jobs past the number that may run wait, and start by priority', () => {
  const kit = makeKit({jobsRunningMax: 1})
  kit.join('n1')
  kit.submit({name: 'a'})
  kit.submit({name: 'b'})
  kit.submit({name: 'c', priority: 5})
  expect(listJobs(kit.state).map(job => job.state)).toEqual(['queued', 'queued', 'running'])
  kit.done(kit.take())
  expect(kit.take().job).toBe('c')
})

test('a paused job starts nothing, keeps what runs, and goes on when it is resumed', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j', inputs: inputs(2)})
  kit.ask({type: 'pause', job: 'j'})
  kit.done(kit.take())
  expect(kit.started).toEqual([])
  expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'paused', done: 1})
  kit.ask({type: 'resume', job: 'j'})
  kit.done(kit.take())
  expect(jobInfo(kit.state, 'j')?.state).toBe('done')
})

test('a cancelled job stops its runs; a late result changes nothing', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j'})
  const run = kit.started[0]!
  kit.ask({type: 'cancel', job: 'j'})
  expect(kit.ofType('stop-run')).toMatchObject([{run: run.run, node: 'n1'}])
  expect(kit.done(run).map(effect => effect.type)).toEqual(['stop-run'])
  expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'cancelled', done: 0})
  expect(kit.ask({type: 'resume', job: 'j'})).toMatchObject({type: 'refused', code: 'WRONG_STATE'})
})

test('a purged job is forgotten, and nodes that were away are told', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j'})
  kit.finishAll()
  kit.ask({type: 'purge', job: 'j'})
  expect(jobInfo(kit.state, 'j')).toBeUndefined()
  expect(kit.ofType('forget-job')).toHaveLength(1)
  expect(kit.ask({type: 'cancel', job: 'j'})).toMatchObject({code: 'JOB_NOT_FOUND'})
  const joined = kit.feed({type: 'node-joined', node: 'n2', link: 1, slots: 1, jobs: ['j', 'unknown']})
  expect(joined).toContainEqual({type: 'end-job', job: 'j', node: 'n2', isPurged: true, keepsStages: false})
  expect(joined.filter(effect => effect.type === 'end-job')).toHaveLength(1)
})

test('nodes keep what stages gave when the job says so, until it is purged', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j', keepsStages: true})
  kit.finishAll()
  kit.feed({type: 'node-joined', node: 'n2', link: 1, slots: 1, jobs: ['j']})
  kit.ask({type: 'purge', job: 'j'})
  expect(kit.ofType('end-job')).toMatchObject([
    {isPurged: false, keepsStages: true},
    {isPurged: false, keepsStages: true, node: 'n2'},
    {isPurged: true, keepsStages: false},
  ])
})

test('a job with a result tag is done when the tag is written, and fails when it cannot be', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j', resultTag: 'results:j'})
  kit.finishAll()
  const [first] = kit.ofType('save-results')
  expect(first).toMatchObject({tag: 'results:j', results: [{label: 0}]})
  expect(jobInfo(kit.state, 'j')?.state).toBe('running')
  kit.feed({type: 'results-not-saved', job: 'j', save: first!.save, message: 'away', isFinal: false})
  kit.pass(6000)
  expect(kit.ofType('save-results')).toHaveLength(2)
  kit.feed({type: 'results-saved', job: 'j', save: first!.save})
  expect(jobInfo(kit.state, 'j')?.state).toBe('done')

  kit.submit({name: 'k', resultTag: 'results:k'})
  kit.finishAll()
  kit.feed({type: 'results-not-saved', job: 'k', save: 0, message: 'forbidden', isFinal: true})
  expect(jobInfo(kit.state, 'k')).toMatchObject({
    state: 'failed',
    failure: {message: expect.stringContaining('forbidden')},
  })
})

test('events are numbered without gaps and bounded in memory', () => {
  const kit = makeKit()
  kit.join('n1', 4)
  kit.submit({name: 'j', inputs: inputs(300)})
  kit.finishAll()
  const numbers = kit.ofType('job-event').map(({event}) => event.number)
  expect(numbers).toEqual(numbers.map((_, number) => number))
  expect(jobEvents(kit.state, 'j')!.length).toBeLessThan(400)
  expect(jobEvents(kit.state, 'j', numbers.length - 1)).toMatchObject([
    {text: expect.stringMatching(/^READY: Job done in /)},
  ])
})

test('figures of a stage say how long, how much and how even', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j', inputs: inputs(2)})
  kit.pass(100)
  kit.feed({type: 'run-progress', node: 'n1', job: 'j', task: 0, run: 1, progress: {records: 7, bytes: 5, cpuMs: 3}})
  expect(jobInfo(kit.state, 'j')?.stages[0]?.progress).toEqual({records: 7, bytes: 5, cpuMs: 3})
  kit.done(kit.take())
  kit.pass(300)
  kit.done(kit.take())
  const figures = jobInfo(kit.state, 'j')!.stages[0]!
  expect(figures).toMatchObject({tasks: 2, done: 2, outputBytes: 20, outputRecords: 2, skew: 1})
  expect(figures.progress).toEqual({records: 2, bytes: 20, cpuMs: 2})
  expect(figures.durationMs.max).toBe(300)
  expect(figures.durationMs.median).toBeGreaterThanOrEqual(100)
  expect(figures.durationMs.median).toBeLessThan(110)
})

test('tasks are listed by state, a page at a time', () => {
  const kit = makeKit()
  kit.join('n1', 2)
  kit.submit({name: 'j', inputs: inputs(5)})
  kit.done(kit.take())
  expect(listTasks(kit.state, 'j', {states: ['running']})?.map(({task}) => task)).toEqual([1, 2])
  expect(listTasks(kit.state, 'j', {from: 3, countMax: 1})).toMatchObject([{task: 3, state: 'pending'}])
})

describe('a setting that changes while jobs run', () => {
  test('holds at once: fewer tasks of a job at a time, then more again', () => {
    const kit = makeKit()
    kit.feed({type: 'settings-changed', settings: {slotsPerJobMax: 2}})
    kit.join('n1', 8)
    kit.submit({name: 'j', inputs: inputs(6)})
    expect(kit.started).toHaveLength(2)
    kit.feed({type: 'settings-changed', settings: {slotsPerJobMax: 5}})
    expect(kit.started).toHaveLength(5)
    kit.feed({type: 'settings-changed', settings: {slotsPerJobMax: 1}})
    kit.done(kit.take())
    expect(kit.started).toHaveLength(4)
    kit.feed({type: 'settings-changed', settings: {slotsPerJobMax: Infinity}})
    kit.finishAll()
    expect(jobInfo(kit.state, 'j')?.state).toBe('done')
  })

  test('lets waiting jobs in, and lets those run that a lower limit finds running', () => {
    const kit = makeKit({jobsRunningMax: 1})
    kit.join('n1', 8)
    for (const name of ['a', 'b', 'c']) kit.submit({name})
    const states = (): unknown[] => ['a', 'b', 'c'].map(name => jobInfo(kit.state, name)?.state)
    expect(states()).toEqual(['running', 'queued', 'queued'])
    kit.feed({type: 'settings-changed', settings: {jobsRunningMax: 2}})
    expect(states()).toEqual(['running', 'running', 'queued'])
    kit.feed({type: 'settings-changed', settings: {jobsRunningMax: 1}})
    kit.done(kit.take())
    expect(states()).toEqual(['done', 'running', 'queued'])
    kit.finishAll()
    expect(states()).toEqual(['done', 'done', 'done'])
  })

  test('ends the wait for a local slot', () => {
    const kit = makeKit({localityWaitMs: 60_000})
    kit.join('n1', 1)
    kit.join('n2', 1)
    kit.submit({name: 'j', inputs: inputs(2, () => ['n1'])})
    expect(kit.started.map(({node}) => node)).toEqual(['n1'])
    kit.feed({type: 'settings-changed', settings: {localityWaitMs: 0}})
    expect(kit.started.map(({node}) => node)).toEqual(['n1', 'n2'])
  })
})
