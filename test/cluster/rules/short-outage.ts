/** A node that alone has a blob is away for a moment: a run that began meanwhile waits for it, and gives all rows. */
import assert from 'node:assert/strict'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {TestCluster} from '../kit/cluster.ts'
import {pushContent} from '../kit/content.ts'
import {waitFor} from '../kit/wait.ts'
import type {Counts} from '../scenarios.ts'
import {RestartedProgram} from './restarted-program.ts'

/** Long enough for a try that fails. Milliseconds. */
const awayMs = 1500

export async function shortOutage(): Promise<Counts> {
  // The node is away, and nobody has given it up yet.
  const settings = {replicas: 1, lostAfter: '20s'}
  await using cluster = await TestCluster.start({agentCount: 2, settings, logLevel: 'warn'})
  const {blob} = await pushContent(cluster.client, 'in:2026-11-23', 'one', Buffer.from('{"site":"a","n":7}\n'))
  const [place] = (await cluster.client.locateBlobs([blob])).blobs
  const holder = place?.replicas[0]?.node
  assert.ok(holder !== undefined, 'a node has the blob')
  const rules = join(cluster.folder, 'rules')
  mkdirSync(rules)
  writeFileSync(
    join(rules, 'm.ts'),
    `import {defineRule} from 'disco-inferno'
export const rows = defineRule({name: 'rows', sourceTags: ['in:'], keyParts: ['site'], valueParts: ['n']})
`,
  )
  await cluster.kill(holder)
  const run = new RestartedProgram(['inferno', 'run', 'm.rows', '--format', 'csv', '-y', rules], {
    env: cluster.environment,
    cwd: cluster.folder,
    logFile: join(cluster.folder, 'run.log'),
  })
  run.start()
  await sleep(awayMs)
  assert.ok(run.isRunning, `it waits for the node\n${run.log()}`)
  await cluster.startAgent(holder)
  await waitFor('the run ends', () => !run.isRunning, 30_000)
  assert.match(run.log(), /^a,7$/m)
  return {awayMs}
}
