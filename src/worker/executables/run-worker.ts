/**
 * Runs one task in an executable that speaks Disco's worker protocol.
 *
 * The worker reads answers on its standard input. It speaks on standard error, as Disco's do, or on standard output; lines there
 * that are no message are text for the log. It may say nonsense, stop in the middle of a message, flood, hang, die, or leave its
 * pipes to somebody else: each is an error of the result, and ends with its process group gone.
 *
 *     speaking -> paused (an answer waits, or the worker does not read) -> speaking
 *     speaking -> broken (no protocol any more: last words are gathered) -> ended
 *     speaking -> exited (what is in the pipes is read to the end) -> ended
 */
import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {setPriority} from 'node:os'
import {join} from 'node:path'
import type {Readable, Writable} from 'node:stream'
import {assert, formatBytes, messageOf, printableLines} from '../../base/index.ts'
import {
  handshakeMs,
  type MessageName,
  MessageParser,
  messageNames,
  type Parsed,
  partialMessageMs,
  type WorkerTask,
  workerTextCharsMax,
} from '../../protocol/index.ts'
import {LogLimiter} from '../jobs/task/log-limiter.ts'
import {
  drainMs,
  lastWordsBytesMax,
  lastWordsKeptBytes,
  lastWordsSilenceMs,
  repliesWaitingBytesMax,
  watchMs,
} from './limits.ts'
import {killGroup, measuredUse, type ProcessUse, workerEnvironment} from './processes.ts'
import {type CollectedOutput, collectOutputs, linkHome, ownFolderName} from './run-folder.ts'
import {type Answer, type RemoteOutput, type SessionEnd, type SessionInput, WorkerSession} from './session.ts'

export interface WorkerRunSpec {
  readonly task: WorkerTask
  readonly run: number
  /** Path of the executable in the job home. */
  readonly worker: string
  /** The folder of the job home. */
  readonly home: string
  readonly envs: Readonly<Record<string, string>>
  /** Of this run alone; it exists. */
  readonly folder: string
  readonly inputs: readonly SessionInput[]
  /** False: more inputs may come. */
  readonly hasAllInputs: boolean
  readonly limits: {readonly memoryBytes: number; readonly taskSeconds: number}
}

export interface WorkerPorts {
  /** A line for the log of the task. */
  log(line: string): void
  /** Inputs that are new since the last call; undefined when no more will come. */
  moreInputs?(): Promise<readonly SessionInput[] | undefined>
  /** Of what the worker is allowed, shortened in tests. Milliseconds. */
  readonly limits?: Partial<WorkerTimes>
}

export interface WorkerTimes {
  readonly handshakeMs: number
  readonly partialMs: number
  readonly lastWordsSilenceMs: number
}

export interface WorkerResult {
  /** Durable. Empty when there is an error. */
  readonly outputs: readonly CollectedOutput[]
  /** In the order in which they were reported. */
  readonly remoteOutputs: readonly RemoteOutput[]
  readonly error: Extract<SessionEnd, {type: 'failed'}> | null
  readonly logsDropped: number
  readonly wallMs: number
  readonly cpuMs: number
}

/**
 * @param signal - ends the run, with an error
 * @throws never for what the worker does
 */
export async function runWorker(spec: WorkerRunSpec, ports: WorkerPorts, signal?: AbortSignal): Promise<WorkerResult> {
  const startMs = performance.now()
  const nothing = {outputs: [], remoteOutputs: [], logsDropped: 0, cpuMs: 0}
  const failedResult = (
    end: Extract<SessionEnd, {type: 'failed'}>,
    rest: Partial<WorkerResult> = {},
  ): WorkerResult => ({
    ...nothing,
    ...rest,
    error: {...end, text: cut(end.text)},
    wallMs: performance.now() - startMs,
  })
  if (!existsSync(join(spec.home, spec.worker)))
    return failedResult(failure('fatal', `the job home has no worker "${spec.worker}"`))
  await linkHome(spec.folder, spec.home)
  const run = new WorkerRun(spec, ports)
  const stop = (): void => run.stop()
  signal?.addEventListener('abort', stop)
  if (signal?.aborted === true) stop()
  const end = await run.end
  signal?.removeEventListener('abort', stop)
  const {logsDropped, cpuMs} = run
  if (logsDropped > 0) ports.log(`${logsDropped} lines that the worker printed were dropped: too many at once`)
  if (end.type === 'failed') return failedResult(end, {logsDropped, cpuMs})
  const outputs = await collectOutputs(spec.folder, spec.run, run.session.localOutputs)
  if (typeof outputs === 'string') return failedResult(failure('error', outputs), {logsDropped, cpuMs})
  const {remoteOutputs} = run.session
  return {outputs, remoteOutputs, error: null, logsDropped, wallMs: performance.now() - startMs, cpuMs}
}

