import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {manifest} from '../../src/cli/manifest.ts'
import {appendEntries, type ClusterClient, parseInput, pushInputs} from '../../src/client/index.ts'
import {DiscoProject} from './disco-project.ts'

const commands = Object.values(manifest.commands).filter(({id}) => /^(ddfs|disco):/.test(id))
const examples = commands.flatMap(({id, examples: texts = []}) => texts.map(text => [id, String(text)] as const))

/**
 * Those that run until they are stopped, or need more nodes, are in tests of their own; those of jobs need jobs in the right
 * state: disco-jobs.test.ts and disco-job-commands.test.ts run them; the doctor looks at the machine, too, a unit would be
 * written into /etc, and a backup restored into /var: disco-operations.test.ts, disco-backup.test.ts.
 */
const elsewhere =
  /^(ddfs:watch|disco:(agent|master|node|doctor|install-service|backup|restore|start|stop|run|jobs|wait|results|stageresults|events|logs|jobdict|deref|oob|oob:get|profile|kill|pause|resume|purge|job|submit))$/

let project: DiscoProject
let client: ClusterClient
beforeAll(async () => {
  project = new DiscoProject()
  project.startCluster()
  // A cluster moves nothing around before its nodes have stayed the same for this long.
  project.disco(['config', 'set', 'surplusAfter', '1s'])
  project.write('access.log', '{"domain":"a.com"}\n{"domain":"b.com"}\n{"domain":"a.com"}\n')
  client = project.client()
})
afterAll(async () => {
  client.close()
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

/** What the examples speak of. */
beforeEach(async () => {
  client.close()
  client = project.client()
  const input = [parseInput(project.path('access.log'))]
  for (const tag of ['data:clicks', 'data:clicks:2026-11-23', 'data:reports', 'data:old', 'data:clicks:2025-12']) {
    await pushInputs(client, tag, input)
  }
  for (const tag of ['incoming:clicks', 'data:clicks:2026-11-22']) await appendEntries(client, tag, [])
  await client.changeTag('processed:clicks', {change: {type: 'delete'}})
  const links = ['data:clicks', 'data:clicks:2026-11-22'].map(tag => ({type: 'tag', tag}) as const)
  await appendEntries(client, 'data:november', links)
  await client.changeTag('data:clicks', {change: {type: 'set-attributes', set: {owner: 'web'}, unset: []}})
  await client.changeTag('data:payroll', {change: {type: 'set-tokens', read: null, write: null}})
})

describe('the example in the help of', () => {
  test('every command is there', () => {
    for (const {id, examples: texts = []} of commands) expect(texts.length, id).toBeGreaterThan(0)
  })

  test.each(examples.filter(([id]) => !elsewhere.test(id)))('%s works: %s', async (id, example) => {
    if (id === 'ddfs:restore') await client.changeTag('data:old', {change: {type: 'delete'}})
    const line = example
      .replaceAll(/<%= config.bin %> (ddfs|disco|inferno)/g, '$1')
      .replace('tar c logs', 'tar c access.log')
    const {exitCode, stderr} = project.shell(line)
    expect(exitCode, stderr).toBe(0)
    expect(stderr).not.toMatch(/Error/)
  })
})
