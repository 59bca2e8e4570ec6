/**
 * A process that runs tasks of one job, seen from outside. It is started when the first run needs it, kept for the next one,
 * and ended after a run that failed: what the author's code left behind in it nobody knows.
 *
 * The process may crash, hang, flood its output, write garbage, eat memory: each is a result with an error here, and ends
 * with the process and what it started gone.
 */
import {type ChildProcess, spawn} from 'node:child_process'
import type {Duplex, Readable} from 'node:stream'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {assert, formatBytes, printableLines} from '../../../base/index.ts'
import {processPart} from '../../../product/index.ts'
import {codeCacheFolder} from '../../code-cache.ts'
import {measuredUse} from '../../executables/processes.ts'
import {environmentFor, giveFolder, identityOf, removeLinks, takeBackFolder} from '../../task-user.ts'
import {heapShare, memoryWatchMs} from '../limits.ts'
import {LogLimiter} from '../task/log-limiter.ts'
import type {TaskPorts, TaskResult, TaskSpec} from '../task/types.ts'
import {authorEnvironment, cpuSecondsOf, limited} from './confined.ts'
import {failedResult, failedResultWith} from './failed-result.ts'
import {
  type FromProcess,
  isFromProcess,
  type JobAddress,
  receiveMessages,
  sendMessage,
  type ToProcess,
} from './messages.ts'
import {OutputLines} from './output-lines.ts'

/** What a run in a process needs from its parent; inputs are opened by the process itself. */
export type ProcessPorts = Pick<TaskPorts, 'log' | 'getOob' | 'progress' | 'moreInputs'>

/** Milliseconds that the pipes of an ended process get to say the rest. */
const drainMs = 1000

interface Running {
  readonly spec: TaskSpec
  readonly ports: ProcessPorts
  readonly logs: LogLimiter
  readonly startMs: number
  readonly finish: (result: TaskResult) => void
}

interface Child {
  readonly process: ChildProcess
  readonly socket: Duplex
  readonly output: OutputLines
  isLoaded: boolean
  /** Why we ended it. */
  reason: string | undefined
  /** Of all runs so far. */
  busyMs: number
  readonly exited: Promise<void>
}

/** Without a process until `run` starts one, and again after a run that failed. `close` waits until it is gone. */
export class TaskProcess {
  readonly #job: JobAddress
  readonly #user: number | undefined
  #child: Child | undefined
  #running: Running | undefined
  #isClosed = false

  /** @param user - that the process runs as; undefined: as this one does */
  constructor(job: JobAddress, user?: number) {
    this.#job = job
    this.#user = user
  }

