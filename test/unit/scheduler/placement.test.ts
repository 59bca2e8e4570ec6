import {describe, expect, test} from 'vitest'
import {jobInfo, listNodes} from '../../../src/scheduler/index.ts'
import {inputs, type Kit, makeKit, stage} from './kit.ts'

const nodesOfRuns = (kit: Kit): string[] => kit.started.map(run => run.node)

describe('fair share', () => {
  function shareOf(kit: Kit, rounds: number): Record<string, number> {
    const counts: Record<string, number> = {}
    for (let round = 0; round < rounds; round++) {
      const run = kit.take()
      counts[run.job] = (counts[run.job] ?? 0) + 1
      kit.done(run)
    }
    return counts
  }

  test('gives equal jobs equal slots', () => {
    const kit = makeKit({aheadMs: 0})
    kit.join('n1', 4)
    kit.submit({name: 'a', inputs: inputs(200)})
    kit.submit({name: 'b', inputs: inputs(200)})
    const {a, b} = shareOf(kit, 100)
    expect(Math.abs(a! - b!)).toBeLessThanOrEqual(10)
  })

  test('goes by weight', () => {
    const kit = makeKit()
    kit.join('n1', 8)
    kit.submit({name: 'a', inputs: inputs(400)})
    kit.submit({name: 'b', inputs: inputs(400), weight: 3})
    const {a, b} = shareOf(kit, 200)
    expect(b! / a!).toBeGreaterThan(2.4)
    expect(b! / a!).toBeLessThan(3.4)
  })

  test('is for jobs of one priority: a higher one goes first', () => {
    const kit = makeKit()
    kit.submit({name: 'a', inputs: inputs(5)})
    kit.submit({name: 'b', inputs: inputs(5), priority: 1})
    kit.join('n1', 2)
    expect(shareOf(kit, 5)).toEqual({b: 5})
    kit.ask({type: 'set-priority', job: 'a', priority: 2})
    expect(kit.take().job).toBe('a')
  })

  test('is not asked for under fifo', () => {
    const kit = makeKit({policy: 'fifo'})
    kit.submit({name: 'a', inputs: inputs(5)})
    kit.submit({name: 'b', inputs: inputs(5)})
    kit.join('n1', 2)
    expect(shareOf(kit, 5)).toEqual({a: 5})
  })
})

test('a job has no more runs than it may, and others get the rest', () => {
  const kit = makeKit()
  kit.join('n1', 4)
  kit.submit({name: 'a', inputs: inputs(9), slotsMax: 1})
  kit.submit({name: 'b', inputs: inputs(9)})
  expect(kit.started.map(run => run.job).sort()).toEqual(['a', 'b', 'b', 'b'])
  kit.done(kit.take())
  expect(jobInfo(kit.state, 'a')).toMatchObject({running: 1, done: 1})
})

