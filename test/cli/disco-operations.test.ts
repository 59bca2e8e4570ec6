/** What keeps a cluster going: its doctor, its units, its health, its stop, its certificates, its folders. */
import {spawnSync} from 'node:child_process'
import {chmodSync, existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {connect} from 'node:tls'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {selfSignedCertificate} from '../contract/mesh/certificate.ts'
import {DiscoProject} from './disco-project.ts'

let project: DiscoProject
beforeEach(() => {
  project = new DiscoProject()
})
afterEach(() => project.close())

const urlOf = (): string => JSON.parse(project.read('.cluster/address.json')).url

interface Finding {
  readonly about: string
  readonly level: string
  readonly advice?: string
}

/** Disks and limits of the machine that runs the tests are not what is tested. */
const ofMachine = new Set(['disk', 'disk speed', 'limits', 'memory'])

function findings(): readonly Finding[] {
  const {stdout, exitCode} = project.disco(['doctor', '--json'])
  const all = JSON.parse(stdout) as Finding[]
  expect(exitCode).toBe(all.some(({level}) => level === 'bad') ? 1 : 0)
  return all.filter(({about}) => !ofMachine.has(about))
}

const worse = (level: string): readonly string[] => findings().flatMap(one => (one.level === level ? [one.about] : []))

describe('disco doctor', () => {
  test('finds nothing bad in a cluster that is well, and what is wrong in one that is not', async () => {
    expect(worse('bad')).toEqual(['cluster'])
    project.startCluster()
    expect(worse('bad')).toEqual([])
    expect(worse('warn')).toEqual(['replicas'])
    chmodSync(project.path('.cluster/tokens.json'), 0o644)
    expect(worse('bad')).toEqual(['tokens'])
    expect(project.disco(['doctor']).stdout).toMatch(/^bad +tokens +others can read .*\n +-> chmod 600 /m)
    chmodSync(project.path('.cluster/tokens.json'), 0o600)
    expect(await project.stopCluster()).toEqual([])
  })

  test('tells a node without room', async () => {
    project.startCluster('--reserve', '1000000GiB')
    expect(worse('bad')).toEqual(['room'])
    expect(await project.stopCluster()).toEqual([])
  })
})

test('disco install-service writes units that systemd understands, and none over another one', () => {
  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
  for (const role of ['master', 'agent', 'start', 'daemon']) {
    const {exitCode, stdout, stderr} = project.disco(['install-service', role, '--write', 'units'])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('systemctl daemon-reload')
    if (!hasSystemd) continue
    expect(spawnSync('systemd-analyze', ['verify', stdout.trim()], {encoding: 'utf8'})).toMatchObject({
      status: 0,
      stderr: '',
    })
  }
  expect(project.disco(['install-service', 'agent', '--write', 'units'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('remove it first'),
  })
  const {stdout} = project.disco(['install-service', 'agent', '--volume', '/data 1', '--', '--join', 'wss://m:8989'])
  expect(stdout).toMatch(
    /^ExecStart=.* disco agent --home \/var\/lib\/disco .*--volume "\/data 1" --join wss:\/\/m:8989$/m,
  )
})

test('health is for everybody, numbers are for who may read', async () => {
  project.startCluster()
  const health = await fetch(`${urlOf()}/healthz`)
  expect([health.status, await health.json()]).toMatchObject([200, {isOk: true, isMaster: true}])
  expect((await fetch(`${urlOf()}/metrics`)).status).toBe(401)
  const token = project.disco(['token', 'read']).stdout.trim()
  const numbers = await fetch(`${urlOf()}/metrics`, {headers: {authorization: `Bearer ${token}`}})
  expect(numbers.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await numbers.text()).toMatch(/^disco_cluster_nodes\{state="up"\} 1$/m)
  expect(await project.stopCluster()).toEqual([])
})

describe('a node that is stopped', () => {
  beforeEach(() => {
    project.write('in.txt', 'one\n')
    project.write(
      'jobs/slow.ts',
      `import {defineJob} from 'disco-inferno'
import {writeFileSync} from 'node:fs'
export default defineJob({
  name: 'slow',
  params: {folder: ''},
  async map(line, {params}) {
    writeFileSync(params.folder + '/begun', line)
    await new Promise(resolve => setTimeout(resolve, 3000))
    writeFileSync(params.folder + '/ended', line)
    return [[line, 1]]
  },
})`,
    )
  })

  /** @returns how long stopping took, milliseconds */
  async function stopInTask(drain: string): Promise<number> {
    project.startCluster('--drain', drain)
    project.ddfs(['push', 'data:in', 'in.txt'])
    project.json(['disco', 'run', 'jobs/slow.ts', 'data:in', '-P', `folder=${project.dir}`, '--no-wait'])
    await expect.poll(() => project.has('begun'), {timeout: 20_000}).toBe(true)
    const startMs = Date.now()
    expect(await project.stopCluster()).toEqual([])
    return Date.now() - startMs
  }

  test('lets its tasks come to an end', async () => {
    await stopInTask('30')
    expect(project.has('ended')).toBe(true)
  })

  test('does not wait longer than it was told, and the task is run again', async () => {
    expect(await stopInTask('0')).toBeLessThan(10_000)
    expect(project.has('ended')).toBe(false)
    project.startCluster()
    await expect.poll(() => project.has('ended'), {timeout: 30_000}).toBe(true)
    expect(await project.stopCluster()).toEqual([])
  })
})

/** What a node shows to a new connection. */
const certificateAt = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const {hostname, port} = new URL(url)
    const socket = connect({host: hostname, port: Number(port), rejectUnauthorized: false}, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })

test('a certificate is replaced on SIGHUP; one that does not fit its key is not', async () => {
  const [old, next] = [selfSignedCertificate(), selfSignedCertificate()]
  const certificate = project.write('node.pem', old.cert)
  const key = project.write('node.key', old.key)
  project.startCluster('--tls-cert', certificate, '--tls-key', key)
  const before = await certificateAt(urlOf())
  const log = (): string =>
    readdirSync(project.path('.cluster/log'), {recursive: true, encoding: 'utf8'})
      .map(name => project.read(`.cluster/log/${name}`))
      .join('')

  project.write('node.pem', next.cert)
  process.kill(project.pid, 'SIGHUP')
  await expect.poll(log, {timeout: 15_000}).toContain('certificate not taken')
  expect(await certificateAt(urlOf())).toBe(before)

  project.write('node.key', next.key)
  process.kill(project.pid, 'SIGHUP')
  await expect.poll(() => certificateAt(urlOf()), {timeout: 15_000}).not.toBe(before)
  expect(project.disco(['status', '--ca', certificate]).exitCode).toBe(0)
  expect(await project.stopCluster()).toEqual([])
})

test('a folder of a newer program is refused with a sentence, and left as it is', async () => {
  project.startCluster('--name', 'one')
  expect(await project.stopCluster()).toEqual([])
  const file = project.path('.cluster/nodes/one/node.json')
  const newer = JSON.stringify({...JSON.parse(readFileSync(file, 'utf8')), version: 99})
  writeFileSync(file, newer)
  expect(project.disco(['start', '--detach', '--port', '0', '--name', 'one'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/nodes\/one was written by a newer version of this program\nHint: it has layout 99/),
  })
  expect(readFileSync(file, 'utf8')).toBe(newer)
  expect(existsSync(project.path('.cluster/address.json'))).toBe(false)
})
