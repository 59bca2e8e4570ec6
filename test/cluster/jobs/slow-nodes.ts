/** Nodes and processes that stand still for a while, and a node that dies while others fetch from it. */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {waitFor} from '../kit/wait.ts'
import type {Counts} from '../scenarios.ts'
import {JobCluster, type Pack} from './kit.ts'
import {beginCounts, isAlive, openRuns} from './marks.ts'

const waitMs = 120_000
const fileCount = 12

/** A stop that nobody needs to notice, and one after which the node counts as lost (2 s here). Milliseconds. */
const shortStopMs = 700
const longStopMs = 5000

interface Bench {
  readonly test: JobCluster
  readonly hash: string
  /** A job that takes its time. */
  readonly slow: (name: string, params?: Readonly<Record<string, unknown>>) => Promise<Pack & {readonly marks: string}>
}

async function startBench(agentCount: number): Promise<Bench & AsyncDisposable> {
  const test = await JobCluster.start(agentCount, {files: fileCount, lines: 10})
  const pack = await test.pack('marks-runs')
  const results = await test.jobs.wait(await test.jobs.submit(pack.bytes), {timeoutMs: waitMs})
  assert.equal(results.state, 'done', JSON.stringify(results.error))
  assert.deepEqual(await test.pairsOf(results), await test.expected(pack))
  return {
    test,
    hash: await test.hashOf(results),
    slow: async (name, params = {mapMs: 40, reduceMs: 40}) => {
      const marks = join(test.cluster.folder, `marks-${name}`)
      return {...(await test.pack('marks-runs', {...params, marks})), marks}
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}

async function checkDone({test, hash}: Bench, job: string): Promise<void> {
  const results = await test.jobs.wait(job, {timeoutMs: waitMs})
  assert.equal(results.state, 'done', JSON.stringify(results.error))
  assert.equal(await test.hashOf(results), hash, `the results of ${job} are other bytes`)
}

const stageOf = async ({test}: Bench, job: string, name: string) =>
  (await test.jobs.read(job)).stages.find(stage => stage.name === name)

/** An agent is killed while reduce tasks of other nodes fetch from it: it stands still first, so that they surely wait for it. */
export async function killedInShuffle(times = 3): Promise<Counts> {
  await using bench = await startBench(3)
  const {test, slow} = bench
  const {jobs, cluster} = test
  let again = 0
  let kills = 0
  for (const victim of cluster.agentNames.slice(0, times)) {
    const {bytes} = await slow(victim, {mapMs: 15, reduceMs: 60})
    const job = await jobs.submit(bytes)
    // It holds outputs of map by then.
    await waitForEvent(bench, job, /^Stage map finished/)
    cluster.program(victim).child.kill('SIGSTOP')
    await waitFor('reduce tasks run elsewhere', async () => {
      const {tasks} = await jobs.tasks(job, {stage: 'reduce', state: 'running'})
      return tasks.some(({node}) => node !== victim)
    })
    await sleep(300)
    await cluster.kill(victim)
    kills++
    await checkDone(bench, job)
    again += (await stageOf(bench, job, 'map'))?.againCount ?? 0
    await cluster.startAgent(victim)
    await cluster.allUp()
  }
  assert.ok(again > 0, 'outputs that were lost with their node are made again')
  return {kills, mapTasksMadeAgain: again}
}

async function waitForEvent({test}: Bench, job: string, pattern: RegExp): Promise<void> {
  for await (const {text} of test.jobs.events(job, {isFollowing: true})) if (pattern.test(text)) return
  throw new Error(`${job} ended without ${pattern}`)
}

/** An agent stands still for a moment, then for so long that it is lost; then a single process does, whose copy wins. */
export async function slowNodes(): Promise<Counts> {
  await using bench = await startBench(3)
  const {test, slow} = bench
  const {jobs, cluster} = test

  const short = await slow('short')
  const shortJob = await jobs.submit(short.bytes)
  const paused = await test.untilRunning(shortJob, 'map', 1)
  await standStill(bench, paused, shortStopMs)
  await checkDone(bench, shortJob)
  assert.ok(
    [...beginCounts(short.marks).values()].every(count => count === 1),
    'nothing is run twice for a moment',
  )

  const long = await slow('long', {mapMs: 80, reduceMs: 40})
  const longJob = await jobs.submit(long.bytes)
  const lost = await test.untilRunning(longJob, 'map', 1)
  const stopping = standStill(bench, lost, longStopMs)
  await checkDone(bench, longJob)
  await stopping
  const {lostCount = 0} = (await stageOf(bench, longJob, 'map')) ?? {}
  assert.ok(lostCount > 0, 'runs were lost with their node')
  await cluster.allUp()
  await waitFor('runs that nobody wants are ended', () => openRuns(long.marks).every(({pid}) => !isAlive(pid)))

  await cluster.client.setSetting('slowAfter', '1s')
  const copied = await slow('copied')
  const copiedJob = await jobs.submit(copied.bytes)
  const stuck = await waitFor('half of map is done and some run', async () => {
    const stage = await stageOf(bench, copiedJob, 'map')
    const [run] = openRuns(copied.marks).filter(({task}) => task.startsWith('map'))
    return stage !== undefined && stage.doneCount >= fileCount / 2 && run
  })
  process.kill(stuck.pid, 'SIGSTOP')
  await checkDone(bench, copiedJob)
  const {copyCount = 0} = (await stageOf(bench, copiedJob, 'map')) ?? {}
  assert.ok(copyCount > 0, 'a second copy of the task that stands still was run')
  assert.equal(beginCounts(copied.marks).get(stuck.task), 2)
  await waitFor('the process that stands still is ended', () => !isAlive(stuck.pid))
  return {stops: 3, lostRuns: lostCount, copies: copyCount}
}

async function standStill({test}: Bench, name: string, ms: number): Promise<void> {
  const {child} = test.cluster.program(name)
  child.kill('SIGSTOP')
  await sleep(ms)
  child.kill('SIGCONT')
}
