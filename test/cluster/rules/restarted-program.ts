/** A program without a "ready": it is killed at any moment and started again, its log goes on in one file. */
import {type ChildProcess, spawn} from 'node:child_process'
import {closeSync, existsSync, openSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {cleanEnvironment} from '../kit/program.ts'

const launcher = join(import.meta.dirname, '../../../bin/run.js')
/** A program that was asked to end and does not is a failure. Milliseconds. */
const endMs = 30_000

export class RestartedProgram {
  readonly #args: readonly string[]
  readonly #env: Readonly<Record<string, string>>
  readonly #cwd: string
  readonly #logFile: string
  #child: ChildProcess | undefined
  starts = 0

  constructor(args: readonly string[], given: {env: Readonly<Record<string, string>>; cwd: string; logFile: string}) {
    this.#args = args
    this.#env = given.env
    this.#cwd = given.cwd
    this.#logFile = given.logFile
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  start(): void {
    this.starts++
    const log = openSync(this.#logFile, 'a')
    this.#child = spawn(process.execPath, [launcher, ...this.#args], {
      cwd: this.#cwd,
      env: cleanEnvironment(this.#env),
      stdio: ['ignore', log, log],
    })
    closeSync(log)
  }

  /** Lets it stand still, or go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.isRunning) this.#child?.kill(signal)
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks it to end. @throws Error when it does not */
  async stop(): Promise<void> {
    let isStuck = false
    const timer = setTimeout(() => {
      isStuck = true
      this.#child?.kill('SIGKILL')
    }, endMs)
    await this.#end('SIGTERM')
    clearTimeout(timer)
    if (isStuck) throw new Error(`${this.#args.join(' ')} does not end\n${this.log()}`)
  }

  /** The end of what it said. */
  log(lineCount = 20): string {
    if (!existsSync(this.#logFile)) return ''
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-lineCount).join('\n')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.isRunning) return
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
    child.kill(signal)
    await ended
  }
}
