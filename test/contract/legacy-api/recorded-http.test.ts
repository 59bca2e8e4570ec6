/**
 * Recorded requests of Disco's clients, asked again here in the same state: status, reason, type and the beginning of the answer
 * are those of the original, but for what `exempt` names.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {encodeDiscoPack} from '../../../src/protocol/index.ts'
import {writeZip} from '../../../src/worker/index.ts'
import {basic, type LegacyNode, startLegacyFor} from './node.ts'
import {type RawAnswer, rawRequest} from './raw-request.ts'
import {exempt, masked, maskedBeginning, type RecordedForm, recordedForms} from './recorded-http.ts'

const worker = `#!/bin/sh
say() { printf '%s %d %s\\n' "$1" "\${#2}" "$2" >&2; read -r answer; }
say WORKER "{\\"version\\":\\"1.1\\",\\"pid\\":$$}"
[ "$SLEEP" ] && exec sleep 71.2
printf 'hello' > out
say OUTPUT '[0,"out",5]'
say DONE '""'
`

const pack = (version: 1 | 2, more: object, envs = {}): Buffer =>
  encodeDiscoPack({
    version,
    jobDict: {prefix: 'Recorded', owner: 'u@h', worker: 'w.sh', scheduler: {}, ...more},
    jobEnvs: envs,
    jobHome: writeZip([{path: 'w.sh', content: Buffer.from(worker), isExecutable: true}]),
    jobData: Buffer.alloc(0),
  })

interface State {
  readonly blob: string
  readonly empty: string
  readonly done: string
  readonly killed: string
  readonly index: string
  readonly file: string
}

let node: LegacyNode
let close: () => Promise<void>
let state: State

const send = async (method: string, path: string, more: object = {}): Promise<RawAnswer> =>
  await rawRequest(node.url.replace('127.0.0.1', 'localhost'), {method, path, ...more})
const json = async (method: string, path: string, value?: unknown, headers = {}): Promise<unknown> => {
  const body = value === undefined ? {} : {body: Buffer.isBuffer(value) ? value : JSON.stringify(value)}
  const answer = await send(method, path, {...body, headers})
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
  return JSON.parse(answer.body.toString())
}
const pathOf = (url: string): string => url.replace(/^\w+:\/\/[^/]+/, '')
const newBlob = async (): Promise<string> => pathOf(((await json('GET', '/ddfs/new_blob/blob?')) as string[])[0]!)
const pushed = async (text: string): Promise<string> =>
  (await json('PUT', await newBlob(), Buffer.from(text))) as string

beforeAll(async () => {
  ;({node, close} = await startLegacyFor('localhost'))
  const noJobs = await send('GET', '/disco/ctrl/joblist', {headers: {'user-agent': 'x'}})
  expect(noJobs.body.toString()).toBe('[]')
  const [blob, empty] = [await pushed('datablob2'), await pushed('')]
  await json('POST', '/ddfs/tag/disco:test:delete1?delayed=&update=', [[blob]])
  await json('POST', '/ddfs/tag/disco:test:open?delayed=&update=', [[blob]])
  await json('PUT', '/ddfs/tag/disco:test:open/a1', 'v1')
  await json('PUT', '/ddfs/tag/disco:made:3/ddfs:read-token', 'r')
  await json('PUT', '/ddfs/tag/disco:test:closed/ddfs:read-token', 'secret1')
  await json('PUT', '/ddfs/tag/disco:test:closed/ddfs:write-token', 'secret1')
  await json('PUT', '/ddfs/tag/disco:test:closed', [[blob]], basic('secret1'))
  await json('PUT', '/ddfs/tag/disco:test:closed/a1', 'v', basic('secret1'))
  const inputs = [0, 1].map(() => [0, 0, ['raw://x']])
  const [, done] = (await json(
    'POST',
    '/disco/job/new',
    pack(2, {pipeline: [['map', 'split', false]], inputs}),
  )) as string[]
  const [[, [status, results]]] = (await json('POST', '/disco/ctrl/get_results', [20_000, [done]])) as [
    [string, [string, string[][]]],
  ]
  expect(status).toBe('ready')
  const index = pathOf(results[0]![0]!)
  const lines = (await send('GET', index)).body.toString()
  const classic = {'map?': true, nr_reduces: 1, input: [['raw://x']]}
  const [, killed] = (await json('POST', '/disco/job/new', pack(1, classic, {SLEEP: '1'}))) as string[]
  state = {
    blob: pathOf(blob),
    empty: pathOf(empty),
    done: done!,
    killed: killed!,
    index,
    file: pathOf(lines.split(' ')[1]!),
  }
})
afterAll(() => close())

/** What stands for the names in a recorded path, and what is sent. */
const closed = 'disco:test:closed'
const open = 'disco:test:open'
const urls = '[["http://x/1"]]'
type Asked = () =>
  | Promise<readonly [path: string, body?: string | Buffer]>
  | readonly [path: string, body?: string | Buffer]
