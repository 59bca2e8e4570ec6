/** Three machines joined by token and TLS: pushed to, queried, one cut off and back, one upgraded. */
import assert from 'node:assert/strict'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {NodeInfo} from '../../src/protocol/index.ts'
import {waitFor} from '../cluster/kit/wait.ts'
import {Authority} from './authority.ts'
import {type Machine, Network, type Outcome, type Started} from './network.ts'

const root = join(import.meta.dirname, '../..')
const launcher = [process.execPath, join(root, 'bin/run.js')]
const port = 8989
const lineCount = 3000
const waitMs = 40_000

const rule = `import {defineRule} from 'disco-inferno'
export const RULES = [defineRule({name: 'sizes', sourceTags: 'logs', keyParts: ['size'], valueParts: ['count']})]
`

const logs = (from: number): string =>
  Array.from({length: lineCount}, (_, n) => `{"size":"${(from + n) % 3}","n":${from + n}}\n`).join('')

/** @param step - is told what holds now */
export async function threeMachines(step: (text: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'three-machines-'))
  const network = new Network(3)
  try {
    await new Cluster(network.machines, folder, step).tryAll()
  } finally {
    network.close()
    rmSync(folder, {recursive: true, force: true})
  }
}

class Cluster {
  readonly #machines: readonly [Machine, Machine, Machine]
  readonly #folder: string
  readonly #authority: Authority
  readonly #step: (text: string) => void
  readonly #started = new Map<string, Started>()

  constructor(machines: readonly Machine[], folder: string, step: (text: string) => void) {
    this.#machines = machines as unknown as readonly [Machine, Machine, Machine]
    this.#folder = folder
    this.#authority = new Authority(folder)
    this.#step = step
  }

  async tryAll(): Promise<void> {
    const [first, second, third] = this.#machines
    await this.#startAll()
    this.#refuseStrangers()
    this.#pushAndQuery(second, third, 1)
    await this.#cutAndHeal(third)
    await this.#upgrade(second)
    this.#pushAndQuery(third, second, 3)
    for (const machine of [third, second, first]) assert.equal(await this.#started.get(machine.name)?.end(), 0)
    this.#step('all machines stop when they are told to, with status 0')
  }

  async #startAll(): Promise<void> {
    const [first, ...others] = this.#machines
    this.#started.set(first.name, this.#start(first, ['disco', 'start', '--port', String(port)]))
    await waitFor(
      'a master',
      () => this.#started.get(first.name)?.said().includes('the cluster is at https://'),
      waitMs,
    )
    for (const machine of others) this.#startAgent(machine)
    await this.#untilUp(3)
    this.#cli(first, 'disco', 'config', 'set', 'heartbeat', '300ms')
    this.#cli(first, 'disco', 'config', 'set', 'lostAfter', '3s')
    this.#step('three machines are one cluster, by token and TLS')
  }

