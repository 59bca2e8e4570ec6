import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {agentArguments} from '../../../../src/cli/disco/agent-arguments.ts'
import {homePaths} from '../../../../src/client/index.ts'

const home = mkdtempSync(join(tmpdir(), 'agent-arguments-'))
afterAll(() => rmSync(home, {recursive: true}))

const options = {paths: homePaths(home), host: '10.0.0.1'}
const flags = {'log-level': 'info', insecure: false, drain: 10}

test('agents are encrypted as their master is, and trust whom it trusts', () => {
  const tls = {'tls-cert': 'node.pem', 'tls-key': 'node.key', ca: 'ca.pem'}
  const {agents} = agentArguments(options, 'https://10.0.0.1:8989', 2, {...flags, ...tls})
  expect(agents).toHaveLength(2)
  for (const words of agents) {
    const line = words.join(' ')
    expect(line).toContain('--join wss://10.0.0.1:8989')
    expect(line).toContain('--tls-cert node.pem --tls-key node.key --ca ca.pem')
    expect(line).not.toContain('--insecure')
  }
})

test('agents may listen in the clear where their master may', () => {
  const {agents} = agentArguments(options, 'http://10.0.0.1:8989', 1, {...flags, insecure: true, slots: 3})
  expect(agents[0]?.join(' ')).toMatch(/--slots 3 --insecure --name agent-1$/)
})

test('the join token is in the environment and on no command line', () => {
  const {agents, env} = agentArguments(options, 'http://10.0.0.1:8989', 1, flags)
  const token = env['DISCO_JOIN_TOKEN'] ?? ''
  expect(token).toMatch(/^dsc_join_/)
  expect(agents.flat()).not.toContain(token)
})

test('who insists does so for all of them', () => {
  expect(
    agentArguments(options, 'http://10.0.0.1:8989', 2, {...flags, force: true}).agents.map(one =>
      one.includes('--force'),
    ),
  ).toEqual([true, true])
  expect(agentArguments(options, 'http://10.0.0.1:8989', 1, flags).agents.flat()).not.toContain('--force')
})