const asked: Readonly<Record<string, Asked>> = {
  'PUT /ddfs/BLOB [] 201': async () => [await newBlob(), 'bytes'],
  'PUT /ddfs/BLOB? [user-agent] 201 1.0': async () => [`${await newBlob()}?`, 'bytes'],
  'GET /ddfs/ctrl/gc_start [] 200': () => ['/ddfs/ctrl/gc_start'],
  'GET /ddfs/ctrl/gc_status [] 200': () => ['/ddfs/ctrl/gc_status'],
  'GET /ddfs/new_blob/NAME? [] 200': () => ['/ddfs/new_blob/blob?'],
  'DELETE /ddfs/tag/TAG [] 200': () => ['/ddfs/tag/disco:test:never'],
  'DELETE /ddfs/tag/TAG [authorization] 200': () => ['/ddfs/tag/disco:test:never'],
  'GET /ddfs/tag/TAG [authorization] 200': () => [`/ddfs/tag/${closed}`],
  'GET /ddfs/tag/TAG [] 200': () => [`/ddfs/tag/${open}`],
  'GET /ddfs/tag/TAG [range] 206': () => ['/ddfs/tag/disco:test:delete1'],
  'GET /ddfs/tag/TAG [range] 401': () => [`/ddfs/tag/${closed}`],
  'GET /ddfs/tag/TAG [range] 404': () => ['/ddfs/tag/disco:test:never'],
  'GET /ddfs/tag/TAG [] 404': () => ['/ddfs/tag/disco:test:never'],
  'PUT /ddfs/tag/TAG [authorization] 200': () => ['/ddfs/tag/disco:made:1', urls],
  'PUT /ddfs/tag/TAG [] 200': () => ['/ddfs/tag/disco:made:2', urls],
  'DELETE /ddfs/tag/TAG/ATTR [] 200': () => [`/ddfs/tag/${open}/none`],
  'DELETE /ddfs/tag/TAG/ATTR [authorization] 200': () => [`/ddfs/tag/${closed}/none`],
  'GET /ddfs/tag/TAG/ATTR [] 200': () => [`/ddfs/tag/${open}/a1`],
  'GET /ddfs/tag/TAG/ATTR [authorization] 200': () => [`/ddfs/tag/${closed}/a1`],
  'GET /ddfs/tag/TAG/ATTR [] 401': () => [`/ddfs/tag/${closed}/a1`],
  'GET /ddfs/tag/TAG/ATTR [authorization] 401': () => [`/ddfs/tag/${closed}/a1`],
  'PUT /ddfs/tag/TAG/ATTR [] 200': () => [`/ddfs/tag/${open}/a2`, '"v"'],
  'PUT /ddfs/tag/TAG/ATTR [authorization] 200': () => [`/ddfs/tag/${closed}/a2`, '"v"'],
  'PUT /ddfs/tag/TAG/ATTR [] 401': () => [`/ddfs/tag/${closed}/a2`, '"v"'],
  'PUT /ddfs/tag/TAG/ATTR [authorization] 401': () => [`/ddfs/tag/${closed}/a2`, '"v"'],
  'PUT /ddfs/tag/TAG/ddfs:a1 [] 404': () => [`/ddfs/tag/${open}/ddfs:a1`, '"v"'],
  'DELETE /ddfs/tag/TAG/ddfs:read-token [authorization] 200': () => ['/ddfs/tag/disco:made:3/ddfs:read-token'],
  'PUT /ddfs/tag/TAG/ddfs:read-token [] 200': () => ['/ddfs/tag/disco:made:4/ddfs:read-token', '"r"'],
  'PUT /ddfs/tag/TAG/ddfs:read-token [authorization] 200': () => [`/ddfs/tag/${closed}/ddfs:read-token`, '"secret1"'],
  'PUT /ddfs/tag/TAG/ddfs:read-token [] 401': () => [`/ddfs/tag/${closed}/ddfs:read-token`, '"r"'],
  'GET /ddfs/tag/TAG/ddfs:write-token [authorization] 200': () => [`/ddfs/tag/${closed}/ddfs:write-token`],
  'GET /ddfs/tag/TAG/ddfs:write-token [] 200': () => [`/ddfs/tag/${open}/ddfs:write-token`],
  'PUT /ddfs/tag/TAG/ddfs:write-token [] 200': () => ['/ddfs/tag/disco:made:5/ddfs:write-token', '"w"'],
  'POST /ddfs/tag/TAG?delayed=&update= [] 200': () => ['/ddfs/tag/disco:made:6?delayed=&update=', urls],
  'POST /ddfs/tag/TAG?delayed=&update= [authorization] 200': () => ['/ddfs/tag/disco:made:7?delayed=&update=', urls],
  'POST /ddfs/tag/TAG?delayed=&update=.. [] 200': () => ['/ddfs/tag/disco:made:6?delayed=&update=1', urls],
  'POST /ddfs/tag/TAG?delayed=..&update= [] 200': () => ['/ddfs/tag/disco:made:8?delayed=1&update=', urls],
  'POST /ddfs/tag/TAG?delayed=..&update= [authorization] 200': () => ['/ddfs/tag/disco:made:7?delayed=1&update=', urls],
  'POST /ddfs/tag/TAG?delayed=..&update=.. [authorization] 200': () => [
    '/ddfs/tag/disco:made:9?delayed=1&update=1',
    urls,
  ],
  'POST /ddfs/tag/TAG?delayed=..&update=.. [] 200': () => ['/ddfs/tag/disco:made:10?delayed=1&update=1', urls],
  'GET /ddfs/tags/[PREFIX] [] 200': () => ['/ddfs/tags/disco:test:delete'],
  'GET /ddfs/volN/blob/HH/BLOB [range] 200': () => [state.empty],
  'GET /ddfs/volN/blob/HH/BLOB [range] 206': () => [state.blob],
  'GET /disco/HOST/HH/JOB/.disco/INDEX.results [] 200 1.0': () => [state.index],
  'GET /disco/HOST/HH/JOB/.disco/INDEX.results [range] 206': () => [state.index],
  'GET /disco/HOST/HH/JOB/FILE [range] 206': () => [state.file],
  'POST /disco/ctrl/get_results [] 200': () => ['/disco/ctrl/get_results', JSON.stringify([0, [state.killed]])],
  'GET /disco/ctrl/get_stageresults?name=..&stage=.. [] 200': () => [
    `/disco/ctrl/get_stageresults?name=${state.done}&stage=map`,
  ],
  'GET /disco/ctrl/jobinfo?name=.. [] 200': async () => {
    await json('POST', '/disco/ctrl/kill_job', state.killed)
    return [`/disco/ctrl/jobinfo?name=${state.killed}`]
  },
  'GET /disco/ctrl/joblist [user-agent] 200': () => ['/disco/ctrl/joblist'],
  'POST /disco/ctrl/kill_job [] 200': () => ['/disco/ctrl/kill_job', JSON.stringify(state.killed)],
  'GET /disco/ctrl/load_config_table [] 200': () => ['/disco/ctrl/load_config_table'],
  'GET /disco/ctrl/nodeinfo [user-agent] 200': () => ['/disco/ctrl/nodeinfo'],
  'GET /disco/ctrl/nodeinfo [] 200': () => ['/disco/ctrl/nodeinfo'],
  'POST /disco/ctrl/purge_job [] 200': () => ['/disco/ctrl/purge_job', '"none@1:2:3"'],
  'GET /disco/ctrl/rawevents?name=.. [] 200': () => [`/disco/ctrl/rawevents?name=${state.done}`],
  'POST /disco/ctrl/save_config_table [] 200': () => ['/disco/ctrl/save_config_table', '[["localhost","2"]]'],
  'POST /disco/ctrl/whitelist [] 200': () => ['/disco/ctrl/whitelist', '"localhost"'],
  'POST /disco/job/new [] 200': () => [
    '/disco/job/new',
    pack(2, {pipeline: [['map', 'split', false]], inputs: [[0, 0, ['raw://x']]]}),
  ],
  'GET /disco/version [user-agent] 200': () => ['/disco/version'],
}

