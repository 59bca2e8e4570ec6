import {expect, test} from 'vitest'
import {encodeDiscoPack} from '../../../src/protocol/index.ts'
import {writeZip} from '../../../src/worker/index.ts'
import {startLegacy} from './node.ts'

/** Speaks the protocol without looking at answers: what it reads is in its environment. */
const worker = `#!/bin/sh
say() { printf '%s %d %s\\n' "$1" "\${#2}" "$2" >&2; }
say WORKER "{\\"version\\":\\"1.1\\",\\"pid\\":$$}"
say TASK '""'
printf 'hello' > out
say OUTPUT '[0,"out",5]'
say DONE '""'
read answer; read answer; read answer
sleep 5
`

test('a pack of version 2 is run, and its results are read by the URLs of its index', async () => {
  const node = await startLegacy()
  const pack = encodeDiscoPack({
    version: 2,
    jobDict: {
      prefix: 'wc',
      owner: 'u@h',
      worker: 'w.sh',
      pipeline: [['map', 'split', false]],
      inputs: [[0, 0, ['raw://hello']]],
      scheduler: {},
    },
    jobEnvs: {},
    jobHome: writeZip([{path: 'w.sh', content: Buffer.from(worker), isExecutable: true}]),
    jobData: Buffer.alloc(0),
  })
  const [status, job] = (await node.ask('POST', '/disco/job/new', pack)).json as [string, string]
  expect([status, job]).toEqual(['ok', expect.stringMatching(/^wc@[0-9a-f]+:[0-9a-f]+:[0-9a-f]+$/)])
  const answer = await node.ask('POST', '/disco/ctrl/get_results', JSON.stringify([20_000, [job]]))
  const [[, [state, results]]] = answer.json as [[string, [string, string[][]]]]
  const events = (await node.ask('GET', `/disco/ctrl/rawevents?name=${job}`)).text
  expect([state, state === 'ready' ? '' : events]).toEqual(['ready', ''])
  const index = results[0]![0]!
  expect(index).toMatch(
    /^dir:\/\/127\.0\.0\.1\/disco\/127\.0\.0\.1\/[0-9a-f]{2}\/wc@[^/]+\/\.disco\/map-0-\d+\.results$/,
  )
  const lines = (await node.ask('GET', index.replace('dir://127.0.0.1', ''))).text
  const [, url = ''] = /^0 disco:\/\/127\.0\.0\.1(\/disco\/\S+) 5\n$/.exec(lines) ?? []
  expect(await node.ask('GET', url)).toMatchObject({status: 200, text: 'hello'})
  expect((await node.ask('GET', `/disco/ctrl/jobinfo?name=${job}`)).json).toMatchObject({
    active: 'ready',
    owner: 'u@h',
    pipeline: [['map', 0, 0, 0, 1, 0]],
    results: [index],
  })
  const {status: code, text} = await node.ask('GET', `/disco/ctrl/get_stageresults?name=${job}&stage=map`)
  expect([code, JSON.parse(text)]).toEqual([200, results])
  expect((await node.ask('GET', `/disco/ctrl/parameters?name=${job}`)).headers.get('content-length')).toBe(
    String(pack.length),
  )
})
