/** A folder of its own for the built program: rules, data, a home without settings, and a place for temporary files. */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {launcher, type Outcome} from './launcher-run.ts'

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Standard input; nothing unless given. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
}

export interface Running {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves when `condition` holds; rejects when the program ends before. */
  until(condition: () => boolean): Promise<void>
  readonly ended: Promise<Outcome>
}

export class Project {
  readonly dir = mkdtempSync(join(tmpdir(), 'inferno-cli-'))
  readonly #temporary = join(this.dir, '.tmp')
  readonly #home = join(this.dir, '.home')
  readonly #running = new Set<ChildProcess>()

  constructor() {
    mkdirSync(this.#temporary)
    mkdirSync(this.#home)
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name)
    mkdirSync(dirname(path), {recursive: true})
    writeFileSync(path, content)
    return path
  }

  /** Records as JSON lines. */
  writeRecords(name: string, records: Iterable<unknown>): string {
    return this.write(name, Array.from(records, record => `${JSON.stringify(record)}\n`).join(''))
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  has(name: string): boolean {
    return existsSync(this.path(name))
  }

  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const {PATH} = process.env
    const {dir} = this
    return {
      PATH,
      HOME: this.#home,
      TMPDIR: this.#temporary,
      LANG: 'C.UTF-8',
      node: process.execPath,
      tool: launcher,
      dir,
      ...more,
    }
  }

  /** `disco-inferno inferno …` in the project's folder. */
  inferno(args: readonly string[], {env, input = '', cwd = this.dir}: RunOptions = {}): Outcome {
    const result = spawnSync(process.execPath, [launcher, 'inferno', ...args], {
      cwd,
      env: this.env(env),
      input,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    return {exitCode: result.status, stdout: result.stdout, stderr: result.stderr}
  }

  /** A line of bash in which `inferno` is the program. */
  shell(line: string, {env}: RunOptions = {}): Outcome {
    const script = `inferno() { "$node" "$tool" inferno "$@"; }\n${line}`
    const result = spawnSync('bash', ['-o', 'pipefail', '-c', script], {
      cwd: this.dir,
      env: this.env(env),
      input: '',
      encoding: 'utf8',
    })
    return {exitCode: result.status, stdout: result.stdout, stderr: result.stderr}
  }

  /** Starts the program and goes on. */
  start(args: readonly string[], {env}: RunOptions = {}): Running {
    const child = spawn(process.execPath, [launcher, 'inferno', ...args], {
      cwd: this.dir,
      env: this.env(env),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#running.add(child)
    return running(child, () => this.#running.delete(child))
  }

  /** What runs left behind: programs and temporary files. */
  leftovers(): readonly string[] {
    return [...readdirSync(this.#temporary), ...[...this.#running].map(child => `process ${child.pid}`)]
  }

  close(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    rmSync(this.dir, {recursive: true, force: true})
  }
}

/** Collects what a program prints, and lets a test wait for it. */
export function running(child: ChildProcess, onEnd: () => void = () => undefined): Running {
  const texts = {stdout: '', stderr: ''}
  let isEnded = false
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const check of waiting) check()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      wake()
    })
  }
  // A program that ended does not read what is still written to it.
  child.stdin?.on('error', () => undefined)
  const ended = new Promise<Outcome>(resolve => {
    child.on('close', exitCode => {
      isEnded = true
      onEnd()
      wake()
      resolve({exitCode, ...texts})
    })
  })
  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    ended,
    until: condition =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!condition() && !isEnded) return
          waiting.delete(check)
          if (condition()) resolve()
          else reject(new Error(`the program ended first:\n${texts.stdout}${texts.stderr}`))
        }
        waiting.add(check)
        check()
      }),
  }
}

/** CSV lines as cells; for results without quotes. */
export function rowsOf(csv: string): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .map(line => line.split(','))
}
