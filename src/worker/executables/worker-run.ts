/**
 * The conversation with one worker, from its start until nothing of it is left.
 *
 *     speaking -> paused (an answer waits, or the worker does not read) -> speaking
 *     speaking -> broken (no protocol any more: last words are gathered) -> ended
 *     speaking -> exited (what is in the pipes is read to the end) -> ended
 */
import {messageOf, printableLines} from '../../base/index.ts'
import {handshakeMs, type MessageName, type Parsed, partialMessageMs} from '../../protocol/index.ts'
import {LogLimiter} from '../jobs/task/log-limiter.ts'
import {LastWords} from './last-words.ts'
import {lastWordsSilenceMs, repliesWaitingBytesMax, watchMs} from './limits.ts'
import {overdueOf} from './overdue.ts'
import type {ProcessUse} from './processes.ts'
import {cutText, type Failure, failure, type WorkerPorts, type WorkerRunSpec, type WorkerTimes} from './run-spec.ts'
import {type Answer, type SessionEnd, WorkerSession} from './session.ts'
import {type ChildEvents, WorkerChild} from './worker-child.ts'

/** Starts at once; `end` never rejects. `stop` ends it as a failure, unless it has ended. */
export class WorkerRun {
  readonly session: WorkerSession
  /** Resolves when nothing of the worker is left that is known. */
  readonly end: Promise<SessionEnd>
  readonly #spec: WorkerRunSpec
  readonly #ports: WorkerPorts
  readonly #times: WorkerTimes
  readonly #logs: LogLimiter
  readonly #lastWords = new LastWords()
  readonly #resolve: (end: SessionEnd) => void
  readonly #startMs = performance.now()
  readonly #exited = Promise.withResolvers<void>()
  #child: WorkerChild | undefined
  #timer: NodeJS.Timeout | undefined
  #use: ProcessUse = {residentBytes: 0, cpuMs: 0}
  #ending: SessionEnd | undefined
  #isPumping = false
  #hasSpoken = false
  /** Bytes since nothing more is understood. */
  #brokenBytes: number | undefined
  #lastByteMs = performance.now()
  #exit: string | undefined
  /** Ends a pause of the pump. */
  #wake: (() => void) | undefined

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
    try {
      this.#child = new WorkerChild(this.#spec, {
        onData: (stream, chunk) => this.#onData(stream, chunk),
        onDrain: () => this.#wake?.(),
        onExit: how => void this.#onExit(how),
        onCannotStart: error => this.#cannotStart(error),
      })
    } catch (error) {
      this.#cannotStart(error)
      return
    }
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

  readonly #onData: ChildEvents['onData'] = ({readable, parser}, chunk) => {
    this.#lastByteMs = performance.now()
    if (this.#brokenBytes !== undefined) {
      this.#lastWords.keep(chunk)
      this.#brokenBytes += chunk.length
      return
    }
    parser.push(chunk)
    if (this.#isPumping) readable.pause()
    else void this.#pump()
  }

  /** Handles what has come, in order; while an answer waits nothing is read. */
  async #pump(): Promise<void> {
    this.#isPumping = true
    try {
      for (;;) {
        if (this.#ending !== undefined || this.#brokenBytes !== undefined || this.session.isWaiting) break
        const parsed = this.#child?.next()
        if (parsed === undefined) break
        const answer = this.#take(parsed)
        if (answer !== undefined) await this.#perform(answer)
      }
    } finally {
      this.#isPumping = false
      this.#child?.resume()
    }
  }

  #take(parsed: Parsed): Answer | undefined {
    switch (parsed.type) {
      case 'text':
        this.#lastWords.keep(Buffer.concat([parsed.line, Buffer.from('\n')]))
        this.#logText(parsed.line)
        return undefined
      case 'broken':
        this.#brokenBytes = 0
        this.#lastWords.keep(parsed.bytes)
        this.#ports.log(`Could not parse worker event: ${parsed.reason}`)
        return undefined
      case 'message':
        this.#hasSpoken = true
        return this.session.take(parsed.name as MessageName, parsed.payload, performance.now())
    }
  }

  #logText(line: Buffer): void {
    if (line.length > 0) this.#logs.line(printableLines(line.toString()))
  }

  async #perform(answer: Answer): Promise<void> {
    const {reply, delayMs, log, end} = answer
    if (log !== undefined) this.#ports.log(cutText(printableLines(log)))
    if (delayMs !== undefined) await this.#pause(delayMs)
    if (reply !== undefined) this.#child?.reply(reply)
    if (end !== undefined) {
      this.#finish(end)
      return
    }
    while (this.session.isWaiting || (this.#child?.unreadBytes ?? 0) > repliesWaitingBytesMax) {
      if (this.#exit !== undefined || this.#ending !== undefined) return
      await this.#pause(undefined)
    }
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
        if (reply !== undefined) this.#child?.reply(reply)
        this.#wake?.()
        if (more === undefined) return
      }
    } catch (error) {
      this.#finish(failure('error', `inputs of the task did not come: ${messageOf(error)}`))
    }
  }

  #watch(): void {
    const nowMs = performance.now()
    if (this.#exit === undefined && this.#child !== undefined) this.#use = this.#child.use
    const facts = {
      residentBytes: this.#use.residentBytes,
      runMs: nowMs - this.#startMs,
      silentMs: nowMs - this.#lastByteMs,
      hasSpoken: this.#hasSpoken,
      isStuck: !this.#isPumping && this.#child?.isPartial === true,
      brokenBytes: this.#brokenBytes,
      lastWords: this.#lastWords.text,
    }
    const end = overdueOf(facts, this.#spec.limits, this.#times)
    if (end !== undefined) this.#finish(end === 'died' ? this.#died() : end)
  }

  async #onExit(how: string): Promise<void> {
    this.#exit = how
    this.#exited.resolve()
    this.#wake?.()
    if (this.#ending !== undefined) return
    await this.#child?.readToEnd()
    while (this.#isPumping) await new Promise(setImmediate)
    await this.#pump()
    if (this.#ending !== undefined) return
    this.#ports.log(`Worker crashed! (${how})`)
    this.#finish(this.#died())
  }

  #died(): Failure {
    const exit = this.#exit === undefined ? '' : ` (${this.#exit})`
    const words = this.#lastWords.text
    return failure('error', words === '' ? `Worker died without output${exit}` : `Worker died${exit}${words}`)
  }

  /** The first reason counts. */
  #finish(end: SessionEnd): void {
    if (this.#ending !== undefined) return
    this.#ending = end
    clearInterval(this.#timer)
    this.#wake?.()
    if (this.#exit === undefined && this.#child !== undefined) {
      this.#use = this.#child.use
      this.#child.kill()
    }
    void this.#close(end)
  }

  async #close(end: SessionEnd): Promise<void> {
    await this.#exited.promise
    const child = this.#child
    await child?.readToEnd()
    // What was printed before the end is part of the log.
    for (let parsed = child?.next(); parsed !== undefined; parsed = child?.next()) {
      if (parsed.type === 'text') this.#logText(parsed.line)
    }
    child?.close()
    this.#resolve(end)
  }
}