const failure = (kind: 'error' | 'fatal', text: string): Extract<SessionEnd, {type: 'failed'}> => ({
  type: 'failed',
  class: kind,
  text,
  input: null,
})

const cut = (text: string): string =>
  text.length > workerTextCharsMax ? `${text.slice(0, workerTextCharsMax - 1)}…` : text

type Child = ChildProcessByStdio<Writable, Readable, Readable>

interface Stream {
  readonly readable: Readable
  readonly parser: MessageParser
}

class WorkerRun {
  readonly session: WorkerSession
  readonly end: Promise<SessionEnd>
  readonly #spec: WorkerRunSpec
  readonly #ports: WorkerPorts
  readonly #times: WorkerTimes
  readonly #logs: LogLimiter
  readonly #resolve: (end: SessionEnd) => void
  readonly #startMs = performance.now()
  #child: Child | undefined
  #streams: readonly Stream[] = []
  #timer: NodeJS.Timeout | undefined
  #use: ProcessUse = {residentBytes: 0, cpuMs: 0}
  #ending: SessionEnd | undefined
  #isPumping = false
  #hasSpoken = false
  /** Why nothing more is understood. */
  #broken: string | undefined
  #brokenBytes = 0
  #lastWords = Buffer.alloc(0)
  #lastByteMs = performance.now()
  #exit: string | undefined
  /** Ends a pause of the pump. */
  #wake: (() => void) | undefined
  readonly #exited = Promise.withResolvers<void>()