const headersOf = ({headers, status}: RecordedForm): Record<string, string> => ({
  ...(headers.includes('range') ? {range: 'bytes=0-10485759'} : {}),
  ...(headers.includes('user-agent') ? {'user-agent': 'client'} : {}),
  ...(headers.includes('authorization') ? basic(status === 401 ? 'wrong' : 'secret1') : {}),
})

/** Only the form of these bodies is compared. */
const foreignBodies: Readonly<Record<string, string>> = {
  'GET /disco/ctrl/rawevents?name=.. [] 200': 'texts of events are our own; each line is compared by its form',
  'GET /disco/HOST/HH/JOB/FILE [range] 206': "the worker's own bytes",
  'GET /disco/ctrl/joblist [user-agent] 200': 'before the first job, where it is compared, too',
  'GET /disco/HOST/HH/JOB/.disco/INDEX.results [range] 206':
    'files are named by the worker; the lines are compared by their form',
  'GET /disco/HOST/HH/JOB/.disco/INDEX.results [] 200 1.0':
    'files are named by the worker; the lines are compared by their form',
}

const forms = recordedForms()
const requests = forms.reduce((sum, {count}) => sum + count, 0)

describe(`${forms.length} forms of ${requests} recorded requests`, () => {
  test.each(forms)('$key', async form => {
    const [path, body] = await asked[form.key]!()
    const {method, version, status, phrase, type} = form
    const answer = await send(method, path, {version, headers: headersOf(form), ...(body === undefined ? {} : {body})})
    const got = {
      status: answer.status,
      phrase: answer.phrase,
      type: answer.type,
      connection: answer.headers.get('connection'),
    }
    expect(got).toEqual({status, phrase, type, connection: 'close'})
    const text = answer.body.toString()
    if (path.includes('rawevents')) expect(text).toMatch(/^(\["\d{4}\/[^"]+","[^"]+",".*"\]\n)+$/)
    if (path === state.index)
      expect(text).toMatch(/^(\d+ disco:\/\/localhost\/disco\/localhost\/[0-9a-f]{2}\/\S+ \d+\n)+$/)
    if (form.key in foreignBodies) return
    const beginning = maskedBeginning(form.body)
    expect(masked(text).slice(0, beginning.length)).toBe(beginning)
    // All of a short answer was recorded.
    if (/^".*"$|^null$|^\[\]$/.test(form.body)) expect(masked(text)).toBe(masked(form.body))
  })
})

afterAll(() => {
  const lines = exempt.map(([what, , , why]) => `  ${what}: ${why}\n`)
  const bodies = Object.entries(foreignBodies).map(([key, why]) => `  the body of ${key}: ${why}\n`)
  process.stdout.write(
    `${forms.length} forms of ${requests} recorded requests compared; not compared:\n${[...lines, ...bodies].join('')}`,
  )
})

test('none is left out', () => {
  expect(Object.keys(asked).sort()).toEqual(forms.map(({key}) => key).sort())
})
