/**
 * The master is killed at twelve named states of a job, which are reached by watching the job, and started again. The job goes on,
 * no task is begun twice, and its results are byte for byte those of a job that nobody disturbed.
 */
import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {waitFor} from '../kit/wait.ts'
import type {Counts} from '../scenarios.ts'
import {JobCluster} from './kit.ts'
import {beginCounts, isAlive, openRuns, untilMarked} from './marks.ts'

const waitMs = 120_000
const fileCount = 12
/** A state that is not reached within this is never reached. Milliseconds. */
const reachMs = 30_000
/** Tasks of a job that is over would have begun by then. Milliseconds. */
const quietMs = 1000

interface Attempt {
  readonly test: JobCluster
  readonly job: string
  readonly marks: string
}

interface State {
  /** Comes back when the job is in it. */
  readonly reach: (attempt: Attempt) => Promise<unknown>
  /** What must hold after the master has come back; otherwise that the job is done, with the same bytes. */
  readonly check?: (attempt: Attempt) => Promise<void>
}

/** Waits for so many events with such a text. */
async function untilTold({test, job}: Attempt, pattern: RegExp, count = 1): Promise<void> {
  let left = count
  for await (const {text} of test.jobs.events(job, {isFollowing: true})) if (pattern.test(text) && --left === 0) return
  throw new Error(`${job} ended, and ${pattern} was told ${count - left} times`)
}

const told =
  (pattern: RegExp, count = 1): State['reach'] =>
  attempt =>
    untilTold(attempt, pattern, count)

const states: Readonly<Record<string, State>> = {
  submitted: {reach: async () => undefined},
  'first order sent': {reach: told(/^map:\d+ assigned/)},
  'first run ended': {reach: ({marks}) => untilMarked(marks, all => all.some(({what}) => what === 'end'))},
  'first accepted': {reach: told(/^DONE: \[map/)},
  'half of map': {reach: told(/^DONE: \[map/, fileCount / 2)},
  'map done': {reach: told(/^Stage map finished/)},
  'first reduce order': {reach: told(/^reduce:\d+ assigned/)},
  'half of reduce': {reach: told(/^DONE: \[reduce/, 2)},
  'all done': {reach: told(/^Stage reduce finished/)},
  'results saved': {reach: told(/^READY/)},
  'being cancelled': {
    reach: async attempt => {
      await untilTold(attempt, /^DONE: \[map/, 2)
      await attempt.test.jobs.change(attempt.job, 'cancel')
    },
    check: checkCancelled,
  },
  'being purged': {
    reach: async ({test, job}) => {
      await test.jobs.wait(job, {timeoutMs: waitMs})
      await test.jobs.change(job, 'purge')
    },
    check: checkPurged,
  },
}

export type StateName = keyof typeof states

export const stateNames: readonly StateName[] = Object.keys(states)

async function checkCancelled({test, job, marks}: Attempt): Promise<void> {
  assert.equal((await test.jobs.wait(job, {timeoutMs: waitMs})).state, 'cancelled')
  await waitFor('its runs are ended', () => openRuns(marks).every(({pid}) => !isAlive(pid)))
  const before = beginCounts(marks)
  await sleep(quietMs)
  assert.deepEqual(beginCounts(marks), before, 'tasks of a cancelled job begin')
}

async function checkPurged({test, job}: Attempt): Promise<void> {
  await assert.rejects(test.jobs.read(job), {code: 'JOB_NOT_FOUND'})
  const folders = test.cluster.agentNames.map(name => join(test.cluster.folderOf(name), 'jobs', job))
  await waitFor('its files are gone', () => folders.every(folder => !existsSync(folder)))
}

/** @param names - states to try; all of them when not given */
export async function masterKilledAtStates(names: readonly StateName[] = stateNames): Promise<Counts> {
  await using test = await JobCluster.start(3, {files: fileCount, lines: 6})
  const {jobs, cluster} = test
  const undisturbed = await test.pack('marks-runs', {}, {saveResults: 'test:undisturbed'})
  const first = await jobs.wait(await jobs.submit(undisturbed.bytes), {timeoutMs: waitMs})
  assert.equal(first.state, 'done', JSON.stringify(first.error))
  assert.deepEqual(await test.pairsOf(first), await test.expected(undisturbed))
  const hash = await test.hashOf(first)

  for (const [index, name] of names.entries()) {
    const state = states[name]
    assert.ok(state !== undefined, `there is a state ${name}`)
    const marks = join(cluster.folder, `marks-${index}`)
    const saveResults = `test:state-${index}`
    const {bytes} = await test.pack('marks-runs', {mapMs: 25, reduceMs: 100, marks}, {saveResults})
    const attempt: Attempt = {test, job: await jobs.submit(bytes), marks}
    await within(reachMs, name, state.reach(attempt))
    await cluster.kill('master')
    await cluster.startMaster()
    try {
      await (state.check ?? (async () => checkDone(attempt, hash)))(attempt)
    } catch (error) {
      throw new Error(`killed at: ${name}`, {cause: error})
    }
    const again = [...beginCounts(marks)].filter(([, count]) => count !== 1)
    assert.deepEqual(again, [], `killed at ${name}: tasks began more than once`)
    await cluster.allUp()
  }
  return {states: names.length, kills: names.length, tasksRunAgain: 0}
}

async function checkDone({test, job, marks}: Attempt, hash: string): Promise<void> {
  const results = await test.jobs.wait(job, {timeoutMs: waitMs})
  assert.equal(results.state, 'done', JSON.stringify(results.error))
  assert.equal(await test.hashOf(results), hash, 'the results are other bytes')
  const {stages} = await test.jobs.read(job)
  const taskCount = stages.reduce((sum, stage) => sum + stage.taskCount, 0)
  assert.equal(beginCounts(marks).size, taskCount, 'each task has run')
  assert.ok([...(await test.doneCounts(job)).values()].every(count => count === 1))
}

async function within(ms: number, what: string, work: Promise<unknown>): Promise<void> {
  const {promise, reject} = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not reached within ${ms} ms: ${what}`)), ms)
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
