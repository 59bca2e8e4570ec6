/** Tokens, code jobs and the log of changes, as people use them. */
import {chmodSync, readdirSync, statSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {NodeInfo} from '../../src/protocol/index.ts'
import {selfSignedCertificate} from '../contract/mesh/certificate.ts'
import {DiscoProject} from './disco-project.ts'

/** What nodes may take to get where a test waits for them to be. Milliseconds. */
const waitMs = 30_000

let project: DiscoProject
let url = ''
let nodes: readonly NodeInfo[] = []

const listNodes = (): readonly NodeInfo[] => project.json(['disco', 'nodes']) as NodeInfo[]
const isUp = ({state}: NodeInfo): boolean => state === 'up'

beforeAll(async () => {
  project = new DiscoProject()
  project.startCluster('--agents', '2')
  const endsAtMs = Date.now() + waitMs
  while (listNodes().filter(isUp).length < 2) expect(Date.now()).toBeLessThan(endsAtMs)
  nodes = listNodes()
  url = JSON.parse(project.read('.cluster/address.json')).url
})
afterAll(async () => {
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

const create = (name: string, ...flags: string[]): string =>
  (project.json(['disco', 'token', 'create', name, ...flags]) as {token: string}).token

/** The command, with that token and no other. */
const as = (token: string) => ({env: {DISCO_TOKEN: token, DISCO_MASTER: url}})

async function statusOf(token: string, base: string): Promise<number> {
  const response = await fetch(`${base}/metrics`, {headers: {authorization: `Bearer ${token}`}})
  await response.arrayBuffer()
  return response.status
}

describe('a token', () => {
  test('opens what its scope says on every node, until it is revoked: then no node takes it', async () => {
    const made = project.disco(['token', 'create', 'grafana', '--scope', 'read', '--expires', '90d'])
    expect(made).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^grafana: read, until \d{4}-.* not shown again\n$/),
    })
    const token = made.stdout.trimEnd()
    const all = [url, ...nodes.map(({address}) => address ?? '')]
    expect(project.ddfs(['ls'], as(token))).toMatchObject({exitCode: 0})
    expect(project.ddfs(['touch', 'a'], as(token))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('read'),
    })
    expect(await Promise.all(all.map(base => statusOf(token, base)))).toEqual([200, 200, 200])
    expect(project.disco(['token', 'list']).stdout).toMatch(/^grafana +read +\d{4}-/m)
    expect(project.disco(['token', 'revoke', 'grafana'])).toEqual({
      exitCode: 0,
      stdout: 'grafana opens nothing any more\n',
      stderr: '',
    })
    expect(await Promise.all(all.map(base => statusOf(token, base)))).toEqual([401, 401, 401])
    expect(project.ddfs(['ls'], as(token)).exitCode).toBe(1)
    expect(project.disco(['token', 'list']).stdout).not.toContain('grafana')
    expect(project.disco(['token', 'revoke', 'grafana'])).toMatchObject({stdout: '', exitCode: 2})
  })

  test('that is revoked while a node does not answer: the node is named, and refuses it when it is back', async () => {
    const token = create('late')
    const {pid = 0, name, address = ''} = nodes[0]!
    process.kill(pid, 'SIGSTOP')
    try {
      expect(project.disco(['token', 'revoke', 'late'])).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining(`${name}: no answer`),
      })
      expect(await statusOf(token, url)).toBe(401)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await expect.poll(() => statusOf(token, address), {timeout: waitMs}).toBe(401)
  })

  test('with a life is taken, and a life that is no time is refused', async () => {
    const token = create('short', '--expires', '30m')
    expect(await statusOf(token, url)).toBe(200)
    expect(project.disco(['token', 'create', 'bad', '--expires', 'soon'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('write 30m, 12h or 90d'),
    })
  })

  test('who changed what is told with the name of the token, and never the token', () => {
    const token = create('writer', '--scope', 'write')
    expect(project.ddfs(['touch', 'data:audited'], as(token)).exitCode).toBe(0)
    const {stdout} = project.disco(['events', '--audit'])
    expect(stdout).toMatch(/ admin \(127\.0\.0\.1\) createToken: 201\n/)
    expect(stdout).toMatch(/ admin \(127\.0\.0\.1\) revokeToken grafana: 200\n/)
    expect(stdout).toMatch(/ writer \(127\.0\.0\.1\) changeTag data:audited: 200\n$/)
    expect(stdout).not.toContain(token.slice(-20))
    expect(project.disco(['events', '--audit'], as(token)).exitCode).toBe(1)
  })
})

describe('a job with code', () => {
  beforeAll(() => {
    project.write('in.txt', 'one\n')
    project.write(
      'jobs/look.ts',
      `import {defineJob} from 'disco-inferno'
export default defineJob({name: 'look', map: () => [['names', Object.keys(process.env).join(' ')]]})`,
    )
    expect(project.ddfs(['push', 'data:in', 'in.txt']).exitCode).toBe(0)
  })
  const run = (token?: string) =>
    project.disco(['run', 'jobs/look.ts', 'data:in'], token === undefined ? {} : as(token))

  test('needs a token for it', () => {
    expect(run(create('rules', '--scope', 'run-rules', '--scope', 'write'))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/the token is not for run-code\nHint: .*--scope run-code/),
    })
    expect(run(create('coder', '--scope', 'run-code', '--scope', 'write'))).toMatchObject({exitCode: 0})
  })

  test('needs a cluster that allows it, whatever the token', () => {
    project.disco(['config', 'set', 'allowCode', 'off'])
    expect(run()).toMatchObject({exitCode: 1, stderr: expect.stringContaining('disco config set allowCode on')})
    project.disco(['config', 'set', 'allowCode', 'loopback'])
    expect(run()).toMatchObject({exitCode: 0})
  })

  test('sees nothing of the environment of the agent but what every program needs', () => {
    const {stdout} = run()
    expect(stdout).toMatch(/\bPATH\b/)
    expect(stdout).not.toMatch(/DISCO|tool|\bdir\b|NODE_/)
  })
})

