import {expect, test, vi} from 'vitest'
import {ClusterError} from '../../../../src/base/index.ts'
import {frameBytesMax, type TaskNotice} from '../../../../src/protocol/index.ts'
import {jobInfo, jobResults} from '../../../../src/scheduler/index.ts'
import {soon} from '../../soon.ts'
import {FakeCluster, packHash} from './fake-cluster.ts'

test('a job runs stage by stage on the nodes that have joined', async () => {
  const cluster = await FakeCluster.start()
  cluster.obey()
  cluster.join('n1')
  const job = await cluster.submit()
  await soon(() => expect(jobInfo(cluster.driver.state, job)?.state).toBe('done'))
  expect(cluster.starts().map(({order}) => [order.stage, order.inputs.length])).toEqual([
    ['map', 1],
    ['map', 1],
    ['reduce', 2],
  ])
  expect(cluster.starts()[0]?.order).toMatchObject({epoch: 7, pack: {hash: packHash, bytes: 3}})
  expect(jobResults(cluster.driver.state, job)).toHaveLength(1)
  await soon(() => expect(cluster.ordersOf('accept-run')).toHaveLength(3))
  expect(cluster.ordersOf('end-job')).toHaveLength(1)
})

test('what an order relies on is in the journal before it is sent', async () => {
  const cluster = await FakeCluster.start()
  const journalled: unknown[] = []
  cluster.onSend = async ({request}) => {
    if (request.type === 'start-run') {
      const {jobs, runs} = cluster.journal.load()
      journalled.push({jobs: jobs.length, has: (runs as {run: number}[]).some(({run}) => run === request.run)})
    }
    return {type: 'noted'}
  }
  cluster.join('n1')
  const job = await cluster.submit()
  await soon(() => expect(journalled).toHaveLength(2))
  expect(journalled).toEqual([
    {jobs: 1, has: true},
    {jobs: 1, has: true},
  ])
  expect(cluster.journal.packOf(job)).toEqual({hash: packHash, bytes: 3})
})

test('a full disk holds everything back until there is room, and nothing is lost or sent twice', async () => {
  const cluster = await FakeCluster.start()
  cluster.obey()
  const commit = vi.spyOn(cluster.journal, 'commit')
  cluster.join('n1')
  await soon(() => expect(commit).toHaveBeenCalled())
  commit.mockImplementation(() => {
    throw new ClusterError('DISK_FULL', 'no room left in journal.sqlite')
  })
  const submitted = cluster.submit()
  await soon(() => expect(() => cluster.driver.checkRunning()).toThrow('the disk of the master is full'))
  await expect(cluster.driver.ask({type: 'purge', job: 'x'} as never)).rejects.toMatchObject({retryable: true})
  cluster.join('n2')
  expect(cluster.sent).toEqual([])
  expect(cluster.journal.load().jobs).toEqual([])
  commit.mockRestore()
  const job = await submitted
  await soon(() => expect(jobInfo(cluster.driver.state, job)?.state).toBe('done'))
  expect(cluster.starts()).toHaveLength(3)
  expect(cluster.broken).toEqual([])
})

test('a master that was killed goes on: done tasks are not run again, running ones are waited for', async () => {
  const cluster = await FakeCluster.start()
  cluster.join('n1')
  const job = await cluster.submit()
  await soon(() => expect(cluster.starts()).toHaveLength(2))
  const [first, second] = cluster.starts() as [
    ReturnType<FakeCluster['starts']>[number],
    ReturnType<FakeCluster['starts']>[number],
  ]
  cluster.tell('n1', cluster.done(first))
  await soon(() => expect(cluster.ordersOf('accept-run')).toHaveLength(1))

  cluster.stopMaster()
  await cluster.startMaster()
  cluster.sent.length = 0
  cluster.obey()
  const {task, run} = second.order
  cluster.join('n1', 1, [{type: 'run-running', job, task, run, hasAllInputs: true}])
  cluster.tell('n1', cluster.done(second))
  await soon(() => expect(jobInfo(cluster.driver.state, job)?.state).toBe('done'))
  expect(cluster.starts().map(({order}) => order.stage)).toEqual(['reduce'])
  expect(cluster.starts()[0]?.order.inputs.map(input => input.run)).toEqual([first.order.run, run])
})

