/** A cluster of real processes on loopback: a master alone and agents, each with a fixed port and a folder of its own. */
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ClusterClient} from '../../../src/client/index.ts'
import type {NodeInfo} from '../../../src/protocol/index.ts'
import {Program} from './program.ts'
import {freePort, waitFor} from './wait.ts'

/** A process that was asked to end does so within this. Milliseconds. */
const endMs = 20_000

export interface ClusterOptions {
  readonly agentCount: number
  readonly settings?: Readonly<Record<string, string | number>>
  readonly logLevel?: string
  readonly reserve?: string
  /** Of the process of a node, besides the usual ones. */
  readonly envOf?: (name: string) => Readonly<Record<string, string>>
}

/** Lost after 2 s, surplus copies go at once: tests cannot wait for half a minute or an hour. */
export const quickSettings = {heartbeat: '300ms', lostAfter: '2s', surplusAfter: '1s'} as const

export interface AgentStart {
  /** Address of the master, if it is another one. */
  readonly join?: string
  readonly port?: number
  readonly folder?: string
  readonly isForced?: boolean
}

export class TestCluster implements AsyncDisposable {
  readonly folder: string
  readonly home: string
  readonly url: string
  readonly client: ClusterClient
  readonly agentNames: readonly string[]
  readonly #options: ClusterOptions
  readonly #ports: ReadonlyMap<string, number>
  readonly #programs = new Map<string, Program>()
  /** Where agents keep their things, when not at the usual place. */
  readonly folders = new Map<string, string>()

  private constructor(folder: string, ports: ReadonlyMap<string, number>, options: ClusterOptions) {
    this.folder = folder
    this.home = join(folder, 'home')
    this.#options = options
    this.#ports = ports
    this.agentNames = [...ports.keys()].filter(name => name !== 'master')
    this.url = `http://127.0.0.1:${ports.get('master')}`
    // Asked for at each call: the tokens are there when the master has started.
    const home = this.home
    this.client = new ClusterClient({
      url: this.url,
      ca: undefined,
      get token() {
        return (JSON.parse(readFileSync(join(home, 'tokens.json'), 'utf8')) as {admin: string}).admin
      },
    })
  }

  /** Starts all, waits until all are up, and sets the settings. */
  static async start(options: ClusterOptions): Promise<TestCluster> {
    const ports = new Map<string, number>()
    for (const name of ['master', ...Array.from({length: options.agentCount}, (_, index) => `a${index + 1}`)]) {
      ports.set(name, await freePort())
    }
    const cluster = new TestCluster(mkdtempSync(join(tmpdir(), 'disco-cluster-')), ports, options)
    mkdirSync(join(cluster.folder, 'log'))
    try {
      await cluster.startMaster()
      // In this order: timings cannot be such that healthy nodes would be lost.
      for (const [name, value] of Object.entries({...quickSettings, ...options.settings})) {
        await cluster.client.setSetting(name, value)
      }
      await Promise.all(cluster.agentNames.map(name => cluster.startAgent(name)))
      await cluster.allUp()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  get environment(): Record<string, string> {
    return {DISCO_HOME: this.home, DISCO_MASTER: this.url}
  }

  program(name: string): Program {
    const program = this.#programs.get(name)
    if (program === undefined) throw new Error(`${name} was not started`)
    return program
  }

  isRunning(name: string): boolean {
    return this.#programs.get(name)?.isRunning === true
  }

  logOf(name: string): string {
    return join(this.folder, 'log', `${name}.log`)
  }

  async startMaster(home = this.home): Promise<void> {
    const args = ['disco', 'master', '--home', home, '--port', String(this.#ports.get('master')), ...this.#logLevel]
    await this.#start('master', args)
  }

  async startAgent(name: string, start: AgentStart = {}): Promise<void> {
    await this.#start(name, this.agentArgs(name, start))
  }

  agentArgs(name: string, start: AgentStart = {}): string[] {
    const {join: master = this.url, port = this.#ports.get(name) ?? 0, folder = this.folders.get(name)} = start
    return [
      ...['disco', 'agent', '--home', this.home, '--join', master.replace(/^http/, 'ws'), '--name', name],
      ...['--port', String(port), '--reserve', this.#options.reserve ?? '16MiB'],
      ...(folder === undefined ? [] : ['--folder', folder]),
      ...(start.isForced === true ? ['--force'] : []),
      ...this.#logLevel,
    ]
  }

  get #logLevel(): string[] {
    return ['--log-level', this.#options.logLevel ?? 'info']
  }

  async #start(name: string, args: readonly string[]): Promise<void> {
    const program = new Program({args, logFile: this.logOf(name), env: this.#options.envOf?.(name)})
    this.#programs.set(name, program)
    await program.ready()
  }

  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.program(name).end(signal)
  }

  folderOf(name: string): string {
    return this.folders.get(name) ?? join(this.home, 'nodes', name)
  }

  async node(name: string): Promise<NodeInfo | undefined> {
    return (await this.client.nodes()).nodes.find(node => node.name === name)
  }

  async allUp(names: readonly string[] = this.agentNames): Promise<void> {
    await waitFor(`${names.join(', ')} are up`, async () => {
      const {nodes} = await this.client.nodes()
      return names.every(name =>
        nodes.some(node => node.name === name && (node.state === 'up' || node.state === 'draining')),
      )
    })
  }

  /** Nothing is missing, and nothing has fewer copies than wanted. */
  async repaired(deadlineMs = 60_000): Promise<void> {
    await waitFor(
      'repair has ended',
      async () => {
        const {repair} = await this.client.maintenance()
        return repair.underReplicatedCount === 0 && repair.missingCount === 0 && repair.inFlightCount === 0
      },
      deadlineMs,
    )
  }

  /** Waits until fsck finds nothing. */
  async clean(deadlineMs = 60_000): Promise<void> {
    await waitFor(
      'fsck is clean',
      async () => {
        const {problemCount, problems} = await this.client.check({})
        if (problemCount > 0) throw new Error(JSON.stringify(problems.slice(0, 3)))
        return true
      },
      deadlineMs,
    )
  }

  /** Lines of all logs that say something is wrong with us. */
  bugs(): string[] {
    return readdirSync(join(this.folder, 'log')).flatMap(file =>
      readFileSync(join(this.folder, 'log', file), 'utf8')
        .split('\n')
        .filter(line => /"msg":"(bug|crashed|request failed|closing took too long)"|InvariantError/.test(line))
        .map(line => `${file}: ${line}`),
    )
  }

  /** Ends everything; what does not end by itself when asked is an error, like a bug in a log. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close()
    const stuck: string[] = []
    await Promise.all(
      [...this.#programs].map(async ([name, program]) => {
        if (program.isRunning) program.child.kill('SIGCONT')
        const timer = setTimeout(() => {
          stuck.push(`${name} did not end: ${program.log(3)}`)
          program.child.kill('SIGKILL')
        }, endMs)
        await program.end('SIGTERM')
        clearTimeout(timer)
      }),
    )
    const bugs = this.bugs()
    if (process.env['DISCO_TEST_KEEP'] === undefined) rmSync(this.folder, {recursive: true, force: true})
    if (stuck.length + bugs.length > 0) throw new Error([...stuck, ...bugs.slice(0, 5)].join('\n'))
  }
}
