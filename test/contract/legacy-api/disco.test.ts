import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {findRoute, legacyRoutes} from '../../../src/cluster/legacy/routes.ts'
import {ask, type LegacyNode, startLegacy} from './node.ts'

const time = expect.stringMatching(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/)

/** A job without stages is done at once: its results are its inputs. */
async function book(node: LegacyNode, name: string, stages: number, hasInput = true): Promise<void> {
  const names = ['map', 'reduce'].slice(0, stages)
  await node.master.jobs.driver.ask({
    type: 'submit',
    spec: {
      name,
      owner: 'ann@laptop',
      pipeline: names.map(stage => ({name: stage, grouping: 'split', isConcurrent: false})),
      inputs: hasInput ? [{label: 0, place: {type: 'urls', urls: ['raw://hello']}, bytes: 0, records: 0}] : [],
    },
  })
}

const answers = async (node: LegacyNode, timeoutMs: number, jobs: string[]) =>
  (await node.ask('POST', '/disco/ctrl/get_results', JSON.stringify([timeoutMs, jobs]))).json

test('jobs are listed, told, waited for, killed and forgotten', async () => {
  const node = await startLegacy()
  await book(node, 'done@1', 0)
  expect(await answers(node, 5000, ['done@1', 'none@1'])).toEqual([
    ['done@1', ['ready', [['raw://hello']]]],
    ['none@1', ['unknown job', []]],
  ])
  node.master.jobs.holdNodes(['n1'])
  await book(node, 'waits@1', 2)
  expect((await node.ask('GET', '/disco/ctrl/joblist')).json).toEqual([
    [expect.any(Number), 'active', 'waits@1'],
    [expect.any(Number), 'ready', 'done@1'],
  ])
  expect((await node.ask('GET', '/disco/ctrl/jobinfo?name=waits@1')).json).toEqual({
    timestamp: time,
    active: 'active',
    pipeline: [
      ['map', 0, 1, 0, 0, 0],
      ['reduce', 0, 0, 0, 0, 0],
    ],
    results: [],
    inputs: ['raw://hello'],
    worker: '',
    hosts: [],
    owner: 'ann@laptop',
  })
  const early = performance.now()
  expect(await answers(node, 150, ['waits@1'])).toEqual([['waits@1', ['active', []]]])
  expect(performance.now() - early).toBeGreaterThan(100)
  const waiting = answers(node, 60_000, ['waits@1', 'done@1'])
  expect(await node.ask('POST', '/disco/ctrl/kill_job', '"waits@1"')).toMatchObject({status: 200, json: ''})
  expect(await waiting).toEqual([
    ['waits@1', ['dead', []]],
    ['done@1', ['ready', [['raw://hello']]]],
  ])
  expect(await node.ask('GET', '/disco/ctrl/get_stageresults?name=waits@1&stage=map')).toMatchObject({status: 404})
  expect(await node.ask('GET', '/disco/ctrl/get_stageresults?name=waits@1')).toMatchObject({status: 500})
  expect(await node.ask('POST', '/disco/ctrl/clean_job', '"waits@1"')).toMatchObject({status: 200, json: ''})
  expect(await node.ask('POST', '/disco/ctrl/purge_job', '"done@1"')).toMatchObject({status: 200, json: ''})
  expect(await node.ask('POST', '/disco/ctrl/purge_job', '"none@1"')).toMatchObject({status: 200, json: ''})
  expect((await node.ask('GET', '/disco/ctrl/joblist')).json).toEqual([])
  expect(await node.ask('GET', '/disco/ctrl/jobinfo?name=done@1')).toMatchObject({status: 404})
  expect(node.ended).toEqual([])
})

test('an offset in the events gives the lines behind it, and only those', async () => {
  const node = await startLegacy()
  node.master.jobs.holdNodes(['n1'])
  await book(node, 'job@1', 1)
  const path = '/disco/ctrl/rawevents?name=job@1'
  const first = await node.ask('GET', path)
  expect([first.status, first.type]).toEqual([200, 'text/plain'])
  const lines = first.text.split('\n').slice(0, -1)
  for (const line of lines) expect(JSON.parse(line)).toEqual([time, expect.any(String), expect.any(String)])
  const offset = Buffer.byteLength(first.text)
  const whole = await node.ask('GET', path, undefined, {range: `bytes=${offset}-`})
  expect([whole.status, whole.text]).toEqual([200, first.text])
  await node.ask('POST', '/disco/ctrl/kill_job', '"job@1"')
  const more = await node.ask('GET', path, undefined, {range: `bytes=${offset}-`})
  expect(more.status).toBe(206)
  expect(first.text + more.text).toBe((await node.ask('GET', path)).text)
  expect(more.text.length).toBeGreaterThan(0)
  const newest = (await node.ask('GET', '/disco/ctrl/jobevents?name=job@1&num=1')).json as string[][]
  expect(newest).toEqual([JSON.parse(more.text.trimEnd().split('\n').at(-1)!)])
  expect(await node.ask('GET', '/disco/ctrl/jobevents?name=job@1&filter=no-such-text')).toMatchObject({
    status: 200,
    text: '',
    type: 'text/plain',
  })
  expect(await node.ask('GET', '/disco/ctrl/rawevents?name=none@1')).toMatchObject({status: 404})
})