describe('locality', () => {
  test('takes a task to the node that holds its input', () => {
    const kit = makeKit()
    kit.join('n1', 2)
    kit.join('n2', 2)
    kit.submit({name: 'j', inputs: inputs(4, number => [number < 2 ? 'n2' : 'n1'])})
    expect(kit.started.map(run => [run.task, run.node]).sort()).toEqual([
      [0, 'n2'],
      [1, 'n2'],
      [2, 'n1'],
      [3, 'n1'],
    ])
  })

  test('waits for a slot there, then idle nodes steal', () => {
    const kit = makeKit({localityWaitMs: 3000})
    kit.join('n1')
    kit.join('n2')
    kit.submit({name: 'j', inputs: inputs(3, () => ['n1'])})
    expect(nodesOfRuns(kit)).toEqual(['n1'])
    kit.pass(2999)
    expect(nodesOfRuns(kit)).toEqual(['n1'])
    kit.pass(1)
    expect(nodesOfRuns(kit)).toEqual(['n1', 'n2'])
  })

  describe('of a blob with several replicas', () => {
    const names = ['n1', 'n2', 'n3']
    const blobs = Array.from({length: 60}, (_, number) => ({
      label: 0,
      bytes: 10,
      records: 1,
      place: {type: 'blob' as const, blob: `b${number}`},
      nodes: [names[number % 3]!, names[(number + 1) % 3]!],
    }))
    const runAll = (kit: Kit, name: string, order: readonly (typeof blobs)[number][]): Map<string, string> => {
      const ranOn = new Map<string, string>()
      kit.submit({name, inputs: order})
      while (kit.started.length > 0) {
        const run = kit.take()
        const {place} = run.inputs[0]!.output
        if (place.type === 'blob') ranOn.set(place.blob, run.node)
        kit.done(run)
      }
      return ranOn
    }

    test('a later job reads nearly all where an earlier one did, whatever the order of its inputs', () => {
      const kit = makeKit()
      for (const name of names) kit.join(name, 2)
      const first = runAll(kit, 'j', blobs)
      const second = runAll(kit, 'k', blobs.toReversed())
      const same = blobs.filter(({place}) => first.get(place.blob) === second.get(place.blob)).length
      expect(first.size).toBe(60)
      expect(same).toBeGreaterThanOrEqual(50)
      for (const name of names) expect([...second.values()].filter(node => node === name).length).toBeGreaterThan(12)
    })

    test('another replica does not wait when it has nothing else', () => {
      const kit = makeKit()
      for (const name of names) kit.join(name, 20)
      kit.submit({name: 'j', inputs: blobs.slice(0, 40).map(blob => ({...blob, nodes: ['n1', 'n2']}))})
      expect(nodesOfRuns(kit).filter(node => node === 'n1')).toHaveLength(20)
      expect(nodesOfRuns(kit).filter(node => node === 'n2')).toHaveLength(20)
    })
  })

  test('does not wait for a node that gets no tasks', () => {
    const kit = makeKit()
    kit.join('n1', 0)
    kit.join('n2')
    kit.submit({name: 'j', inputs: inputs(1, () => ['n1'])})
    expect(nodesOfRuns(kit)).toEqual(['n2'])
  })

  test('takes the node with most of the bytes', () => {
    const kit = makeKit()
    kit.join('n1')
    kit.join('n2')
    const [small, big] = inputs(2, number => [number === 0 ? 'n1' : 'n2'])
    kit.submit({name: 'j', pipeline: [stage('all', 'group-all')], inputs: [small!, {...big!, bytes: 1000}]})
    expect(nodesOfRuns(kit)).toEqual(['n2'])
  })
})

test('tasks without input go to the node with most free slots', () => {
  const kit = makeKit()
  kit.join('n1', 1)
  kit.join('n2', 3)
  kit.submit({name: 'j', inputs: inputs(3)})
  expect(nodesOfRuns(kit)).toEqual(['n2', 'n2', 'n1'])
})

describe('a node gets no tasks', () => {
  const heldBack = (kit: Kit) => listNodes(kit.state)[0]!.heldBack

  test('while it drains', () => {
    const kit = makeKit()
    kit.join('n1')
    kit.feed({type: 'node-draining', node: 'n1', isDraining: true})
    kit.submit({name: 'j'})
    expect([kit.started, heldBack(kit)]).toEqual([[], ['draining']])
    kit.feed({type: 'node-draining', node: 'n1', isDraining: false})
    expect(nodesOfRuns(kit)).toEqual(['n1'])
  })

  test('while its disk is full, until it has some room again', () => {
    const kit = makeKit()
    kit.join('n1')
    const status = (freeBytes: number) => kit.feed({type: 'node-status', node: 'n1', freeBytes, totalBytes: 100})
    status(2)
    kit.submit({name: 'j'})
    status(4)
    expect([kit.started, heldBack(kit)]).toEqual([[], ['disk-full']])
    status(5)
    expect(nodesOfRuns(kit)).toEqual(['n1'])
  })

  test('while its memory is short', () => {
    const kit = makeKit()
    kit.join('n1')
    kit.feed({type: 'node-status', node: 'n1', freeMemoryBytes: 1, totalMemoryBytes: 100})
    kit.submit({name: 'j'})
    expect([kit.started, heldBack(kit)]).toEqual([[], ['memory-full']])
  })

  test('past its slots, also when they become fewer', () => {
    const kit = makeKit()
    kit.join('n1', 2)
    kit.submit({name: 'j', inputs: inputs(5)})
    kit.feed({type: 'node-status', node: 'n1', slots: 1})
    kit.done(kit.take())
    expect(kit.started).toHaveLength(1)
    kit.done(kit.take())
    expect(kit.started).toHaveLength(1)
  })
})

