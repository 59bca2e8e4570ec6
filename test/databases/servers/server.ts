/** Database servers for tests: on loopback, with a temporary folder, started and stopped here, never by root. */
import {spawn, spawnSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'

export interface TestServer {
  readonly name: string
  /** Without a database at its end. */
  readonly address: string
  /** Makes an empty database and gives its address. */
  newDatabase(): Promise<string>
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>
  /** After kill: starts it again on the same folder and port, and waits until it answers. */
  start(): Promise<void>
  /** Stops it and removes its folder. */
  close(): Promise<void>
}

/** The first of these programs that exists: distributions keep servers outside of PATH. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  const candidates = [...folders, ...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  return candidates.map(folder => join(folder, name)).find(existsSync)
}

/** `/usr/lib/postgresql/15/bin` and its like, newest first. */
export function versionFolders(parent: string, inner: string): string[] {
  if (!existsSync(parent)) return []
  const versions = readdirSync(parent).filter(name => /^\d+$/.test(name))
  return versions.sort((a, b) => Number(b) - Number(a)).map(version => join(parent, version, inner))
}

export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** Whom to be when this is root: servers refuse to run as such. */
export function userFor(names: readonly string[]): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
  for (const name of [...names, 'nobody']) {
    const line = lines.find(([user]) => user === name)
    if (line !== undefined) return {uid: Number(line[2]), gid: Number(line[3])}
  }
  throw new Error(`none of the users ${names.join(', ')}, nobody exists`)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export function runOnce(program: string, args: readonly string[], user: ServerUser | undefined, cwd: string): void {
  const result = spawnSync(program, args, {
    ...user,
    cwd,
    encoding: 'utf8',
    env: {PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8'},
  })
  if (result.status !== 0)
    throw new Error(`${program} failed: ${result.error?.message ?? ''}${result.stdout}${result.stderr}`)
}

/** A server process whose end can be waited for; what it says is kept for the message when it does not start. */
export class ServerProcess {
  readonly #child
  readonly ended: Promise<void>
  output = ''
  isEnded = false

  constructor(program: string, args: readonly string[], user: ServerUser | undefined, cwd: string) {
    this.#child = spawn(program, args, {
      ...user,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8'},
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        this.output = (this.output + bytes).slice(-4000)
      })
    }
    this.ended = new Promise(resolve => {
      const end = (error?: unknown): void => {
        if (error instanceof Error) this.output += error.message
        this.isEnded = true
        resolve()
      }
      this.#child.on('error', end)
      this.#child.on('exit', () => end())
    })
    // A test that is broken off leaves no server behind.
    const stop = (): void => {
      this.#child.kill('SIGKILL')
    }
    process.once('exit', stop)
    void this.ended.then(() => process.removeListener('exit', stop))
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal)
    await this.ended
  }
}

/** Tries until `attempt` works; an ended process is told at once. */
export async function untilAnswering(server: ServerProcess, attempt: () => Promise<void>): Promise<boolean> {
  const endMs = performance.now() + 60_000
  for (;;) {
    try {
      await attempt()
      return true
    } catch (error) {
      if (server.isEnded) return false
      if (performance.now() > endMs) throw new Error(`the server does not answer: ${String(error)}\n${server.output}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

export interface ServerStart {
  /** For messages. */
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly user: ServerUser | undefined
  /** Its own, removed at the end. */
  readonly folder: string
  /** Without a database at its end. */
  readonly address: string
  /** One statement, as a user who may do everything. */
  readonly query: (sql: string) => Promise<void>
  /** Ends it within a moment, its connections, too. */
  readonly endSignal: NodeJS.Signals
}

/** Starts a server whose folder is ready, and waits until it answers. */
export async function openServer(given: ServerStart): Promise<Omit<TestServer, 'name'>> {
  const {name, program, args, user, folder, address, query, endSignal} = given
  let server: ServerProcess | undefined
  let databaseCount = 0
  const start = async (): Promise<void> => {
    for (let attempt = 1; attempt <= 50; attempt++) {
      server = new ServerProcess(program, args, user, folder)
      if (await untilAnswering(server, () => query('SELECT 1'))) return
      // Processes of the killed one are still ending.
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    throw new Error(`${name} does not start: ${server?.output}`)
  }
  await start()
  return {
    address,
    newDatabase: async () => {
      const database = `test${++databaseCount}`
      await query(`CREATE DATABASE ${database}`)
      return `${address}/${database}`
    },
    kill: async () => server?.signal('SIGKILL'),
    start,
    close: async () => {
      await server?.signal(endSignal)
      rmSync(folder, {recursive: true, force: true})
    },
  }
}