  /** Of the process; undefined when there is none. */
  get pid(): number | undefined {
    return this.#child?.process.pid
  }

  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /**
   * Runs a task; one at a time.
   *
   * @param signal - ends the run, with an error
   * @throws never: whatever happens to the process is an error of the result
   */
  async run(spec: TaskSpec, ports: ProcessPorts, signal?: AbortSignal): Promise<TaskResult> {
    assert(!this.isBusy && !this.#isClosed, 'a process runs one task at a time')
    const {promise, resolve} = Promise.withResolvers<TaskResult>()
    const logs = new LogLimiter(
      line => ports.log(line),
      () => performance.now(),
    )
    // Printed between runs: it belongs to none.
    this.#child?.output.flush()
    const running: Running = {spec, ports, logs, startMs: performance.now(), finish: resolve}
    this.#running = running
    const {memoryBytes, taskSeconds} = this.#job.plan.limits
    const stop = (): void => this.#end('the run was stopped')
    signal?.addEventListener('abort', stop)
    const timeLimit = setTimeout(
      () => this.#end(`the run took longer than its limit of ${taskSeconds} s (taskSeconds)`),
      Math.min(taskSeconds * 1000, 0x7fff_ffff),
    )
    const memoryWatch = setInterval(() => this.#watchMemory(memoryBytes), memoryWatchMs)
    try {
      if (signal?.aborted) return failedResult('the run was stopped', 0)
      if (this.#user !== undefined) giveFolder(spec.folder, this.#user)
      this.#child ??= this.#start()
      if (this.#child.isLoaded) this.#send({type: 'run', spec})
      const result = await promise
      const busyMs = (this.#child?.busyMs ?? 0) + performance.now() - running.startMs
      if (this.#child !== undefined) this.#child.busyMs = busyMs
      // One that has used up its time would be ended by the system in the midst of a later run.
      if (result.error !== null || busyMs > taskSeconds * 1000) await this.#discard()
      if (this.#user !== undefined) {
        takeBackFolder(spec.folder)
        removeLinks(spec.folder)
      }
      return result
    } finally {
      clearTimeout(timeLimit)
      clearInterval(memoryWatch)
      signal?.removeEventListener('abort', stop)
      this.#running = undefined
    }
  }

  /** Ends the process, and the run in it. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#end('the run was stopped')
    await this.#discard()
  }

  #start(): Child {
    const heapMegabytes = Math.max(32, Math.floor((this.#job.plan.limits.memoryBytes * heapShare) / 2 ** 20))
    const part = processPart('job-process', import.meta.url, [`--max-old-space-size=${heapMegabytes}`])
    // Another user cannot write there.
    const codeCache = this.#user === undefined ? codeCacheFolder() : undefined
    const whole = codeCache === undefined ? part : ([...part, codeCache] as const)
    const [program, ...args] = limited(whole, cpuSecondsOf(this.#job.plan.limits.taskSeconds), this.#user)
    const started = spawn(program, args, {
      cwd: this.#job.folder,
      env: authorEnvironment(environmentFor(process.env, this.#user)),
      ...identityOf(this.#user),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // A group of its own: what the author's code starts is ended with it.
      detached: true,
    })
    const {promise: exited, resolve} = Promise.withResolvers<void>()
    const child: Child = {
      process: started,
      socket: started.stdio[3] as Duplex,
      output: new OutputLines(line => this.#running?.logs.line(printableLines(line))),
      isLoaded: false,
      reason: undefined,
      busyMs: 0,
      exited,
    }
    for (const stream of [started.stdout, started.stderr] as Readable[])
      stream.on('data', (chunk: Buffer) => child.output.push(chunk))
    // A process that ends while we write to it: its exit says more.
    child.socket.on('error', () => this.#endChild(child, undefined))
    receiveMessages(child.socket, message => this.#receive(child, message))
    started.on('error', error => {
      this.#lost(child, `the task's process does not start: ${error.message}`)
      resolve()
    })
    started.on('exit', (code, signal) => {
      const end = (): void => {
        clearTimeout(limit)
        this.#lost(child, child.reason ?? exitText(code, signal, child.output.lastWords))
        resolve()
      }
      // Pipes may still hold its last words; what it started may hold the pipes.
      const limit = setTimeout(end, drainMs)
      started.once('close', end)
      killGroup(started)
    })
    sendMessage(child.socket, {type: 'load', job: this.#job})
    return child
  }

  #receive(child: Child, message: unknown): void {
    const running = this.#running
    if (child !== this.#child || child.reason !== undefined) return
    if (!isFromProcess(message)) {
      this.#end("the task's process wrote on its message channel what is no message")
      return
    }
    if (message.type === 'loaded') {
      if (message.error !== null) running?.finish(failedResultWith(message.error, performance.now() - running.startMs))
      else if (running) this.#send({type: 'run', spec: running.spec})
      child.isLoaded = true
      return
    }
    if (running === undefined) return
    void this.#answer(child, running, message)
  }

  async #answer(child: Child, running: Running, message: Exclude<FromProcess, {type: 'loaded'}>): Promise<void> {
    const {ports, logs} = running
    try {
      switch (message.type) {
        case 'log':
          logs.line(message.line)
          break
        case 'progress':
          ports.progress?.(message)
          break
        case 'get-oob': {
          const value = await ports.getOob(message.key)
          this.#send(
            {type: 'oob', id: message.id, base64: value === undefined ? null : Buffer.from(value).toString('base64')},
            child,
          )
          break
        }
        case 'more-inputs':
          this.#send({type: 'inputs', inputs: (await ports.moreInputs?.()) ?? null}, child)
          break
        case 'result':
          await outputIsQuiet(child.output)
          child.output.flush()
          running.finish({...message.result, logsDropped: message.result.logsDropped + logs.dropped})
          break
      }
    } catch (error) {
      this.#end(`what the task asked for failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #send(message: ToProcess, to: Child | undefined = this.#child): void {
    if (to !== undefined && to === this.#child && to.socket.writable) sendMessage(to.socket, message)
  }

  /** The process is gone: a run in it has failed. */
  #lost(child: Child, reason: string): void {
    if (this.#child !== child) return
    child.output.flush()
    this.#child = undefined
    const running = this.#running
    running?.finish({...failedResult(reason, performance.now() - running.startMs), logsDropped: running.logs.dropped})
  }

  #end(reason: string): void {
    if (this.#child) this.#endChild(this.#child, reason)
  }

  #endChild(child: Child, reason: string | undefined): void {
    child.reason ??= reason
    killGroup(child.process)
  }

  async #discard(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#endChild(child, 'the process is no longer needed')
    await child.exited
  }

  #watchMemory(limitBytes: number): void {
    // Also what it started.
    const bytes = measuredUse(this.#child?.process.pid).residentBytes
    if (bytes > limitBytes)
      this.#end(
        `the task's process held ${formatBytes(bytes)} of memory, more than its limit of ${formatBytes(limitBytes)} (limits.memory)`,
      )
  }
}

/** Turns of the event loop without output after which the pipes of a process that printed nothing more are empty. */
const quietTurnCount = 3

/** Waits for what a process printed before it said that it is done: pipes and message socket are read in no order. */
async function outputIsQuiet(output: OutputLines): Promise<void> {
  let bytes = output.bytes
  for (let quiet = 0; quiet < quietTurnCount; quiet++) {
    await nextTurn()
    if (output.bytes !== bytes) quiet = 0
    bytes = output.bytes
  }
}

/** Ends a process and what it started. */
function killGroup({pid}: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It is gone already, which is what was wanted.
    assert(error instanceof Error, 'the system throws errors')
  }
}

function exitText(code: number | null, signal: string | null, lastWords: string): string {
  const words = lastWords === '' ? '' : `. Last words:\n${printableLines(lastWords)}`
  if (lastWords.includes('heap out of memory'))
    return `the task's process ran out of memory for JavaScript values (limits.memory)${words}`
  const how = signal === null ? `ended with status ${code}` : `was ended by ${signal}`
  return `the task's process ${how} before the task was done${words}`
}
