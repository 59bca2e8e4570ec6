import {describe, expect, test} from 'vitest'
import {jobInfo, listNodes} from '../../../src/scheduler/index.ts'
import {inputs, type Kit, makeKit, stage} from './kit.ts'

function threeNodes(settings = {}): Kit {
  const kit = makeKit(settings)
  for (const node of ['n1', 'n2', 'n3']) kit.join(node)
  return kit
}

test('a failed task is tried again after a pause, on another node', () => {
  const kit = threeNodes()
  kit.submit({name: 'j', inputs: inputs(1, () => ['n1'])})
  kit.fail(kit.take())
  expect(kit.started).toEqual([])
  expect(jobInfo(kit.state, 'j')?.stages[0]).toMatchObject({held: 1, failedRuns: 1})
  kit.pass(900)
  expect(kit.started).toEqual([])
  kit.pass(700)
  expect(kit.started[0]?.node).not.toBe('n1')
  kit.finishAll()
  expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'done', failures: 1})
})

test('a task that failed on all nodes is tried on any', () => {
  const kit = makeKit({sameFailureRunsMax: 10})
  kit.join('n1')
  kit.submit({name: 'j'})
  kit.fail(kit.take())
  kit.pass(3000)
  expect(kit.started[0]?.node).toBe('n1')
})

test('a task fails its job when its budget is used up, with the error and the record', () => {
  const kit = makeKit({sameFailureRunsMax: 100})
  kit.join('n1')
  kit.submit({name: 'j', failuresPerTaskMax: 2})
  for (let failure = 0; failure < 3; failure++) {
    kit.fail(kit.take(), `broken in way ${'abc'[failure]}`, {sample: '{"id":'})
    kit.pass(10_000)
  }
  const {state, failure} = jobInfo(kit.state, 'j')!
  expect(state).toBe('failed')
  expect(failure).toMatchObject({stage: 'map', task: 0, node: 'n1', sample: '{"id":'})
  expect(failure?.message).toBe('broken in way c\nTask map:0 failed 3 times. At most 2 failures are allowed.')
})

test('a job has a budget, too', () => {
  const kit = makeKit({sameFailureTasksMax: 1000})
  kit.join('n1', 9)
  kit.submit({name: 'j', inputs: inputs(9), failuresPerJobMax: 3})
  for (let failure = 0; failure < 4; failure++) kit.fail(kit.take(), 'abcd'[failure])
  expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'failed', failures: 4})
})

test('a fatal failure ends the job at once and stops its other runs', () => {
  const kit = threeNodes()
  kit.submit({name: 'j', inputs: inputs(3)})
  kit.fail(kit.take(), 'wrong version', {class: 'fatal'})
  expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'failed', failure: {message: 'wrong version'}, running: 0})
  expect(kit.started).toEqual([])
})

describe('the same failure', () => {
  test('of one task on three nodes fails the job', () => {
    const kit = threeNodes()
    kit.submit({name: 'j'})
    for (let failure = 0; failure < 3; failure++) {
      kit.fail(kit.take(), `no such field in line ${failure}`)
      kit.pass(10_000)
    }
    expect(jobInfo(kit.state, 'j')?.failure?.message).toMatch(
      /^no such field in line 2\nTask map:0 failed in the same way 3 times/,
    )
  })

  test('of five tasks on several nodes fails the job', () => {
    const kit = threeNodes({backoffFirstMs: 60_000})
    kit.submit({name: 'j', inputs: inputs(20)})
    for (let failure = 0; failure < 5; failure++) kit.fail(kit.take(), 'x is not a function at /tmp/a/b.ts:3')
    expect(jobInfo(kit.state, 'j')?.failure?.message).toContain('5 tasks failed in the same way, on n1, n2, n3')
  })

  test('of tasks on one node of three does not', () => {
    const kit = threeNodes({backoffFirstMs: 60_000})
    kit.submit({name: 'j', inputs: inputs(20, () => ['n1'])})
    for (let failure = 0; failure < 5; failure++) kit.fail(kit.started.find(run => run.node === 'n1')!, 'disk error')
    expect(jobInfo(kit.state, 'j')?.state).toBe('running')
  })
})

test('a node whose tasks fail and are done elsewhere is avoided, and forgiven with time', () => {
  const kit = threeNodes({sameFailureTasksMax: 1000, backoffFirstMs: 100})
  kit.submit({name: 'j', inputs: inputs(300)})
  for (let round = 0; round < 200; round++) {
    const run = kit.take()
    if (run.node === 'n1') kit.fail(run, 'cannot write')
    else kit.done(run)
    kit.pass(20)
    if (kit.started.length === 0) break
  }
  const bad = () => listNodes(kit.state)[0]!
  expect(bad().heldBack).toEqual(['failures'])
  expect(bad().failed).toBeLessThan(15)
  kit.finishAll()
  kit.submit({name: 'k', inputs: inputs(1000)})
  expect(kit.started.map(run => run.node).sort()).toEqual(['n2', 'n3'])
  kit.pass(400_000)
  expect(bad().heldBack).toEqual([])
})