  constructor(spec: WorkerRunSpec, ports: WorkerPorts) {
    this.#spec = spec
    this.#ports = ports
    this.#times = {handshakeMs, partialMs: partialMessageMs, lastWordsSilenceMs, ...ports.limits}
    this.session = new WorkerSession(spec.task, spec.inputs, spec.hasAllInputs)
    this.#logs = new LogLimiter(
      line => ports.log(line),
      () => performance.now(),
    )
    const {promise, resolve} = Promise.withResolvers<SessionEnd>()
    this.end = promise
    this.#resolve = resolve
    this.#start()
  }

  get logsDropped(): number {
    return this.#logs.dropped
  }

  get cpuMs(): number {
    return this.#use.cpuMs
  }

  stop(): void {
    this.#finish(failure('error', 'the run was stopped'))
  }

  #start(): void {
    const {folder, worker, envs} = this.#spec
    let child: Child
    try {
      child = spawn(join(folder, worker), {
        cwd: folder,
        env: workerEnvironment(process.env, envs, join(folder, ownFolderName, 'tmp')),
        stdio: ['pipe', 'pipe', 'pipe'],
        // A group of its own: what the worker starts is ended with it.
        detached: true,
      })
    } catch (error) {
      this.#cannotStart(error)
      return
    }
    this.#child = child
    child.on('error', error => this.#cannotStart(error))
    child.on('exit', (code, signal) => void this.#onExit(code, signal))
    // Of a worker that does not read any more its exit says more.
    child.stdin.on('error', () => undefined)
    child.stdin.on('drain', () => this.#wake?.())
    this.#streams = [child.stderr, child.stdout].map(readable => ({
      readable,
      parser: new MessageParser({names: messageNames, isMostlyText: readable === child.stdout}),
    }))
    for (const stream of this.#streams) stream.readable.on('data', (chunk: Buffer) => this.#onData(stream, chunk))
    if (child.pid !== undefined) lowerPriority(child.pid)
    this.#timer = setInterval(() => this.#watch(), watchMs)
    if (!this.#spec.hasAllInputs) void this.#followInputs()
  }

  #cannotStart(error: unknown): void {
    const {worker} = this.#spec
    this.#exit ??= 'it did not start'
    this.#exited.resolve()
    const text = `the worker "${worker}" cannot be started: ${messageOf(error)}; has it a first line (#!) that names a program of this node?`
    this.#finish(failure('error', text))
  }

  #onData(stream: Stream, chunk: Buffer): void {
    this.#lastByteMs = performance.now()
    if (this.#broken !== undefined) {
      this.#keepWords(chunk)
      this.#brokenBytes += chunk.length
      return
    }
    stream.parser.push(chunk)
    if (this.#isPumping) stream.readable.pause()
    else void this.#pump()
  }

  /** Handles what has come, in order; while an answer waits nothing is read. */
  async #pump(): Promise<void> {
    this.#isPumping = true
    try {
      for (;;) {
        if (this.#ending !== undefined || this.#broken !== undefined || this.session.isWaiting) break
        const parsed = this.#next()
        if (parsed === undefined) break
        const answer = this.#take(parsed)
        if (answer !== undefined) await this.#perform(answer)
      }
    } finally {
      this.#isPumping = false
      for (const {readable} of this.#streams) readable.resume()
    }
  }

  #next(): Parsed | undefined {
    for (const {parser} of this.#streams) {
      const parsed = parser.next()
      if (parsed !== undefined) return parsed
    }
    return undefined
  }

  #take(parsed: Parsed): Answer | undefined {
    switch (parsed.type) {
      case 'text':
        this.#keepWords(Buffer.concat([parsed.line, Buffer.from('\n')]))
        if (parsed.line.length > 0) this.#logs.line(printableLines(parsed.line.toString()))
        return undefined
      case 'broken':
        this.#broken = parsed.reason
        this.#keepWords(parsed.bytes)
        this.#ports.log(`Could not parse worker event: ${parsed.reason}`)
        return undefined
      case 'message':
        this.#hasSpoken = true
        return this.session.take(parsed.name as MessageName, parsed.payload, performance.now())
    }
  }

  async #perform(answer: Answer): Promise<void> {
    const {reply, delayMs, log, end} = answer
    if (log !== undefined) this.#ports.log(cut(printableLines(log)))
    if (delayMs !== undefined) await this.#pause(delayMs)
    if (reply !== undefined) this.#reply(reply)
    if (end !== undefined) {
      this.#finish(end)
      return
    }
    while (this.session.isWaiting || this.#repliesWaitingBytes > repliesWaitingBytesMax) {
      if (this.#exit !== undefined || this.#ending !== undefined) return
      await this.#pause(undefined)
    }
  }

  get #repliesWaitingBytes(): number {
    return this.#child?.stdin.writableLength ?? 0
  }

  #reply(reply: Buffer): void {
    const stdin = this.#child?.stdin
    if (stdin?.writable) stdin.write(reply)
  }

  /** Until the time is over, or something has happened: an exit ends every pause. */
  async #pause(ms: number | undefined): Promise<void> {
    if (this.#exit !== undefined) return
    const {promise, resolve} = Promise.withResolvers<void>()
    const isTimed = ms !== undefined
    const timer = isTimed ? setTimeout(resolve, ms) : undefined
    this.#wake = () => {
      if (!isTimed || this.#exit !== undefined || this.#ending !== undefined) resolve()
    }
    await promise
    clearTimeout(timer)
    this.#wake = undefined
  }

  async #followInputs(): Promise<void> {
    const {moreInputs} = this.#ports
    try {
      for (;;) {
        const more = await moreInputs?.()
        if (this.#ending !== undefined) return
        const {reply} = this.session.addInputs(more ?? [], more === undefined)
        if (reply !== undefined) this.#reply(reply)
        this.#wake?.()
        if (more === undefined) return
      }
    } catch (error) {
      this.#finish(failure('error', `inputs of the task did not come: ${messageOf(error)}`))
    }
  }

  #watch(): void {
    const nowMs = performance.now()
    const {taskSeconds, memoryBytes} = this.#spec.limits
    this.#use = this.#exit === undefined ? measuredUse(this.#child?.pid) : this.#use
    const silentMs = nowMs - this.#lastByteMs
    if (this.#use.residentBytes > memoryBytes) {
      const held = formatBytes(this.#use.residentBytes)
      this.#finish(
        failure('error', `the worker held ${held} of memory, more than its limit of ${formatBytes(memoryBytes)}`),
      )
    } else if (nowMs - this.#startMs > taskSeconds * 1000) {
      this.#finish(failure('error', `the run took longer than ${taskSeconds} s, its limit`))
    } else if (this.#broken !== undefined) {
      if (silentMs > this.#times.lastWordsSilenceMs || this.#brokenBytes > lastWordsBytesMax) this.#finish(this.#died())
    } else if (!this.#hasSpoken && nowMs - this.#startMs > this.#times.handshakeMs) {
      const seconds = Math.round(this.#times.handshakeMs / 1000)
      this.#finish(failure('error', `Worker did not send its PID in ${seconds} seconds${this.#words}`))
    } else if (
      !this.#isPumping &&
      silentMs > this.#times.partialMs &&
      this.#streams.some(({parser}) => parser.isPartial)
    ) {
      this.#finish(failure('error', 'Worker stuck in the middle of a message'))
    }
  }

  async #onExit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const child = this.#child
    assert(child !== undefined, 'what exits was started')
    this.#exit = signal === null ? `exit code: ${code}` : `ended by ${signal}`
    killGroup(child.pid)
    this.#exited.resolve()
    this.#wake?.()
    if (this.#ending !== undefined) return
    await drained(this.#streams)
    for (const {parser} of this.#streams) parser.end()
    while (this.#isPumping) await new Promise(setImmediate)
    await this.#pump()
    if (this.#ending !== undefined) return
    this.#ports.log(`Worker crashed! (${this.#exit})`)
    this.#finish(this.#died())
  }

  #died(): Extract<SessionEnd, {type: 'failed'}> {
    const exit = this.#exit === undefined ? '' : ` (${this.#exit})`
    const words = this.#words
    return failure('error', words === '' ? `Worker died without output${exit}` : `Worker died${exit}${words}`)
  }

  get #words(): string {
    const text = printableLines(this.#lastWords.toString().trim())
    return text === '' ? '' : `. Last words:\n${text}`
  }

  #keepWords(bytes: Buffer): void {
    const tail = bytes.subarray(-lastWordsKeptBytes)
    this.#lastWords = Buffer.concat([this.#lastWords, tail]).subarray(-lastWordsKeptBytes)
  }

  /** The first reason counts. Resolves when nothing of the worker is left that is known. */
  #finish(end: SessionEnd): void {
    if (this.#ending !== undefined) return
    this.#ending = end
    clearInterval(this.#timer)
    this.#wake?.()
    const child = this.#child
    if (this.#exit === undefined) {
      this.#use = measuredUse(child?.pid)
      killGroup(child?.pid)
    }
    void this.#close(end)
  }

  async #close(end: SessionEnd): Promise<void> {
    await this.#exited.promise
    await drained(this.#streams)
    // What was printed before the end is part of the log.
    for (const {parser} of this.#streams) {
      parser.end()
      for (let parsed = parser.next(); parsed !== undefined; parsed = parser.next()) {
        if (parsed.type === 'text' && parsed.line.length > 0) this.#logs.line(printableLines(parsed.line.toString()))
      }
    }
    for (const {readable} of this.#streams) readable.destroy()
    this.#child?.stdin.destroy()
    this.#resolve(end)
  }
}

/** All bytes of ended pipes were read, or whoever holds them open has had his time. */
async function drained(streams: readonly Stream[]): Promise<void> {
  const ends = streams.map(
    ({readable}) =>
      new Promise<void>(resolve => {
        if (readable.readableEnded || readable.destroyed) resolve()
        else for (const event of ['end', 'close', 'error']) readable.once(event, () => resolve())
        readable.resume()
      }),
  )
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>(resolve => {
    timer = setTimeout(resolve, drainMs)
  })
  await Promise.race([Promise.all(ends), limit])
  clearTimeout(timer)
}

/** As Disco does (nice 19): the node's own work goes first. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 19)
  } catch (error) {
    // It has ended already.
    assert(error instanceof Error, 'the system throws errors')
  }
}