  #refuseStrangers(): void {
    const [, second] = this.#machines
    const ask = (more: NodeJS.ProcessEnv): Outcome =>
      second.run([...launcher, 'disco', 'nodes'], {cwd: this.#folder, env: {...this.#env(second), ...more}})
    assert.match(ask({DISCO_CA: ''}).stderr, /certificate of https:\/\/10\.77\.0\.1:8989 is not accepted/)
    assert.match(ask({DISCO_TOKEN: 'wrong'}).stderr, /the token is not known here/)
    assert.match(ask({DISCO_MASTER: 'http://10.77.0.1:8989'}).stderr, /broke|does not/)
    this.#step('without its authority, without a token and in the clear nobody gets an answer')
  }

  /** @param round - so many files have been pushed when it ends */
  #pushAndQuery(from: Machine, by: Machine, round: number): void {
    writeFileSync(join(this.#folder, 'in.ndjson'), logs(round * lineCount))
    this.#cli(from, 'ddfs', 'chunk', `logs:${round}`, 'in.ndjson')
    mkdirSync(join(this.#folder, 'rules'), {recursive: true})
    writeFileSync(join(this.#folder, 'rules/sizes.ts'), rule)
    const rows = this.#cli(by, 'inferno', 'run', 'rules/sizes.ts', '-t', 'logs', '--format', 'csv').trim().split('\n')
    assert.deepEqual(rows, ['size,count', ...['0', '1', '2'].map(size => `${size},${(round * lineCount) / 3}`)])
    this.#step(`pushed from ${from.name}, queried from ${by.name}: ${round * lineCount} records, each counted once`)
  }

  async #cutAndHeal(machine: Machine): Promise<void> {
    const [first, second] = this.#machines
    machine.cut()
    await waitFor(`${machine.name} away`, () => this.#nodes()[machine.name]?.state !== 'up', waitMs)
    writeFileSync(join(this.#folder, 'in.ndjson'), logs(2 * lineCount))
    this.#cli(second, 'ddfs', 'chunk', 'logs:2', 'in.ndjson')
    assert.match(this.#cli(second, 'ddfs', 'ls'), /^logs:2$/m)
    const alone = machine.run([...launcher, 'ddfs', 'ls'], {cwd: this.#folder, env: this.#env(machine)})
    assert.equal(alone.exitCode, 3, alone.stderr)
    this.#step(`with the cable of ${machine.name} pulled the others go on; on it commands end with status 3`)
    machine.heal()
    await this.#untilUp(3)
    assert.match(this.#cli(machine, 'ddfs', 'ls'), /^logs:2$/m)
    await waitFor('all copies', () => this.#cli(first, 'ddfs', 'fsck') === '', waitMs)
    this.#step(`with it back ${machine.name} is up again, and knows what was pushed meanwhile`)
  }

  async #upgrade(machine: Machine): Promise<void> {
    const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const next = `${major}.${minor + 1}.0`
    assert.equal(await this.#started.get(machine.name)?.end(), 0)
    this.#startAgent(machine, {DISCO_PRETEND_VERSION: next})
    await this.#untilUp(3)
    assert.equal(this.#nodes()[machine.name]?.version, `disco-inferno ${next}`)
    this.#step(`${machine.name} was stopped and started as ${next}: it works with ${version}`)
  }

  #startAgent(machine: Machine, env: NodeJS.ProcessEnv = {}): void {
    const [first] = this.#machines
    const words = ['disco', 'agent', '--join', `wss://${first.address}:${port}`, '--port', String(port)]
    this.#started.set(machine.name, this.#start(machine, words, {DISCO_JOIN_TOKEN: this.#token('join'), ...env}))
  }

  #start(machine: Machine, words: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
    const {name, address} = machine
    const home = join(this.#folder, name)
    const node = ['--name', name, '--host', address, '--home', home, '--reserve', '0', '--log-level', 'warn']
    const all = [...launcher, ...words, ...node, ...this.#authority.flagsFor(name, address)]
    return machine.start(all, {cwd: this.#folder, env: {PATH: process.env['PATH'], HOME: home, ...env}})
  }

  async #untilUp(count: number): Promise<void> {
    const isUp = ({state}: NodeInfo): boolean => state === 'up'
    await waitFor(`${count} nodes up`, () => Object.values(this.#nodes()).filter(isUp).length === count, waitMs)
  }

  #nodes(): Record<string, NodeInfo> {
    const nodes = JSON.parse(this.#cli(this.#machines[0], 'disco', 'nodes', '--json')) as NodeInfo[]
    return Object.fromEntries(nodes.map(node => [node.name, node]))
  }

  #cli(machine: Machine, ...words: string[]): string {
    const {exitCode, stdout, stderr} = machine.run([...launcher, ...words], {
      cwd: this.#folder,
      env: this.#env(machine),
    })
    if (exitCode !== 0) throw new Error(`${machine.name}: ${words.join(' ')} ended with ${exitCode}: ${stderr}`)
    return stdout
  }

  #env(machine: Machine): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: join(this.#folder, `${machine.name}-user`),
      DISCO_MASTER: `https://${this.#machines[0].address}:${port}`,
      DISCO_TOKEN: this.#token('admin'),
      DISCO_CA: this.#authority.certificate,
    }
  }

  /** Of the first machine's home folder, as a person carries it to the others. */
  #token(scope: 'admin' | 'join'): string {
    const path = join(this.#folder, this.#machines[0].name, 'tokens.json')
    return (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)[scope] ?? ''
  }
}
