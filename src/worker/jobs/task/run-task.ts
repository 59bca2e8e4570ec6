/**
 * One run of a task, in this process: reads its inputs, calls the author's functions, leaves one file. The same code runs in a
 * worker's process and in `runLocally`.
 *
 * Whatever goes wrong is a result with an error, not an exception: the caller has to tell somebody.
 */
import {closeSync, existsSync, fsyncSync, openSync, readdirSync, rmSync} from 'node:fs'
import {inspect} from 'node:util'
import {assert} from '../../../base/index.ts'
import type {CompiledJob, Key, Pairs, StageFunctions, StageInput} from '../../../jobs/index.ts'
import {type FetchedSection, fetchedPrefix, fetchSections} from '../inputs/fetch-sections.ts'
import {RecordAccount, readRecords} from '../inputs/read-records.ts'
import {
  Chain,
  Groups,
  InputLostError,
  openMerge,
  readKey,
  readValue,
  type Section,
  SectionCursor,
  ShuffleWriter,
} from '../shuffle/index.ts'
import {taskErrorOf} from './failures.ts'
import {hashPartitioner} from './hash-partition.ts'
import {takePairs} from './take-pairs.ts'
import {TaskContext} from './task-context.ts'
import type {TaskInput, TaskPorts, TaskResult, TaskSpec} from './types.ts'

/** @throws never */
export async function runTask(job: CompiledJob, spec: TaskSpec, ports: TaskPorts): Promise<TaskResult> {
  const run = new TaskRun(job, spec, ports)
  return await run.run()
}

/** Name of a run's file. */
export const outputFile = 'output.shuffle'

class TaskRun {
  readonly #job: CompiledJob
  readonly #functions: StageFunctions
  readonly #spec: TaskSpec
  readonly #ports: TaskPorts
  readonly #writer: ShuffleWriter
  readonly #context: TaskContext
  readonly #account: RecordAccount
  readonly #isDurable: boolean
  readonly #emit: (key: unknown, value: unknown) => void
  /** What is being worked on, for the error. */
  #current: unknown
  #bytes = 0

  constructor(job: CompiledJob, spec: TaskSpec, ports: TaskPorts) {
    this.#job = job
    this.#spec = spec
    this.#ports = {...ports, openInput: (input, replica, from) => this.#counted(ports.openInput(input, replica, from))}
    const functions = job.functions[spec.stage]
    assert(functions !== undefined, `the job has a stage ${spec.stage}`)
    this.#functions = functions
    const {isSorted} = job.plan.stages[spec.stage]!
    // What lies between stages can be made again: nobody waits for the disk.
    this.#isDurable = spec.stage === job.plan.stages.length - 1
    const {combine} = functions
    this.#writer = new ShuffleWriter({
      path: `${spec.folder}/${outputFile}`,
      isSorted,
      budgetBytes: job.plan.limits.sortBytes,
      isPacked: spec.isPacked ?? false,
      isDurable: this.#isDurable,
      labelOf: this.#labelOf(),
      ...(combine === undefined
        ? {}
        : {combine: (key: unknown, values: Iterable<unknown>) => this.#combined(key, values)}),
    })
    this.#context = new TaskContext(spec, job.plan, ports, this.#writer)
    this.#account = new RecordAccount(job.plan.limits.badRecords)
    this.#emit = (key, value) => this.#writer.add(key, value)
  }

