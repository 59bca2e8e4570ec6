/** Agents as processes of their own, for trying a cluster out on one machine. They end with the process that started them. */
import {type ChildProcess, spawn} from 'node:child_process'
import type {Log} from './log.ts'

/** An agent that crashed is started again after this. Milliseconds. */
const restartDelayMs = 1000
/** What an agent gets to end in. Milliseconds. */
const endMs = 10_000

/** With these an agent says that a person has to do something: it was removed, or cannot start. */
const finalExitCodes: ReadonlySet<number | null> = new Set([1, 2])

export interface SpawnOptions {
  /** The launcher: this program as it was started. */
  readonly command: readonly [string, ...string[]]
  /** Arguments of each agent. */
  readonly agents: readonly (readonly string[])[]
  readonly env: NodeJS.ProcessEnv
  readonly log: Log
}

export class SpawnedAgents {
  readonly #options: SpawnOptions
  readonly #children = new Map<number, ChildProcess>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #isClosing = false

  constructor(options: SpawnOptions) {
    this.#options = options
    for (const [index] of options.agents.entries()) this.#start(index)
  }

  pids(): number[] {
    return [...this.#children.values()].flatMap(child => (child.pid === undefined ? [] : [child.pid]))
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.all([...this.#children.values()].map(end))
  }

  #start(index: number): void {
    const [program, ...first] = this.#options.command
    const args = [...first, ...(this.#options.agents[index] ?? [])]
    const child = spawn(program, args, {env: this.#options.env, stdio: ['ignore', 'inherit', 'inherit']})
    this.#children.set(index, child)
    child.on('error', error => this.#options.log({level: 'error', msg: 'agent does not start', text: error.message}))
    child.on('exit', (code, signal) => {
      this.#children.delete(index)
      if (this.#isClosing) return
      const isFinal = finalExitCodes.has(code)
      this.#options.log({level: isFinal ? 'error' : 'warn', msg: 'agent ended', code, signal, pid: child.pid})
      if (isFinal) return
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        this.#start(index)
      }, restartDelayMs)
      this.#timers.add(timer)
    })
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), endMs)
  await ended
  clearTimeout(timer)
}