describe('a concurrent stage', () => {
  const streaming = [stage('map'), stage('reduce', 'group-label', true)]

  test('starts while its producers run, gets inputs as they come, and is told the end', () => {
    const kit = makeKit()
    kit.join('n1', 3)
    kit.submit({name: 'j', pipeline: streaming, inputs: inputs(3)})
    kit.done(kit.take(0), [7])
    const reduce = kit.take(3)
    expect(reduce).toMatchObject({stage: 'reduce', hasAllInputs: false, inputs: [{task: 0, number: 0}]})
    kit.done(kit.take(1), [7])
    expect(kit.ofType('push-inputs')).toMatchObject([{run: reduce.run, isEnd: false, inputs: [{task: 1}]}])
    kit.done(kit.take(2), [7])
    expect(kit.ofType('push-inputs').slice(1)).toMatchObject([
      {run: reduce.run, inputs: [{task: 2}], isEnd: false},
      {run: reduce.run, inputs: [], isEnd: true},
    ])
    kit.done(reduce)
    expect(jobInfo(kit.state, 'j')?.state).toBe('done')
  })

  test('never takes the slots of its producers', () => {
    const kit = makeKit()
    kit.join('n1', 2)
    kit.submit({name: 'j', pipeline: streaming, inputs: inputs(4)})
    for (let task = 0; task < 4; task++) kit.done(kit.take(task), [task])
    expect(kit.started.every(run => run.stage === 'reduce')).toBe(true)
    kit.finishAll()
    expect(jobInfo(kit.state, 'j')?.state).toBe('done')
  })

  test('that says it is done before it has its inputs has failed', () => {
    const kit = makeKit()
    kit.join('n1', 3)
    kit.submit({name: 'j', pipeline: streaming, inputs: inputs(3)})
    kit.done(kit.take(0), [7])
    kit.done(kit.take(3))
    expect(jobInfo(kit.state, 'j')?.stages[1]).toMatchObject({failedRuns: 1, done: 0})
  })

  test('gives a slot up when the last slot of its producers is gone', () => {
    const kit = makeKit({relieveAfterMs: 5000})
    kit.join('n1', 1)
    kit.join('n2', 1)
    kit.submit({name: 'j', pipeline: streaming, inputs: inputs(2)})
    const [first, second] = [kit.take(), kit.take()]
    kit.ask({type: 'set-priority', job: 'j', slotsMax: 2})
    kit.done(first, [7])
    const reduce = kit.started[0]!
    expect(reduce.stage).toBe('reduce')
    kit.feed({type: 'node-lost', node: second.node})
    kit.pass(7000)
    expect(kit.ofType('stop-run')).toMatchObject([{run: reduce.run}])
    expect(kit.take().stage).toBe('map')
  })
})

test('a long list of inputs comes in pages', () => {
  const kit = makeKit()
  kit.join('n1')
  kit.submit({name: 'j', pipeline: [stage('all', 'group-all')], inputs: inputs(4500)})
  kit.pass(1)
  const run = kit.take()
  const pages = kit.ofType('push-inputs')
  expect([run.inputs.length, ...pages.map(page => page.inputs.length)]).toEqual([2000, 2000, 500])
  expect([run.hasAllInputs, ...pages.map(page => page.isEnd)]).toEqual([false, false, true])
})

test('a big stage is made in slices', () => {
  const kit = makeKit()
  kit.submit({name: 'j', inputs: inputs(2500)})
  expect(jobInfo(kit.state, 'j')?.tasks).toBeLessThan(1100)
  kit.pass(1)
  expect(jobInfo(kit.state, 'j')).toMatchObject({tasks: 2500, stages: [{isClosed: true}]})
})
