import {expect, test} from 'vitest'
import {auditedRoutes, legacyRoutes} from '../../../src/cluster/legacy/routes.ts'
import {basic, startLegacy} from './node.ts'

test("changes by Disco's interface are in the log of changes, with who, from where and what, and never a token", async () => {
  const node = await startLegacy()
  await node.ask('PUT', '/ddfs/tag/t/ddfs:write-token', '"hidden"')
  await node.ask('DELETE', '/ddfs/tag/t', undefined, basic('wrong'))
  await node.ask('POST', '/disco/ctrl/kill_job', '"none@1:2:3"')
  await node.ask('POST', '/disco/ctrl/blacklist', '"n1"')
  await node.ask('GET', '/ddfs/ctrl/gc_start')
  await node.ask('POST', '/disco/ctrl/get_results', '[0,[]]')
  await node.ask('GET', '/ddfs/tags')
  const known = {ts: expect.any(String), by: 'legacy-api', from: expect.stringContaining('127.0.0.1')}
  await expect
    .poll(() => node.master.audit.last(100))
    .toEqual([
      {...known, what: 'disco:putTag', target: {subject: 't/ddfs:write-token'}, status: 200},
      {...known, what: 'disco:removeTag', target: {subject: 't'}, status: 401},
      {...known, what: 'disco:killJob', target: {subject: 'none@1:2:3'}, status: 200},
      {...known, what: 'disco:blacklist', target: {subject: 'n1'}, status: 200},
      {...known, what: 'disco:gcStart', target: {}, status: 200},
    ])
})

test('nobody is not written down', async () => {
  const node = await startLegacy(false)
  expect((await node.ask('POST', '/disco/ctrl/kill_job', '"x"')).status).toBe(401)
  expect(await node.master.audit.last(100)).toEqual([])
})

test('every request that changes something is written down, or is known to be harmless', () => {
  const harmless = ['getResults', 'hostedTags', 'putBlob']
  for (const {name, methods} of legacyRoutes) {
    const isChange = !methods.includes('GET') && !harmless.includes(name)
    expect([name, auditedRoutes.has(name)]).toEqual([name, isChange || name === 'gcStart'])
  }
})
