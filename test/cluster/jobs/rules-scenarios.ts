/** Rules on a cluster of real processes that are killed. Rows, account and bad lines are always those of one process. */
import assert from 'node:assert/strict'
import {seededRandom} from '../../../src/base/index.ts'
import {JobClient} from '../../../src/client/index.ts'
import {TestCluster} from '../kit/cluster.ts'
import {waitFor} from '../kit/wait.ts'
import type {Counts} from '../scenarios.ts'
import {randomContents, randomRule} from './random-rules.ts'
import {RuleBench} from './rules-kit.ts'

/** Random rules over random contents. @param rounds - rules */
export async function rulesOverDirt({seed, rounds}: {seed: number; rounds: number}): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: 2}})
  await using bench = new RuleBench(cluster.client)
  const contents = randomContents(seed, 12)
  await bench.push(contents)
  let rows = 0
  let cached = 0
  for (let round = 0; round < rounds; round++) {
    const body = randomRule(seed + round)
    try {
      const source = await bench.file(body)
      rows += (await bench.same(source, contents)).rows.length
      const again = await bench.scan(source, contents)
      cached += again.cached.length
      await again.close()
    } catch (error) {
      throw new Error(`SEED=${seed + round}: ${body}`, {cause: error})
    }
  }
  return {rules: rounds, rows, cached}
}

/** An agent is killed while it scans, and one while the merge waits for it; results are those of one process. */
export async function rulesKilled({seed}: {seed: number}): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: 2}})
  await using bench = new RuleBench(cluster.client)
  const random = seededRandom(seed)
  const contents = randomContents(seed, 12)
  await bench.push(contents)
  // A function that takes its time, so that there is a middle.
  const slow = await bench.file(
    `keyParts: ['site'], valueParts: ['count', 'n'],
    mapInitFunction: () => new Promise(resolve => setTimeout(resolve, 150)), partsPreprocess: [parts => parts]`,
  )
  const jobs = new JobClient(cluster.client)
  let kills = 0
  for (const doneCount of [0, 4, 11]) {
    const expected = await bench.here(slow, contents)
    const scanning = bench.onCluster(slow, contents, {usesCache: false})
    let isOver = false
    const noteEnd = (): void => {
      isOver = true
    }
    scanning.then(noteEnd, noteEnd)
    await waitFor(`${doneCount} inputs are scanned`, async () => {
      const [job] = (await jobs.list({state: 'running'})).jobs
      // Between two looks the last inputs may end all at once; the node that has the result is killed then, or another one.
      return isOver || (job !== undefined && job.doneCount >= doneCount && job.runningCount > 0)
    })
    const victim = random.pick(cluster.agentNames)
    await cluster.kill(victim)
    kills++
    assert.deepEqual(await scanning, expected)
    await cluster.startAgent(victim)
    await cluster.allUp()
  }
  return {kills}
}
