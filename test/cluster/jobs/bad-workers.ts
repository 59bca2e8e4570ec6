/** Workers that misbehave in every way we know: their job says what it was, and a job beside it does not notice. */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import type {Counts} from '../scenarios.ts'
import {JobCluster} from './kit.ts'
import {beginCounts} from './marks.ts'

const waitMs = 120_000

/** What the job's error says. */
const said: Readonly<Record<string, RegExp>> = {
  crashes: /ended with status 3/,
  'ends itself': /was ended by SIGSEGV/,
  hangs: /longer than its limit of 3 s/,
  sleeps: /longer than its limit of 3 s/,
  eats: /held .* of memory, more than its limit/,
  'eats values': /memory/,
  'writes garbage': /wrote on its message channel what is no message/,
  'writes without end': /wrote on its message channel what is no message/,
}

/** Lines of a flood that are kept; more would drown the job's events. */
const floodLinesMax = 2000

export const waysToMisbehave: readonly string[] = [...Object.keys(said), 'floods', 'floods without end']

/** @param ways - those to try; all of them when not given */
export async function workersMisbehave(ways: readonly string[] = waysToMisbehave): Promise<Counts> {
  await using test = await JobCluster.start(2, {files: 8, lines: 8})
  const {jobs, cluster} = test
  const undisturbed = await jobs.wait(await jobs.submit((await test.pack('marks-runs')).bytes), {timeoutMs: waitMs})
  assert.equal(undisturbed.state, 'done', JSON.stringify(undisturbed.error))
  const hash = await test.hashOf(undisturbed)

  let tried = 0
  for (const how of ways) {
    const marks = join(cluster.folder, `marks-${tried++}`)
    const beside = await jobs.submit((await test.pack('marks-runs', {mapMs: 20, reduceMs: 20, marks})).bytes)
    const job = await jobs.submit((await test.pack('misbehaves', {how}, {inputs: ['raw://x']})).bytes)
    const {state, error} = await jobs.wait(job, {timeoutMs: waitMs})
    const pattern = said[how]
    if (pattern === undefined) {
      assert.equal(state, 'done', `${how}: ${JSON.stringify(error)}`)
      const lines = await Array.fromAsync(jobs.events(job, {kind: 'message'}))
      assert.ok(lines.length <= floodLinesMax, `${how}: ${lines.length} lines`)
      if (how === 'floods')
        assert.ok(
          lines.some(({text}) => / lines .*were dropped/.test(text)),
          'it says what is missing',
        )
    } else {
      assert.equal(state, 'failed', how)
      assert.match(error?.message ?? '', pattern, how)
      assert.equal(error?.stage, 'map')
      assert.ok(cluster.agentNames.includes(error?.node ?? ''), 'the node is named')
    }
    const results = await jobs.wait(beside, {timeoutMs: waitMs})
    assert.equal(results.state, 'done', JSON.stringify(results.error))
    assert.equal(await test.hashOf(results), hash, `${how}: the job beside it has other results`)
    assert.ok(
      [...beginCounts(marks).values()].every(count => count === 1),
      `${how}: the job beside it was disturbed`,
    )
    assert.deepEqual(await upCount(test), 2, `${how}: both nodes are up`)
  }
  return {ways: tried, besides: tried}
}

async function upCount(test: JobCluster): Promise<number> {
  return (await test.cluster.client.nodes()).nodes.filter(({state}) => state === 'up').length
}