  async run(): Promise<TaskResult> {
    const start = performance.now()
    const cpu = process.cpuUsage()
    let sections: readonly Section[] = []
    let oob: TaskResult['oob'] = []
    let error: TaskResult['error'] = null
    try {
      await this.#functions.init?.(this.#context)
      await this.#readInputs()
      this.#current = undefined
      if (this.#functions.done) await this.#take(this.#functions.done(this.#context), 'done')
      // Who emitted nothing leaves nothing: a tiny task is not to wait for the disk.
      if (this.#writer.records > 0) sections = this.#writer.finish()
      oob = this.#context.writeOob()
      if ((this.#isDurable && sections.length > 0) || oob.length > 0) syncFolder(this.#spec.folder)
    } catch (thrown) {
      error = taskErrorOf(thrown, this.#current)
      this.#writer.abandon()
    }
    removeFetched(this.#spec.folder)
    const {user, system} = process.cpuUsage(cpu)
    const {in: read, bad, badByReason, badSamples} = this.#account
    return {
      outputs: error === null ? sections.map(section => ({...section, file: outputFile})) : [],
      counters: this.#context.counters,
      account: {in: read, out: this.#writer.records, bad, badByReason, badSamples},
      oob: error === null ? oob : [],
      logsDropped: this.#context.logsDropped,
      usage: {wallMs: performance.now() - start, cpuMs: (user + system) / 1000, bytes: this.#bytes},
      error,
    }
  }

  async #readInputs(): Promise<void> {
    const {stage, isOpen} = this.#spec
    const {isMerged} = this.#job.plan.stages[stage]!
    if (isMerged) {
      await this.#readMerged()
      return
    }
    const readOne = (input: TaskInput): Promise<void> =>
      stage === 0 && this.#job.plan.reader.type !== 'records' ? this.#readInput(input) : this.#readPairs(input)
    for (const input of this.#spec.inputs) await readOne(input)
    if (!isOpen) return
    for (let more = await this.#ports.moreInputs?.(); more !== undefined; more = await this.#ports.moreInputs?.())
      for (const input of more) await readOne(input)
  }

  /** An input of the job. */
  async #readInput(input: TaskInput): Promise<void> {
    const batches = readRecords(input, this.#job, this.#ports, this.#account)
    const {body} = this.#functions
    if (body.type === 'process') {
      const records = this.#flattened(batches)
      await this.#process({label: input.label, groups: noGroups, [Symbol.asyncIterator]: () => records})
      return
    }
    assert(body.type === 'map', 'the first stage maps or processes')
    for await (const batch of batches) {
      for (const record of batch) {
        this.#current = record
        const pending = this.#take(body.map(record as never, this.#context), 'map')
        if (pending !== undefined) await pending
      }
      this.#progress()
    }
  }

  async *#flattened(batches: AsyncIterable<readonly unknown[]>): AsyncGenerator<unknown> {
    for await (const batch of batches) {
      for (const record of batch) {
        this.#current = record
        yield record
      }
      this.#progress()
    }
  }

  /** An output of an earlier stage, or the results of another job. */
  async #readPairs(input: TaskInput): Promise<void> {
    const fetched = await fetchSections([input], this.#ports, this.#spec.folder)
    await this.#naming(fetched, async () => {
      const chain = new Chain(fetched.map(({source}, order) => new SectionCursor(source, order)))
      try {
        const {body} = this.#functions
        if (body.type === 'process') {
          const pairs = this.#pairsOf(chain)
          await this.#process({label: input.label, groups: noGroups, [Symbol.asyncIterator]: () => pairs})
          return
        }
        assert(body.type === 'map', 'a reduce reads merged inputs')
        for await (const pair of this.#pairsOf(chain)) {
          const pending = this.#take(body.map(pair as never, this.#context), 'map')
          if (pending !== undefined) await pending
        }
      } finally {
        chain.close()
      }
    })
  }

  async *#pairsOf(chain: Chain): AsyncGenerator<readonly [Key, unknown]> {
    for (let record = chain.next(); record !== undefined; record = chain.next()) {
      this.#account.in++
      const {bytes, keyStart, keyEnd, valueEnd} = record
      const pair = [readKey(bytes, keyStart, keyEnd), readValue(bytes, keyEnd, valueEnd)] as const
      this.#current = pair
      yield pair
    }
  }

  async #readMerged(): Promise<void> {
    const fetched = await fetchSections(this.#spec.inputs, this.#ports, this.#spec.folder)
    await this.#naming(fetched, async () => {
      const groups = new Groups(
        openMerge(
          fetched.map(({source}) => source),
          {folder: this.#spec.folder},
        ),
      )
      try {
        await this.#readGroups(groups)
      } finally {
        groups.close()
        this.#account.in += groups.records
      }
    })
  }

  async #readGroups(groups: Groups): Promise<void> {
    const {body} = this.#functions
    if (body.type === 'process') {
      const pairs = this.#pairsOfGroups(groups)
      await this.#process({
        label: this.#spec.label,
        groups: () => this.#eachGroup(groups),
        [Symbol.asyncIterator]: () => pairs,
      })
      return
    }
    assert(body.type === 'reduce', 'merged inputs are reduced or processed')
    const {reduce} = body
    for (let values = groups.next(); values !== undefined; values = groups.next()) {
      this.#current = groups.key
      this.#writer.expect(groups.key, groups.keyBytes)
      const pending = this.#take(reduce(groups.key, values, this.#context), 'reduce')
      if (pending !== undefined) await pending
    }
  }

  *#eachGroup(groups: Groups): Generator<readonly [Key, Iterable<unknown>]> {
    for (let values = groups.next(); values !== undefined; values = groups.next()) {
      this.#current = groups.key
      yield [groups.key, values]
    }
  }

