/** Starting and ending: what is refused, with which status, and what the person reads. */
import assert from 'node:assert/strict'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {selfSignedCertificate} from '../contract/mesh/certificate.ts'
import {TestCluster} from './kit/cluster.ts'
import {contentOf} from './kit/content.ts'
import {Program, runCommand} from './kit/program.ts'
import {freePort, waitFor} from './kit/wait.ts'
import type {Counts} from './scenarios.ts'

/** The figures are for a quiet machine; a busy one must not fail here for that. */
const readyMsMax = 5000
const idleBytesMax = 120 << 20

export async function starting(): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'disco-start-'))
  const env = {DISCO_HOME: join(folder, 'home'), DISCO_RESERVE: '16MiB'}
  try {
    const port = await freePort()
    const startMs = performance.now()
    const started = runCommand(['disco', 'start', '--detach', '--port', String(port), '--json'], env)
    const readyMs = performance.now() - startMs
    assert.equal(started.status, 0, started.stderr)
    const {pid} = JSON.parse(started.stdout) as {pid: number}
    try {
      assert.ok(readyMs < readyMsMax, `ready after ${readyMs} ms`)
      const again = runCommand(['disco', 'start', '--port', '0'], env)
      assert.equal(again.status, 1)
      assert.match(again.stderr, new RegExp(`${pid}`), 'the process that has the folder is named')
      const taken = runCommand(['disco', 'start', '--port', String(port)], {...env, DISCO_HOME: join(folder, 'other')})
      assert.equal(taken.status, 1)
      assert.match(taken.stderr, new RegExp(`port ${port} of 127\\.0\\.0\\.1 is in use`))
      const open = runCommand(['disco', 'start', '--host', '0.0.0.0', '--port', '0'], {
        DISCO_HOME: join(folder, 'open'),
      })
      assert.equal(open.status, 2)
      assert.match(open.stderr, /without TLS/)
    } finally {
      assert.equal(runCommand(['disco', 'stop'], env).status, 0)
    }
    await waitFor('the process has ended', () => !isAlive(pid))

    // SIGTERM while it waits for a master that is not there.
    const waiting = new Program({
      args: ['disco', 'agent', '--join', 'ws://127.0.0.1:9', '--port', '0', '--home', join(folder, 'agent')],
      logFile: join(folder, 'waiting.log'),
      env: {DISCO_JOIN_TOKEN: `dsc_join_${'A'.repeat(43)}`},
    })
    await waitFor('it is dialling', () => /cannot join/.test(readFileSync(join(folder, 'waiting.log'), 'utf8')))
    const endMs = performance.now()
    const ended = await waiting.end('SIGTERM')
    assert.equal(ended.code, 0, waiting.log())
    return {readyMs: Math.round(readyMs), endMs: Math.round(performance.now() - endMs), idleAgentMb: await idleAgent()}
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

async function idleAgent(): Promise<number> {
  await using cluster = await TestCluster.start({agentCount: 1})
  await sleep(1000)
  const bytes = residentBytes(cluster.program('a1').child.pid ?? 0)
  assert.ok(bytes < idleBytesMax, `an idle agent takes ${bytes} bytes`)
  return Math.round(bytes / 1e6)
}

const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

/** Master, agent and client with a certificate that only they trust. */
export async function encrypted(): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'disco-tls-'))
  const home = join(folder, 'home')
  const made = selfSignedCertificate()
  const cert = join(folder, 'node.pem')
  const key = join(folder, 'node.key')
  writeFileSync(cert, made.cert)
  writeFileSync(key, made.key)
  const files = ['--tls-cert', cert, '--tls-key', key, '--ca', cert]
  const tls = [...files, '--home', home]
  const programs: Program[] = []
  try {
    const port = await freePort()
    const master = new Program({
      args: ['disco', 'master', '--port', String(port), ...tls],
      logFile: join(folder, 'm.log'),
    })
    programs.push(master)
    const {url} = await master.ready()
    assert.match(url, /^https:/)
    for (const name of ['t1', 't2']) {
      const agent = new Program({
        args: [
          'disco',
          'agent',
          '--join',
          `wss://127.0.0.1:${port}`,
          '--name',
          name,
          '--port',
          '0',
          '--reserve',
          '16MiB',
          ...tls,
        ],
        logFile: join(folder, `${name}.log`),
      })
      programs.push(agent)
      await agent.ready()
    }
    const env = {DISCO_HOME: home, DISCO_MASTER: url, DISCO_CA: cert}
    const content = contentOf(5, 300_000)
    const pushed = runCommand(['ddfs', 'push', 'tls:a', '-'], env, content)
    assert.equal(pushed.status, 0, pushed.stderr)
    const info = runCommand(['ddfs', 'fsck', '--json'], env)
    assert.equal(info.status, 0, info.stdout + info.stderr)
    const without = runCommand(['ddfs', 'ls'], {DISCO_HOME: home, DISCO_MASTER: url})
    assert.notEqual(without.status, 0, 'an unknown certificate is not trusted')
    assert.match(without.stderr, /certificate/)
    const processes = await encryptedProcesses(folder, files, cert, programs)
    return {agents: 2, processes, bytes: content.length}
  } finally {
    for (const program of programs.reverse()) await program.end('SIGTERM')
    rmSync(folder, {recursive: true, force: true})
  }
}

/** `disco start --agents`: the agents that it starts are encrypted, too. @returns how many came up */
async function encryptedProcesses(
  folder: string,
  files: readonly string[],
  cert: string,
  programs: Program[],
): Promise<number> {
  const home = join(folder, 'started')
  const args = ['disco', 'start', '--agents', '2', '--port', '0', ...files, '--home', home]
  const started = new Program({args, logFile: join(folder, 'started.log')})
  programs.push(started)
  const {url} = await started.ready()
  const env = {DISCO_HOME: home, DISCO_MASTER: url, DISCO_CA: cert}
  const addresses = (): string[] => {
    const {status, stdout} = runCommand(['disco', 'nodes', '--json'], env)
    const nodes = status === 0 ? (JSON.parse(stdout) as {state: string; address?: string}[]) : []
    return nodes.filter(({state}) => state === 'up').map(({address = ''}) => address)
  }
  await waitFor('two encrypted agents', () => addresses().length === 2)
  for (const address of addresses()) assert.match(address, /^https:/)
  const pushed = runCommand(['ddfs', 'push', 'tls:b', '-'], env, contentOf(6, 100_000))
  assert.equal(pushed.status, 0, pushed.stderr)
  return addresses().length
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