test('a run that ended while the master was away counts when its node reports it', async () => {
  const cluster = await FakeCluster.start()
  cluster.join('n1')
  const job = await cluster.submit()
  await soon(() => expect(cluster.starts()).toHaveLength(2))
  const ends = cluster.starts().map(start => cluster.done(start))
  cluster.stopMaster()
  await cluster.startMaster()
  cluster.sent.length = 0
  cluster.obey()
  cluster.join('n1', 1, ends)
  await soon(() => expect(jobInfo(cluster.driver.state, job)?.state).toBe('done'))
  expect(cluster.starts().map(({order}) => order.stage)).toEqual(['reduce'])
})

test('an order that a linked node does not take is a failure of the run, which is tried again', async () => {
  const cluster = await FakeCluster.start({backoffFirstMs: 1})
  cluster.obey()
  const obey = cluster.onSend
  let refused = 0
  cluster.onSend = async sent => {
    if (sent.request.type !== 'start-run' || refused++ > 0) return await obey(sent)
    return {type: 'failed', code: 'DISK_FULL', message: 'n1 has no room for tasks'}
  }
  cluster.join('n1')
  const job = await cluster.submit()
  await vi.waitFor(() => expect(jobInfo(cluster.driver.state, job)?.state).toBe('done'), {timeout: 10_000})
  const texts = cluster.journal.eventsOf(job, 0, 100).events.map(event => event.text)
  expect(texts.some(text => text.includes('did not take the order to run it: n1 has no room'))).toBe(true)
  expect(cluster.starts()).toHaveLength(4)
})

test('an order that is lost with its link is no failure: the node that comes back without the run gets it again', async () => {
  const cluster = await FakeCluster.start()
  const lost = Promise.withResolvers<never>()
  cluster.onSend = async ({request}) => (request.type === 'start-run' ? await lost.promise : {type: 'noted'})
  cluster.join('n1')
  const job = await cluster.submit()
  await soon(() => expect(cluster.starts()).toHaveLength(2))
  cluster.driver.nodes.onOffline('n1')
  lost.reject(new Error('the link broke'))
  cluster.obey()
  cluster.join('n1', 2)
  // Notices of the new link.
  const obeyed = cluster.onSend
  cluster.onSend = async sent => {
    const {request, node} = sent
    if (request.type !== 'start-run') return await obeyed(sent)
    queueMicrotask(() => cluster.tell(node, cluster.done({node, order: request}), 2))
    return {type: 'noted'}
  }
  await soon(() => expect(jobInfo(cluster.driver.state, job)?.state).toBe('done'))
  expect(jobInfo(cluster.driver.state, job)?.failures).toBe(0)
})

test('outputs that come in pages are one list; a list with a hole is a failure', async () => {
  const cluster = await FakeCluster.start({backoffFirstMs: 60_000})
  cluster.join('n1')
  const job = await cluster.submit()
  await soon(() => expect(cluster.starts()).toHaveLength(2))
  const [first, second] = cluster.starts().map(start => {
    const {task, run} = start.order
    const end = cluster.done(start) as Extract<TaskNotice, {type: 'run-ended'}>
    const outputs = end.end.state === 'done' ? end.end.outputs : []
    return {name: {job, task, run}, outputs}
  })
  const progress = {records: 0, bytes: 0, cpuMs: 0}
  const {name, outputs} = first!
  cluster.tell('n1', {type: 'run-outputs', ...name, at: 0, outputs})
  cluster.tell('n1', {type: 'run-outputs', ...name, at: 1, outputs})
  cluster.tell('n1', {type: 'run-ended', ...name, end: {state: 'done', at: 2, outputs, progress}})
  cluster.tell('n1', {
    type: 'run-ended',
    ...second!.name,
    end: {state: 'done', at: 2, outputs: second!.outputs, progress},
  })
  await soon(() => expect(jobInfo(cluster.driver.state, job)?.failures).toBe(1))
  expect((cluster.journal.tasksOf(job) as {outputs: unknown[]}[]).map(row => row.outputs.length)).toEqual([3])
})

test('notices of an older link, and of a node that has not begun to report, change nothing', async () => {
  const cluster = await FakeCluster.start()
  cluster.join('n1')
  await cluster.submit()
  await soon(() => expect(cluster.starts()).toHaveLength(2))
  const [start] = cluster.starts()
  cluster.tell('n1', cluster.done(start!), 0)
  cluster.tell('n2', cluster.done(start!))
  await new Promise(resolve => setImmediate(resolve))
  expect(cluster.journal.load().tasks).toEqual([])
})