test('a pack that cannot be read is answered 200 with an error; a closed cluster says 403', async () => {
  const node = await startLegacy()
  const submit = (body: string) => node.ask('POST', '/disco/job/new', body)
  expect(await submit('rubbish')).toMatchObject({
    status: 200,
    json: ['error', expect.stringMatching(/^Job failed to start: /)],
  })
  expect((await node.ask('GET', '/disco/ctrl/joblist')).json).toEqual([])
  const settings = (body: object) => node.ask('POST', '/disco/ctrl/save_settings', JSON.stringify(body))
  expect((await settings({accept_new_jobs: '0', max_failure_rate: '7'})).json).toBe('Settings saved')
  expect((await node.ask('GET', '/disco/ctrl/get_settings')).json).toEqual({max_failure_rate: 7, accept_new_jobs: 0})
  expect(await submit('rubbish')).toMatchObject({
    status: 403,
    text: 'No new jobs should be submitted to this cluster.',
  })
  expect((await settings({accept_new_jobs: 1})).status).toBe(500)
})

test('nodes, their table and the blacklists are as clients expect them', async () => {
  const node = await startLegacy()
  const get = async (path: string) => (await node.ask('GET', path)).json
  const post = async (path: string, body: unknown) => {
    const {status, text} = await node.ask('POST', path, JSON.stringify(body))
    return [status, text]
  }
  expect(await get('/disco/version')).toBe('0.5.4')
  expect(await get('/disco/ctrl/nodeinfo')).toEqual({
    n1: {
      job_ok: 0,
      data_error: 0,
      error: 0,
      max_workers: 2,
      connected: true,
      blacklisted: false,
      diskfree: expect.any(Number),
      diskused: expect.any(Number),
    },
  })
  expect(await get('/disco/ctrl/load_config_table')).toEqual([['n1', '2']])
  expect(
    await post('/disco/ctrl/save_config_table', [
      ['nx08:12', '8'],
      ['n1', '2'],
    ]),
  ).toEqual([200, '"table saved!"'])
  expect(await get('/disco/ctrl/load_config_table')).toEqual([
    ['nx08:12', '8'],
    ['n1', '2'],
  ])
  expect(
    await post('/disco/ctrl/save_config_table', [
      ['nx1:3', '8'],
      ['nx2', '2'],
    ]),
  ).toEqual([400, '"duplicate nodes"'])
  expect(await post('/disco/ctrl/save_config_table', [['n1', 'many']])).toEqual([400, '"invalid config"'])
  expect(await post('/disco/ctrl/save_config_table', [['n1', 2]])).toEqual([400, `"string expected, '2' received"`])
  expect(await post('/disco/ctrl/kill_job', 5)).toEqual([400, `"string expected, '5' received"`])
  expect((await node.ask('POST', '/disco/ctrl/kill_job', 'no json')).status).toBe(500)
  expect(await post('/disco/ctrl/blacklist', 'n1')).toEqual([200, '""'])
  expect(await post('/disco/ctrl/blacklist', 'nobody')).toEqual([200, '""'])
  expect(await get('/disco/ctrl/get_blacklist')).toEqual(['n1'])
  expect(await get('/disco/ctrl/nodeinfo')).toMatchObject({n1: {blacklisted: true}})
  expect((await node.ask('GET', '/ddfs/new_blob/a')).status).toBe(403)
  expect(await post('/disco/ctrl/whitelist', 'n1')).toEqual([200, '""'])
  expect((await node.ask('GET', '/ddfs/new_blob/a')).status).toBe(200)
  expect(await post('/disco/ctrl/gc_blacklist', 'n1')).toEqual([200, '""'])
  expect(await get('/disco/ctrl/get_gc_blacklist')).toEqual(['n1'])
  expect(await post('/disco/ctrl/gc_whitelist', 'n1')).toEqual([200, '""'])
  expect(await get('/disco/ctrl/get_gc_blacklist')).toEqual([])
  expect(await get('/ddfs/ctrl/safe_gc_blacklist')).toEqual([])
  expect(await get('/ddfs/ctrl/gc_status')).toBe('')
  expect(await get('/ddfs/ctrl/gc_start')).toBe('GC has started')
})

test('without the flag the cluster wants its own tokens, each for what it may do', async () => {
  const node = await startLegacy(false)
  const tokens = JSON.parse(readFileSync(join(node.home, 'tokens.json'), 'utf8')) as Record<string, string>
  const {admin = '', read = ''} = tokens
  for (const {path, methods, access} of legacyRoutes) {
    const method = methods[0]!
    const target = path.endsWith('/') ? `${path}x` : path
    if (findRoute(method, target)?.route.path !== path) continue
    const status = async (token?: string) =>
      (
        await ask(
          node.url,
          method,
          target,
          method === 'GET' ? undefined : '[]',
          token === undefined ? {} : {authorization: `Bearer ${token}`},
        )
      ).status
    const told = await status()
    expect([path, told === 401]).toEqual([path, access !== 'none'])
    if (access === 'read') expect([path, await status(read)]).not.toEqual([path, 401])
    if (access === 'admin') expect([path, await status(read)]).toEqual([path, 401])
    expect([path, await status(admin)]).not.toEqual([path, 401])
  }
})

test('pages of browsers get nothing, nor does what another node passed on', async () => {
  const node = await startLegacy()
  const of = async (headers: Record<string, string>) =>
    (await node.ask('GET', '/disco/ctrl/joblist', undefined, headers)).status
  expect([await of({origin: 'http://evil.test'}), await of({'x-disco-passed-on': '1'}), await of({})]).toEqual([
    403, 401, 200,
  ])
})
