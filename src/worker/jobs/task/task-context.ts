/** What the author's functions are given: emit, log, counters, out-of-band values. */
import {closeSync, fsyncSync, mkdirSync, openSync, writeSync} from 'node:fs'
import {inspect} from 'node:util'
import {excerptOf, printableLines} from '../../../base/index.ts'
import type {CompiledJob, JobContext, OutOfBand, TaskInfo} from '../../../jobs/index.ts'
import {counterCountMax, oobBytesMax, oobCountMax} from '../limits.ts'
import type {ShuffleWriter} from '../shuffle/index.ts'
import {FatalError} from './failures.ts'
import {LogLimiter} from './log-limiter.ts'
import type {TaskPorts, TaskResult, TaskSpec} from './types.ts'

/** Kinds of out-of-band values: the first byte of what is stored. */
const oobKind = {bytes: 0, text: 1, json: 2} as const
const labelMax = 0xffff_ffff

/** One for a run. Its functions throw TypeError for what an author may not give, Error past a limit, FatalError for `fatal`. */
export class TaskContext implements JobContext {
  readonly params: CompiledJob['plan']['params']
  readonly task: TaskInfo
  readonly state: Record<string, unknown> = {}
  readonly oob: OutOfBand
  readonly #ports: TaskPorts
  readonly #folder: string
  readonly #writer: ShuffleWriter
  readonly #logs: LogLimiter
  readonly #counters = new Map<string, number>()
  readonly #oob = new Map<string, Buffer>()
  #oobBytes = 0

  constructor(spec: TaskSpec, plan: CompiledJob['plan'], ports: TaskPorts, writer: ShuffleWriter) {
    this.params = plan.params
    this.#ports = ports
    this.#folder = spec.folder
    this.#writer = writer
    this.#logs = new LogLimiter(
      line => ports.log(line),
      () => performance.now(),
    )
    const {job, task, run, node, label} = spec
    this.task = Object.freeze({job, stage: plan.stages[spec.stage]!.name, task, run, node, label})
    this.oob = {put: (key, value) => this.#putOob(key, value), get: key => this.#getOob(key)}
    // Authors take functions out of the context: const {emit} = context.
    this.emit = this.emit.bind(this)
    this.log = this.log.bind(this)
    this.counter = this.counter.bind(this)
    this.fatal = this.fatal.bind(this)
    this.file = this.file.bind(this)
  }

  emit(key: unknown, value: unknown, label?: number): void {
    if (label !== undefined && !(Number.isInteger(label) && label >= 0 && label <= labelMax))
      throw new TypeError(`a label is a whole number from 0, not ${inspect(label)}`)
    this.#writer.add(key, value, label)
  }

  log(message: string): void {
    this.#logs.line(printableLines(typeof message === 'string' ? message : inspect(message)))
  }

  counter(name: string, by = 1): void {
    if (typeof by !== 'number' || !Number.isFinite(by))
      throw new TypeError(`counter ${excerptOf(String(name))} cannot grow by ${inspect(by)}`)
    const before = this.#counters.get(name)
    if (before === undefined && this.#counters.size >= counterCountMax)
      throw new Error(`a task has at most ${counterCountMax} counters; emit what there is one of for every key`)
    this.#counters.set(name, (before ?? 0) + by)
  }

  file(name: string): string {
    return this.#ports.file(name)
  }

  fatal(message: string): never {
    throw new FatalError(message)
  }

  get logsDropped(): number {
    return this.#logs.dropped
  }

  get counters(): Record<string, number> {
    return Object.fromEntries(this.#counters)
  }

  /** Writes what was put, durably. */
  writeOob(): TaskResult['oob'] {
    const folder = this.#folder
    if (this.#oob.size > 0) mkdirSync(folder, {recursive: true, mode: 0o700})
    return [...this.#oob].map(([key, bytes], index) => {
      const name = `oob-${index}`
      const file = openSync(`${folder}/${name}`, 'w', 0o600)
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      return {key, file: name, bytes: bytes.length}
    })
  }

  #putOob(key: string, value: unknown): void {
    if (typeof key !== 'string' || !/^[A-Za-z0-9_\-@:.]{1,200}$/.test(key))
      throw new TypeError(
        `an out-of-band key has 1 to 200 of A-Z a-z 0-9 _ - @ : . and is not ${excerptOf(String(key))}`,
      )
    const bytes = encodeOob(value)
    this.#oobBytes += bytes.length - (this.#oob.get(key)?.length ?? 0)
    this.#oob.set(key, bytes)
    if (this.#oob.size > oobCountMax || this.#oobBytes > oobBytesMax)
      throw new Error(
        `a task puts at most ${oobCountMax} out-of-band values of together ${oobBytesMax} bytes; emit what is more`,
      )
  }

  async #getOob(key: string): Promise<unknown> {
    const bytes = await this.#ports.getOob(key)
    return bytes === undefined ? undefined : decodeOob(bytes)
  }
}

/**
 * One byte that tells the kind, then bytes as they are, text as UTF-8, or anything else as JSON.
 *
 * @throws TypeError for what is none of them: undefined, a function, a bigint, what contains itself
 */
export function encodeOob(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.of(oobKind.bytes), value])
  if (typeof value === 'string') return Buffer.concat([Buffer.of(oobKind.text), Buffer.from(value)])
  const json = JSON.stringify(value) as string | undefined
  if (json === undefined) throw new TypeError('an out-of-band value is JSON, text or bytes')
  return Buffer.concat([Buffer.of(oobKind.json), Buffer.from(json)])
}

/** What encodeOob was given, after JSON; bytes come as a copy. @throws SyntaxError for what it did not write */
export function decodeOob(stored: Uint8Array): unknown {
  const content = Buffer.from(stored.buffer, stored.byteOffset + 1, stored.length - 1)
  if (stored[0] === oobKind.bytes) return new Uint8Array(content)
  return stored[0] === oobKind.text ? content.toString() : (JSON.parse(content.toString()) as unknown)
}