describe.skipIf(process.getuid?.() !== 0)('an agent that is root with --task-user', () => {
  const users = '61100-61103'

  test('runs functions and programs as those users, over stages and inputs of this node', async () => {
    const other = new DiscoProject()
    try {
      chmodSync(other.dir, 0o711)
      other.startCluster('--task-user', users)
      expect(statSync(other.path('.cluster/tokens.json')).mode & 0o777).toBe(0o600)
      expect(
        statSync(`${other.path('.cluster/nodes')}/${readdirSync(other.path('.cluster/nodes'))[0]}/tags.sqlite`).mode &
          0o777,
      ).toBe(0o600)
      other.write('in.txt', 'one\ntwo\none\n')
      other.write(
        'jobs/who.ts',
        `import {defineJob} from 'disco-inferno'
export default defineJob({name: 'who', map: line => [[line + ' ' + (process.getuid() >= 61100 && process.getuid() <= 61103), 1]], reduce: (key, values) => [[key, [...values].length]]})`,
      )
      expect(other.ddfs(['push', 'data:in', 'in.txt']).exitCode).toBe(0)
      const run = other.disco(['run', 'jobs/who.ts', 'data:in'])
      expect(run.stdout.split('\n').sort()).toEqual(['', 'one true\t2', 'two true\t1'])
      expect(other.disco(['doctor']).stdout).not.toMatch(/^bad +folder/m)
      expect(await other.stopCluster()).toEqual([])
    } finally {
      other.close()
    }
  })

  test('runs any executable as those users, over TLS', async () => {
    const other = new DiscoProject()
    try {
      chmodSync(other.dir, 0o711)
      const {cert, key} = selfSignedCertificate()
      other.write('cert.pem', cert)
      other.write('key.pem', key)
      const env = {DISCO_CA: other.path('cert.pem')}
      const flags = ['--tls-cert', other.path('cert.pem'), '--tls-key', other.path('key.pem')]
      const started = other.disco(['start', '--detach', '--port', '0', '--task-user', users, ...flags], {env})
      expect(started).toMatchObject({exitCode: 0})
      other.write(
        'who.sh',
        `#!/bin/sh
say() { printf '%s %s %s\n' "$1" "\${#2}" "$2" >&2; [ "$1" = DONE ] || read -r answer; }
say WORKER '{"version":"1.1","pid":1}'
say INPUT '""'
url=$(echo "$answer" | grep -o 'https:[^"]*')
curl -sS "$url" > out 2> problem || echo "curl: $(cat problem)" > out
[ "$(id -u)" -ge 61100 ] && [ "$(id -G)" = "$(id -u)" ] && echo "another user" >> out
cat ${other.path('.cluster/tokens.json')} >> out 2> /dev/null || echo "no tokens" >> out
if [ -n "$STEALS" ]; then rm out; ln -s ${other.path('.cluster/tokens.json')} out; say OUTPUT '[0,"out",10]'
else say OUTPUT "[0,\\"out\\",$(wc -c < out)]"; fi
say DONE '""'
`,
      )
      chmodSync(other.path('who.sh'), 0o755)
      other.write('in.txt', 'one\n')
      expect(other.ddfs(['push', 'data:in', 'in.txt'], {env})).toMatchObject({exitCode: 0})
      const job = ['job', 'who.sh', 'data:in', '--stage', 'map=split', '--wait']
      expect(other.disco(job, {env})).toMatchObject({exitCode: 0, stdout: 'one\nanother user\nno tokens\n'})
      const stolen = other.disco([...job, '-e', 'STEALS=1'], {env})
      expect(stolen).toMatchObject({exitCode: 1, stdout: ''})
      expect(stolen.stderr).toMatch(/failed in stage map.*"out"/)
      expect(await other.stopCluster()).toEqual([])
    } finally {
      other.close()
    }
  })

  test('does not start where those users cannot get to its folder, or for a user that is none', () => {
    const other = new DiscoProject()
    try {
      const start = (user: string) => other.disco(['start', '--detach', '--port', '0', '--task-user', user])
      expect(start(users)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/user 61100 cannot get to .*no task could run/),
      })
      expect(start('root')).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('is not a user that tasks can run as'),
      })
      expect(start('9-3')).toMatchObject({exitCode: 1})
    } finally {
      other.close()
    }
  })
})

// Last: it shuts out this address for a while.
test('an address that shows too many wrong tokens is refused before they are looked at', async () => {
  const tried = Array.from({length: 30}, (_, index) => statusOf(`wrong-${index}`, url))
  expect(new Set(await Promise.all(tried))).toEqual(new Set([401, 429]))
  expect(project.ddfs(['ls']).exitCode).toBe(0)
})