test('a run past its time is stopped and counts as failed', () => {
  const kit = threeNodes({isSpeculative: false})
  kit.submit({name: 'j', taskTimeMaxMs: 5000})
  const run = kit.started[0]!
  kit.pass(5000)
  expect(kit.ofType('stop-run')).toMatchObject([{run: run.run}])
  expect(jobInfo(kit.state, 'j')?.failures).toBe(1)
  expect(kit.done(run).map(effect => effect.type)).toEqual(['stop-run'])
})

test('a slow run near the end of its stage gets a copy elsewhere; the first result wins', () => {
  const kit = threeNodes({slowAfterMs: 4000})
  kit.submit({name: 'j', inputs: inputs(3)})
  kit.pass(1000)
  const slow = kit.take()
  kit.finishAll()
  kit.pass(2500)
  expect(kit.started).toEqual([])
  kit.pass(2000)
  const copy = kit.take()
  expect(copy.task).toBe(slow.task)
  expect(copy.node).not.toBe(slow.node)
  kit.done(copy)
  expect(kit.ofType('stop-run')).toMatchObject([{run: slow.run, node: slow.node}])
  expect(jobInfo(kit.state, 'j')).toMatchObject({state: 'done', stages: [{copies: 1, copiesWon: 1, done: 3}]})
})

describe('lost outputs', () => {
  const pipeline = [stage('map'), stage('reduce', 'group-label')]

  /** Two maps done on two nodes, their reduces started. */
  function reducing(): Kit {
    const kit = makeKit({localityWaitMs: 0})
    kit.join('n1')
    kit.join('n2')
    kit.submit({name: 'j', pipeline, inputs: inputs(2, number => [`n${number + 1}`])})
    for (const task of [0, 1]) kit.done(kit.take(task), [0, 1])
    return kit
  }

  test('are made again when a reader finds them gone, and the reader waits', () => {
    const kit = reducing()
    const reduce = kit.take(2)
    const lost = reduce.inputs.find(input => input.task === 0)!
    kit.fail(reduce, 'cannot read', {class: 'input-lost', inputs: [{task: 0, run: lost.run, isGone: true}]})
    expect(jobInfo(kit.state, 'j')?.stages).toMatchObject([{done: 1, regeneratedTasks: 1}, {blocked: 1}])
    expect(jobInfo(kit.state, 'j')?.failures).toBe(0)
    kit.done(kit.take(3))
    kit.done(kit.take(0), [0, 1])
    kit.pass(5000)
    const again = kit.take(2)
    expect(again.inputs.find(input => input.task === 0)!.run).not.toBe(lost.run)
    kit.done(again)
    kit.finishAll()
    expect(jobInfo(kit.state, 'j')?.state).toBe('done')
  })

  test('of a lost node are made again, and are there again when it comes back', () => {
    const kit = reducing()
    kit.feed({type: 'node-lost', node: 'n1'})
    expect(jobInfo(kit.state, 'j')?.stages[0]).toMatchObject({regeneratedTasks: 1, done: 1})
    kit.feed({type: 'node-joined', node: 'n1', link: 9, slots: 1})
    kit.feed({type: 'node-ready', node: 'n1', link: 9})
    expect(jobInfo(kit.state, 'j')?.stages[0]).toMatchObject({done: 2, pending: 0, running: 0})
  })

  test('of a node that comes back with another disk stay lost', () => {
    const kit = reducing()
    kit.feed({type: 'node-joined', node: 'n1', link: 9, slots: 1, isWiped: true})
    kit.feed({type: 'node-ready', node: 'n1', link: 9})
    expect(jobInfo(kit.state, 'j')?.stages[0]).toMatchObject({done: 1, regeneratedTasks: 1})
    kit.finishAll([0, 1])
    kit.pass(10_000)
    kit.finishAll([0, 1])
    expect(jobInfo(kit.state, 'j')?.state).toBe('done')
  })

  test('that come with other labels fail the job', () => {
    const kit = reducing()
    kit.feed({type: 'node-lost', node: 'n1'})
    const {started} = kit
    for (const run of [...started]) if (run.task !== 0) kit.done(kit.take(run.task))
    kit.done(kit.take(0), [5])
    expect(jobInfo(kit.state, 'j')?.failure?.message).toContain('its results depend on more than its inputs')
  })

  test("of the job's inputs count as failures of the task", () => {
    const kit = makeKit()
    kit.join('n1')
    kit.submit({name: 'j'})
    kit.fail(kit.take(), 'no such blob', {class: 'input-lost', inputs: [{task: -1, run: 0, isGone: true}]})
    expect(jobInfo(kit.state, 'j')?.failures).toBe(1)
  })
})
