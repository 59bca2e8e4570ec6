import {readFileSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {homePaths} from '../../../src/client/index.ts'
import {NodeProcess} from '../../../src/cluster/run/node-process.ts'
import {startLegacy} from './node.ts'

test('two nodes get a copy each, and one replica set names them both', async () => {
  const node = await startLegacy()
  const home = await mkdtemp(join(tmpdir(), 'legacy-agent-'))
  const tokens = JSON.parse(readFileSync(join(node.home, 'tokens.json'), 'utf8')) as {join: string}
  const agent = await NodeProcess.start({
    paths: homePaths(home),
    isMaster: false,
    isAgent: true,
    host: '127.0.0.1',
    port: 0,
    name: 'n2',
    join: node.url.replace('http', 'ws'),
    joinToken: tokens.join,
    isInsecure: false,
    force: false,
    slotCount: 1,
    software: 'test',
    openLog: () => () => undefined,
    onEnd: () => undefined,
  })
  onTestFinished(async () => {
    await agent.close()
    await rm(home, {recursive: true, force: true})
  })
  await expect
    .poll(async () => (await node.ask('GET', '/ddfs/new_blob/warm?replicas=2')).status, {timeout: 5000})
    .toBe(200)
  const places = (await node.ask('GET', '/ddfs/new_blob/two?replicas=2')).json as string[]
  expect(places.map(url => new URL(url).pathname.split('/').slice(0, 4).join('/')).sort()).toEqual([
    '/proxy/n1/PUT',
    '/proxy/n2/PUT',
  ])
  const urls: string[] = []
  for (const place of places) urls.push((await node.ask('PUT', place, 'twice')).json as string)
  expect(new Set(urls).size).toBe(2)
  // At once: what was answered is known, and the tag protects it.
  await node.ask('PUT', '/ddfs/tag/two', JSON.stringify([urls]))
  expect(((await node.ask('GET', '/ddfs/tag/two')).json as {urls: string[][]}).urls).toEqual([urls])
  const {entries} = await node.master.tags.ask(
    {type: 'entries', tag: 'two', after: 0, count: 10, includeDeleted: false},
    'entries',
  )
  expect(entries.map(({entry}) => entry.type)).toEqual(['blob'])
  for (const url of urls) {
    expect(await node.ask('GET', url.replace('disco://127.0.0.1', ''))).toMatchObject({status: 200, text: 'twice'})
  }
  expect((await node.ask('GET', '/ddfs/new_blob/x?replicas=2&exclude=n1')).status).toBe(403)
  const [only] = (await node.ask('GET', '/ddfs/new_blob/x?replicas=1&include=n2')).json as string[]
  expect(only).toMatch(/\/proxy\/n2\/PUT\/ddfs\/x\$/)
})

test('a blob that nobody has told of yet is no plain URL in a tag: the client tries again', async () => {
  const node = await startLegacy()
  const [place] = (await node.ask('GET', '/ddfs/new_blob/late')).json as string[]
  const url = (await node.ask('PUT', place!, 'late')).json as string
  const unknown = url.replace(/\.[0-9a-f]{64}/, `.${'0'.repeat(64)}`)
  const put = async () => {
    const {status, text} = await node.ask('PUT', '/ddfs/tag/late', JSON.stringify([[unknown]]))
    return [status, text]
  }
  const [one] = node.master.blobs.state.nodes.values()
  one!.inventory = 'coming'
  expect(await put()).toEqual([503, 'Temporary server error. Try again.'])
  one!.inventory = 'complete'
  expect((await put())[0]).toBe(200)
  expect(((await node.ask('GET', '/ddfs/tag/late')).json as {urls: string[][]}).urls).toEqual([[unknown]])
})
