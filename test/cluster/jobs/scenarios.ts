/** Jobs on a cluster of real processes that are killed. Results are always those of one process. */
import assert from 'node:assert/strict'
import {setTimeout as sleep} from 'node:timers/promises'
import {decodeOob} from '../../../src/worker/index.ts'
import {waitFor} from '../kit/wait.ts'
import type {Counts} from '../scenarios.ts'
import {JobCluster} from './kit.ts'

const waitMs = 120_000

/** Word count over a tag, undisturbed; then with an agent killed in map, one killed in reduce, and the master killed in both. */
export async function killedInJobs(): Promise<Counts> {
  await using test = await JobCluster.start(3, {files: 12, lines: 12})
  const {jobs, cluster} = test
  const quick = await test.pack('count-words')
  const expected = await test.expected(quick)
  const first = await jobs.submit(quick.bytes)
  const undisturbed = await jobs.wait(first, {timeoutMs: waitMs})
  assert.equal(undisturbed.state, 'done', JSON.stringify(undisturbed.error))
  assert.deepEqual(await test.pairsOf(undisturbed), expected)
  const hash = await test.hashOf(undisturbed)

  const check = async (job: string): Promise<void> => {
    const results = await jobs.wait(job, {timeoutMs: waitMs})
    assert.equal(results.state, 'done', JSON.stringify(results.error))
    assert.equal(await test.hashOf(results), hash, `the results of ${job} are other bytes`)
    assert.deepEqual(await test.pairsOf(results), expected)
  }
  const slowMap = await test.pack('count-words', {mapMs: 60})
  const slowReduce = await test.pack('count-words', {reduceMs: 300})

  const inMap = await jobs.submit(slowMap.bytes)
  const mapper = await test.untilRunning(inMap, 'map', 2)
  await cluster.kill(mapper)
  await check(inMap)
  await cluster.startAgent(mapper)
  await cluster.allUp()

  const inReduce = await jobs.submit(slowReduce.bytes)
  const reducer = await test.untilRunning(inReduce, 'reduce', 1)
  await cluster.kill(reducer)
  await check(inReduce)
  await cluster.startAgent(reducer)
  await cluster.allUp()

  const restarts = {map: slowMap, reduce: slowReduce}
  for (const [stage, pack] of Object.entries(restarts)) {
    const job = await jobs.submit(pack.bytes)
    await test.untilRunning(job, stage, 1)
    await cluster.kill('master')
    await cluster.startMaster()
    await check(job)
    const counts = await test.doneCounts(job)
    assert.deepEqual(
      [...counts.values()].filter(count => count !== 1),
      [],
      `tasks of ${job} were run again`,
    )
  }
  return {jobs: 5, kills: 4}
}

/** A job that fails says why; jobs are cancelled, paused, resumed, purged; results are saved. */
export async function jobLives(): Promise<Counts> {
  await using test = await JobCluster.start(2, {files: 4, lines: 6})
  const {jobs} = test

  const bad = await test.pack('fails-on-bad', {}, {inputs: ['raw://good', 'raw://a bad line']})
  const failing = await jobs.submit(bad.bytes)
  const {state, error} = await jobs.wait(failing, {timeoutMs: waitMs})
  assert.equal(state, 'failed')
  assert.match(error?.message ?? '', /this line cannot be/)
  assert.equal(error?.sample, 'a bad line')
  assert.equal(error?.stage, 'map')
  assert.ok(test.cluster.agentNames.includes(error?.node ?? ''), 'the node is named')

  const slow = await test.pack('count-words', {mapMs: 200})
  const cancelled = await jobs.submit(slow.bytes)
  await test.untilRunning(cancelled, 'map', 0)
  await jobs.change(cancelled, 'cancel')
  assert.equal((await jobs.wait(cancelled, {timeoutMs: waitMs})).state, 'cancelled')
  await assert.rejects(jobs.change(cancelled, 'pause'), {code: 'WRONG_STATE'})

  const paused = await jobs.submit(slow.bytes)
  await test.untilRunning(paused, 'map', 0)
  assert.equal((await jobs.change(paused, 'pause')).state, 'paused')
  await waitFor('tasks that ran are done', async () => (await jobs.read(paused)).runningCount === 0)
  assert.equal((await jobs.read(paused)).state, 'paused')
  await jobs.change(paused, 'resume')
  const results = await jobs.wait(paused, {timeoutMs: waitMs})
  assert.equal(results.state, 'done')
  assert.deepEqual(await test.pairsOf(results), await test.expected(slow))

  await jobs.change(paused, 'purge')
  await assert.rejects(jobs.read(paused), {code: 'JOB_NOT_FOUND'})
  await waitFor('its files are gone', async () => {
    const reads = await Promise.allSettled(results.outputs.map(output => Array.fromAsync(jobs.readOutput(output))))
    return reads.every(read => read.status === 'rejected')
  })

  const saving = await test.pack('count-words', {}, {saveResults: 'test:counts'})
  const saved = await jobs.wait(await jobs.submit(saving.bytes), {timeoutMs: waitMs})
  assert.equal(saved.state, 'done', JSON.stringify(saved.error))
  assert.equal(saved.resultTag, 'test:counts')
  const {entries} = await test.cluster.client.readEntries('test:counts', {})
  assert.equal(entries.length, saved.outputs.length)
  await test.cluster.clean()

  await assert.rejects(async () => jobs.submit((await test.pack('count-words', {}, {inputs: ['test:linse']})).bytes), {
    code: 'TAG_NOT_FOUND',
    hint: /test:lines/,
  })
  return {jobs: 5}
}

