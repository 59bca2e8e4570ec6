/** Agents as processes of their own, for trying a cluster out on one machine. They end with the process that started them. */
import {type ChildProcess, spawn} from 'node:child_process'
import type {Log} from './log.ts'
import {withStarter} from './starter.ts'

/** An agent that crashed is started again after this. Milliseconds. */
const restartDelayMs = 1000
/** What an agent gets to end in, after its tasks. Milliseconds. */
const endMs = 10_000

/** With these an agent says that a person has to do something: it was removed, or cannot start. */
const finalExitCodes: ReadonlySet<number | null> = new Set([1, 2])
/** Except that one of an earlier start may be about to end, and have the folder until then: so many starts are tried. */
const startTriesMax = 15

interface Spawned {
  child: ChildProcess | undefined
  startCount: number
  hasBeenReady: boolean
  /** It is in the cluster, or will never be. */
  readonly settled: PromiseWithResolvers<void>
}

export interface SpawnOptions {
  /** The launcher: this program as it was started. */
  readonly command: readonly [string, ...string[]]
  /** Arguments of each agent. */
  readonly agents: readonly (readonly string[])[]
  readonly env: NodeJS.ProcessEnv
  readonly log: Log
  /** What its tasks get to end in. Milliseconds. */
  readonly drainMs: number
}

/**
 * Starts all of them at once, and again a second after one has crashed or could not be started, until `close`. One that was
 * asked to stop stays away, and one that says that a person has to do something (it was removed, its flags are wrong).
 */
export class SpawnedAgents {
  readonly #options: SpawnOptions
  readonly #spawned: readonly Spawned[]
  readonly #timers = new Set<NodeJS.Timeout>()
  #isClosing = false

  constructor(options: SpawnOptions) {
    this.#options = options
    this.#spawned = options.agents.map(() => ({
      child: undefined,
      startCount: 0,
      hasBeenReady: false,
      settled: Promise.withResolvers<void>(),
    }))
    for (const index of options.agents.keys()) this.#start(index)
  }

  /** Of those that run at the moment. */
  pids(): number[] {
    return this.#children().flatMap(child => (child.pid === undefined ? [] : [child.pid]))
  }

  /** Waits until all are in the cluster, or will never be, or the time is over. */
  async ready(timeoutMs: number): Promise<void> {
    const timeout = Promise.withResolvers<void>()
    const timer = setTimeout(timeout.resolve, timeoutMs)
    await Promise.race([timeout.promise, Promise.all(this.#spawned.map(({settled}) => settled.promise))])
    clearTimeout(timer)
  }

  /** Tells all to end and waits; after `drainMs` and ten seconds they are killed. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.all(this.#children().map(child => end(child, this.#options.drainMs + endMs)))
  }

  #children(): ChildProcess[] {
    return this.#spawned.flatMap(({child}) => (child === undefined ? [] : [child]))
  }

  #start(index: number): void {
    const [program, ...first] = this.#options.command
    const args = [...first, ...(this.#options.agents[index] ?? [])]
    const spawned = this.#spawned[index]!
    const child = spawn(program, args, {
      env: withStarter(this.#options.env),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    spawned.child = child
    spawned.startCount++
    child.once('message', () => {
      spawned.hasBeenReady = true
      spawned.settled.resolve()
    })
    child.on('error', error => {
      this.#options.log({level: 'error', msg: 'agent does not start', text: error.message})
      // Without a process there is no `exit`: too many processes for the moment, for one.
      if (child.pid !== undefined) return
      spawned.child = undefined
      this.#startLater(index)
    })
    child.on('exit', (code, signal) => {
      spawned.child = undefined
      if (this.#isClosing) return
      const mayStartYet = code === 1 && !spawned.hasBeenReady && spawned.startCount < startTriesMax
      const isFinal = finalExitCodes.has(code) && !mayStartYet
      this.#options.log({level: isFinal ? 'error' : 'warn', msg: 'agent ended', code, signal, pid: child.pid})
      // 0: somebody asked it to stop.
      if (isFinal || code === 0) spawned.settled.resolve()
      else this.#startLater(index)
    })
  }

  #startLater(index: number): void {
    if (this.#isClosing) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#start(index)
    }, restartDelayMs)
    this.#timers.add(timer)
  }
}

async function end(child: ChildProcess, ms: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  await ended
  clearTimeout(timer)
}