  async *#pairsOfGroups(groups: Groups): AsyncGenerator<readonly [Key, unknown]> {
    for (const [key, values] of this.#eachGroup(groups)) for (const value of values) yield [key, value]
  }

  async #process(input: StageInput): Promise<void> {
    const {body} = this.#functions
    assert(body.type === 'process', 'the stage processes its inputs')
    await this.#take(body.process(input, this.#context), 'process')
  }

  #take(pairs: Pairs, what: string): undefined | Promise<void> {
    return takePairs(pairs, what, this.#emit)
  }

  /** Says which input it was that turned out to be damaged: what reads records does not know of inputs. */
  async #naming(fetched: readonly FetchedSection[], work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof InputLostError && error.input === undefined)
        error.input = fetched.find(({source}) => error.message.startsWith(`${source.name}: `))?.input.number
      throw error
    }
  }

  #combined(key: unknown, values: Iterable<unknown>): unknown {
    const value = this.#functions.combine!(key as Key, values, this.#context)
    if (value === undefined) throw new TypeError(`combine gives back one value, not undefined (key ${inspect(key)})`)
    if (typeof value === 'object' && value !== null && 'then' in value) throw new TypeError('combine cannot be async')
    return value
  }

  #labelOf(): (key: unknown, bytes: Buffer, start: number, end: number) => number {
    const {partitions} = this.#job.plan.stages[this.#spec.stage]!
    const {partition} = this.#functions
    if (partitions === null) return () => 0
    if (partition === undefined) {
      const partitionOf = hashPartitioner(partitions)
      return (_key, bytes, start, end) => partitionOf(bytes, start, end)
    }
    const {params} = this.#job.plan
    return key => {
      const label = partition(key as Key, partitions, params)
      if (Number.isInteger(label) && label >= 0 && label < partitions) return label
      throw new TypeError(
        `partition gives back a whole number from 0 to ${partitions - 1}, not ${inspect(label)} (key ${inspect(key)})`,
      )
    }
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#bytes += chunk.length
      yield chunk
    }
  }

  #progress(): void {
    this.#ports.progress?.({records: this.#account.in, bytes: this.#bytes})
  }
}

function noGroups(): never {
  throw new TypeError('groups() is for stages with merge: true')
}

/** A file is there after a loss of power when its folder was written, too. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** Copies of inputs are of no use after the run. */
function removeFetched(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) if (name.startsWith(fetchedPrefix)) rmSync(`${folder}/${name}`)
}