test('results are saved before the job is done; a try that fails is made again until it is final', async () => {
  const cluster = await FakeCluster.start()
  cluster.obey()
  const saving = Promise.withResolvers<void>()
  cluster.onSave = () => saving.promise
  cluster.join('n1')
  const job = await cluster.submit({resultTag: 'counts'})
  await soon(() => expect(cluster.saved).toHaveLength(1))
  expect(cluster.saved[0]).toMatchObject({job, tag: 'counts', results: [{records: 1}]})
  expect(jobInfo(cluster.driver.state, job)?.state).toBe('running')
  saving.resolve()
  await soon(() => expect(jobInfo(cluster.driver.state, job)?.state).toBe('done'))
})

test('a journal that cannot be written stops the master, and nothing is sent', async () => {
  const cluster = await FakeCluster.start()
  cluster.join('n1')
  await new Promise(resolve => setImmediate(resolve))
  cluster.journal.close()
  await expect(cluster.submit()).rejects.toMatchObject({code: 'UNAVAILABLE'})
  expect(cluster.broken).toHaveLength(1)
  expect(cluster.sent).toEqual([])
  cluster.journal = {close: () => undefined} as typeof cluster.journal
})

test('refusals are errors with their code', async () => {
  const cluster = await FakeCluster.start({jobsMax: 1})
  await expect(cluster.driver.ask({type: 'cancel', job: 'no@1'})).rejects.toMatchObject({code: 'JOB_NOT_FOUND'})
  await cluster.submit()
  await expect(cluster.submit({name: 'words@2'})).rejects.toMatchObject({code: 'OVERLOADED', retryable: true})
  await cluster.driver.ask({type: 'cancel', job: 'words@1'})
  await expect(cluster.driver.ask({type: 'pause', job: 'words@1'})).rejects.toMatchObject({code: 'WRONG_STATE'})
  await expect(cluster.submit({name: 'words@3', weight: -1})).rejects.toMatchObject({code: 'BAD_JOB'})
})

test('a purged job leaves the journal with its pack', async () => {
  const cluster = await FakeCluster.start()
  const job = await cluster.submit()
  await cluster.driver.ask({type: 'purge', job})
  expect(cluster.journal.load()).toMatchObject({jobs: [], jobStates: [{job, state: 'purged'}]})
  expect(cluster.journal.packOf(job)).toBeUndefined()
  expect(cluster.driver.packOf(job)).toBeUndefined()
})

test('inputs that do not fit into one message follow in pages, the last of which says so', async () => {
  const cluster = await FakeCluster.start()
  cluster.join('n1')
  const long = `raw://${'x'.repeat(60_000)}`
  const input = {label: 0, place: {type: 'urls', urls: [long]}, bytes: 1, records: 1} as const
  const pipeline = [{name: 'all', grouping: 'group-all', isConcurrent: false}] as const
  await cluster.submit({pipeline, inputs: Array.from({length: 20}, () => input)})
  await soon(() => expect(cluster.ordersOf('push-inputs')).toHaveLength(2))
  const sent = cluster.sent.map(({request}) => request)
  const pages = sent.flatMap(request =>
    request.type === 'start-run'
      ? [{count: request.inputs.length, isEnd: request.hasAllInputs}]
      : request.type === 'push-inputs'
        ? [{count: request.inputs.length, isEnd: request.isEnd}]
        : [],
  )
  expect(pages.map(page => page.isEnd)).toEqual([false, false, true])
  expect(pages.reduce((sum, page) => sum + page.count, 0)).toBe(20)
  for (const request of sent) expect(JSON.stringify(request).length).toBeLessThan(frameBytesMax)
})

test('who waits when the master stops is told to come back', async () => {
  const cluster = await FakeCluster.start()
  const job = await cluster.submit()
  const woken = cluster.driver.watchers.next(job, 60_000, new AbortController().signal)
  cluster.driver.stop('the master stops')
  await woken
  expect(() => cluster.driver.checkRunning()).toThrow('the master stops')
})

test('orders to a node that are committed together share a message, and one that is refused fails alone', async () => {
  const cluster = await FakeCluster.start()
  const messages: string[] = []
  cluster.onBatch = types => messages.push(types.join())
  cluster.onSend = async ({request}) =>
    request.type === 'start-run' && request.task === 1
      ? {type: 'failed', code: 'DISK_FULL', message: 'no room'}
      : {type: 'noted'}
  cluster.join('n1')
  const job = await cluster.submit()
  await soon(() =>
    expect(cluster.driver.journal.eventsOf(job, 0, 100).events.map(({text}) => text)).toContainEqual(
      expect.stringContaining('did not take the order to run it: no room'),
    ),
  )
  expect(messages[0]).toBe('start-run,start-run')
  expect(cluster.driver.state.jobs.get(job)?.running).toBe(1)
})