/** Stages that stream, out-of-band values, results as inputs, agents that restart. */
export async function jobsOfMoreKinds(): Promise<Counts> {
  await using test = await JobCluster.start(2, {files: 10, lines: 20})
  const {jobs, cluster} = test
  const wordCount = test.texts.join(' ').split(/\s+/).filter(Boolean).length

  const streams = await jobs.submit((await test.pack('streams')).bytes)
  const streamed = await jobs.wait(streams, {timeoutMs: waitMs})
  assert.equal(streamed.state, 'done', JSON.stringify(streamed.error))
  assert.deepEqual(await test.pairsOf(streamed), [['hello', wordCount]])
  assert.deepEqual(
    (await jobs.listOob(streams)).map(({key}) => key),
    ['farewell', 'greeting'],
  )
  assert.equal(decodeOob((await jobs.readOob(streams, 'farewell'))!), 'bye')

  const counts = await jobs.submit((await test.pack('count-words')).bytes)
  assert.equal((await jobs.wait(counts, {timeoutMs: waitMs})).state, 'done')
  const sum = await jobs.submit((await test.pack('reads-results', {}, {inputs: [`job://${counts}`]})).bytes)
  const summed = await jobs.wait(sum, {timeoutMs: waitMs})
  assert.equal(summed.state, 'done', JSON.stringify(summed.error))
  assert.deepEqual(await test.pairsOf(summed), [['all', wordCount]])

  // An agent that is stopped and started while its job runs: what it had done counts.
  const slow = await test.pack('count-words', {mapMs: 50})
  const restarted = await jobs.submit(slow.bytes)
  const name = await test.untilRunning(restarted, 'map', 1)
  await cluster.kill(name)
  await cluster.startAgent(name)
  const results = await jobs.wait(restarted, {timeoutMs: waitMs})
  assert.equal(results.state, 'done', JSON.stringify(results.error))
  assert.deepEqual(await test.pairsOf(results), await test.expected(slow))

  // The master is away while tasks run and end: they are not run again.
  const lonely = await jobs.submit(slow.bytes)
  await test.untilRunning(lonely, 'map', 0)
  await cluster.kill('master')
  await sleep(3000)
  await cluster.startMaster()
  const after = await jobs.wait(lonely, {timeoutMs: waitMs})
  assert.equal(after.state, 'done', JSON.stringify(after.error))
  assert.deepEqual(await test.pairsOf(after), await test.expected(slow))
  assert.ok([...(await test.doneCounts(lonely)).values()].every(count => count === 1))
  return {jobs: 5}
}

/** The master is killed at twelve moments of a job's life, most of them in mid-step; the result is always the same bytes. */
export async function masterKilledAnywhere(): Promise<Counts> {
  await using test = await JobCluster.start(3, {files: 6, lines: 6})
  const {jobs, cluster} = test
  const pack = await test.pack('count-words', {mapMs: 30, reduceMs: 60})
  const first = await jobs.wait(await jobs.submit(pack.bytes), {timeoutMs: waitMs})
  assert.equal(first.state, 'done', JSON.stringify(first.error))
  const hash = await test.hashOf(first)
  const killAtMs = [0, 20, 60, 120, 200, 300, 420, 560, 720, 900, 1100, 1400]
  for (const ms of killAtMs) {
    const job = await jobs.submit(pack.bytes)
    await sleep(ms)
    await cluster.kill('master')
    await cluster.startMaster()
    const results = await jobs.wait(job, {timeoutMs: waitMs})
    assert.equal(results.state, 'done', JSON.stringify(results.error))
    assert.equal(await test.hashOf(results), hash, `killed after ${ms} ms`)
    assert.ok([...(await test.doneCounts(job)).values()].every(count => count === 1))
  }
  return {kills: killAtMs.length}
}

/** The smallest that has everything: a tag, two stages, two nodes. */
export async function smallJob(): Promise<Counts> {
  await using test = await JobCluster.start(2, {files: 3, lines: 5})
  const pack = await test.pack('count-words')
  const results = await test.jobs.wait(await test.jobs.submit(pack.bytes), {timeoutMs: waitMs})
  assert.equal(results.state, 'done', JSON.stringify(results.error))
  assert.deepEqual(await test.pairsOf(results), await test.expected(pack))
  return {jobs: 1, outputs: results.outputs.length}
}
