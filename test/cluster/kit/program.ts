/** One process of the built program, with its log in a file. */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {closeSync, openSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const launcher = join(import.meta.dirname, '../../../bin/run.js')

/** Starting takes under a second; a busy machine takes its time. Milliseconds. */
const readyMs = 30_000

/** Ours and nobody else's: a person's own cluster must not be found. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(DISCO|DDFS|INFERNO)_|^NODE_OPTIONS$|^VITEST/.test(name),
  )
  return {...Object.fromEntries(own), ...more}
}

export interface ProgramOptions {
  readonly args: readonly string[]
  readonly logFile: string
  readonly env?: Readonly<Record<string, string>> | undefined
}

export class Program {
  readonly child: ChildProcess
  readonly exited: Promise<{readonly code: number | null; readonly signal: NodeJS.Signals | null}>
  readonly #logFile: string
  readonly #ready: Promise<{readonly url: string}>

  constructor({args, logFile, env}: ProgramOptions) {
    this.#logFile = logFile
    const log = openSync(logFile, 'a')
    this.child = spawn(process.execPath, [launcher, ...args], {
      // A run that is killed leaves no nodes behind.
      env: cleanEnvironment({DISCO_ENDS_WITH_STARTER: '1', ...env}),
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    this.exited = new Promise(resolve => this.child.once('exit', (code, signal) => resolve({code, signal})))
    this.#ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready: ${args.join(' ')}\n${this.log()}`)), readyMs)
      this.child.once('message', message => {
        clearTimeout(timer)
        resolve(message as {url: string})
      })
      this.child.once('exit', code => {
        clearTimeout(timer)
        reject(new Error(`ended with ${code}: ${args.join(' ')}\n${this.log()}`))
      })
    })
    this.#ready.catch(() => undefined)
  }

  /** @throws Error with the end of its log when it ends, or is not ready in time */
  ready(): Promise<{readonly url: string}> {
    return this.#ready
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  async end(signal: NodeJS.Signals): Promise<{readonly code: number | null; readonly signal: NodeJS.Signals | null}> {
    if (this.isRunning) this.child.kill(signal)
    return this.exited
  }

  /** The end of it. */
  log(lineCount = 15): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-lineCount).join('\n')
  }
}

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end. */
export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: Uint8Array,
): Ran {
  const {status, stdout, stderr} = spawnSync(process.execPath, [launcher, ...args], {
    env: cleanEnvironment(env),
    timeout: 60_000,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : {input}),
  })
  return {status, stdout, stderr}
}
