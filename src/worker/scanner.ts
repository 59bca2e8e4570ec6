/**
 * Reads parts of the input into groups: one scanner a thread, or one in the main thread when there is little to read.
 * Owns the pipeline from bytes to group tables and the runs that they were written to.
 */
import {join} from 'node:path'
import {assert, InvariantError, UserError} from '../base/index.ts'
import {
  type CodedRuns,
  chooseEngine,
  codedBytesOf,
  EnoughRecords,
  fieldsSeen,
  GroupEmitter,
  Kernel,
  KernelReader,
  makePairEmitter,
  makeReader,
  needsPairs,
  RecordPipeline,
  type RecordReader,
  type ResolveFunction,
  tableCountOf,
} from '../engine/index.ts'
import type {CustomReader, FormatNode, FunctionRef, Params} from '../rules/index.ts'
import {BadLines} from './bad-lines.ts'
import {decodedChunks, unpackedChunks} from './decoded-chunks.ts'
import {giveWay} from './give-way.ts'
import type {InputFile} from './input-files.ts'
import {kernelBudgetShare, memoryRunBytesMax, readChunkBytes} from './limits.ts'
import {RangeReader} from './range-reader.ts'
import type {RuleCode} from './resolve-rule.ts'
import {keepRun, type Run} from './run-files.ts'
import {
  counterSlots,
  countersPerScanner,
  type PartResult,
  type ScanJob,
  type ScannerRuns,
  type ScanPart,
} from './scan-job.ts'

/** Thrown at the next chunk after the main thread asked to stop. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** Takes a run as it is written, and keeps it. */
export type TakeRun = (table: number, write: (sink: (block: Uint8Array) => void) => void) => void

/** `open`, then `run` part by part, one at a time, then `finish`. Its counters are written as it goes, for the main thread to read. */
export class Scanner {
  readonly #job: ScanJob
  readonly #pipeline: RecordPipeline
  readonly #params: Params
  readonly #resolve: ResolveFunction
  /** Ends waiting for input; only in the main thread. */
  readonly #signal: AbortSignal | undefined
  /** Scans what it knows, and leaves single lines to the pipeline; undefined: the pipeline does it all. */
  readonly #kernel: Kernel | undefined
  readonly #emitterFinish: () => void
  readonly #counters: Float64Array
  #runs: Run[][]
  readonly #chunk = new Uint8Array(readChunkBytes)
  readonly #ranges = new RangeReader(this.#chunk, () => this.#checkStop())
  readonly #bad: BadLines
  /** For runs. */
  #folder: string
  #takeRun: TakeRun | undefined
  #runCount = 0
  #memoryLeft: number
  #isFinishing = false
  readonly #fieldsSeen: ReadonlySet<string> | undefined

  /** @throws UserError HOOK_FAILED when the rule's mapInitFunction throws, or BAD_RULE, BAD_PARAMETERS for its steps */
  static async open(job: ScanJob, code: RuleCode, signal?: AbortSignal): Promise<Scanner> {
    await code.init()
    return new Scanner(job, code, signal)
  }

  private constructor(job: ScanJob, {params, resolve}: RuleCode, signal: AbortSignal | undefined) {
    this.#signal = signal
    this.#job = job
    this.#fieldsSeen = fieldsSeen(job.plan)
    this.#params = params
    this.#resolve = resolve
    this.#folder = job.folder
    this.#bad = new BadLines(job.folder, job.scanner)
    this.#memoryLeft = memoryRunBytes(job)
    this.#runs = noRuns(job)
    this.#counters = new Float64Array(job.counters, job.scanner * countersPerScanner * 8, countersPerScanner)
    const writeRun = (table: number, write: (sink: (block: Uint8Array) => void) => void): void =>
      this.#writeRun(table, write)
    // A sample counts records one by one, which is the pipeline's way.
    const chosen = chooseEngine(job.plan, params, job.recordsMax === null ? job.engine : 'row')
    const records = chosen.engine === 'kernel' ? chosen.plan.records : undefined
    const hasGroups = chosen.engine === 'kernel' && records === undefined
    const kernelBytes = hasGroups ? Math.floor(job.budgetBytes * kernelBudgetShare) : 0
    const budgetBytes = job.budgetBytes - kernelBytes
    this.#kernel =
      chosen.engine === 'kernel'
        ? new Kernel({
            ...{plan: chosen.plan, budgetBytes: kernelBytes, writeRun, usual: {exchange: job.usual}},
            coded: job.codesRuns ? this.#codedRuns() : undefined,
          })
        : undefined
    const emitter = needsPairs(job.plan)
      ? makePairEmitter({plan: job.plan, params, resolve, budgetBytes, writeRun})
      : new GroupEmitter({plan: job.plan, resolve, budgetBytes, writeRun})
    this.#emitterFinish = () => emitter.finish()
    this.#pipeline = new RecordPipeline({
      plan: job.plan,
      params,
      resolve,
      emitter,
      onBad: job.keepsBad ? (line, reason, text, detail) => this.#bad.keep(line, reason, text, detail) : undefined,
      recordsMax: job.recordsMax ?? undefined,
      stepsDone: records?.stepsDone,
    })
  }

  /**
   * @throws UserError when the input cannot be read, a hook makes going on pointless, or temporary files cannot be written;
   * Stopped after the stop flag was set
   */
  async run(part: ScanPart): Promise<PartResult> {
    this.#counters[counterSlots.isBusy] = 1
    const name = part.kind === 'file' ? part.input.name : part.name
    const isFirst = part.kind === 'range' ? part.start === 0 : part.kind === 'file' || part.isFirst
    this.#pipeline.beginPart(name, part.part)
    const {bad: badBefore, records: recordsBefore} = this.#seen()
    let bytes = 0
    let reader: RecordReader | undefined
    let isFull = false
    const onBytes = (count: number): void => {
      bytes += count
      this.#pipeline.endChunk()
      const account = this.#pipeline.account
      this.#counters[counterSlots.bytes]! += count
      this.#counters[counterSlots.records] = recordsBefore + account.in
      this.#counters[counterSlots.bad] = badBefore + account.bad
      this.#checkStop()
    }
    try {
      if (part.kind === 'file' && part.format.format === 'custom') {
        await this.#readCustom(part.input, part.format.ref, onBytes)
      } else {
        reader = this.#openReader(part.format, isFirst, namesFor(part))
        if (part.kind === 'range') {
          await this.#ranges.read(part, reader, count => {
            this.#countSource(count)
            onBytes(count)
          })
        } else if (part.kind === 'chunk') await this.#readChunk(part, reader, onBytes)
        else await this.#readFile(part.input, reader, onBytes)
        reader.end()
      }
    } catch (error) {
      if (!(error instanceof EnoughRecords)) throw error
      isFull = true
    }
    const badFile = this.#bad.endPart()
    const account = this.#pipeline.endPart(bytes)
    onBytes(0)
    this.#counters[counterSlots.isBusy] = 0
    return {
      part: part.part,
      name,
      isFirst,
      isFull,
      account,
      lines: reader?.lines ?? account.in + account.blank,
      badFile,
    }
  }

  /** From now on somebody else keeps the runs: `finish` tells none. */
  giveRunsTo(take: TakeRun): void {
    this.#takeRun = take
  }

  /** Writes out what the tables still hold; the scanner is done after this, unless it starts over. */
  finish(): ScannerRuns {
    this.#isFinishing = true
    this.#kernel?.writeRuns()
    this.#emitterFinish()
    return this.#runs
  }

  /**
   * After `finish`: makes it ready for an input that has nothing to do with those before. What it has learned of their form, and its memory,
   * stay. Not for rules with pairs.
   *
   * @param folder - for its runs and bad lines from now on
   */
  startOver(folder: string): void {
    assert(this.#isFinishing && !needsPairs(this.#job.plan), 'a scanner of groups starts over when it has finished')
    this.#folder = folder
    this.#bad.moveTo(folder)
    this.#isFinishing = false
    this.#memoryLeft = memoryRunBytes(this.#job)
    this.#runs = noRuns(this.#job)
    this.#counters.fill(0)
  }

  #openReader(format: FormatNode, isFirst: boolean, names: readonly string[] | null): RecordReader {
    const options = {isFirst, fieldsSeen: this.#fieldsSeen, ...(names === null ? {} : {names})}
    return this.#kernel !== undefined && JSON.stringify(format) === JSON.stringify(this.#kernel.format)
      ? new KernelReader(this.#kernel, this.#pipeline, options)
      : makeReader(format, this.#pipeline, options)
  }

  #checkStop(): void {
    if (this.#counters[counterSlots.stop] === 1) throw new Stopped('asked to stop')
  }

  #seen(): {records: number; bad: number} {
    return {records: this.#counters[counterSlots.records]!, bad: this.#counters[counterSlots.bad]!}
  }

  async #readChunk(
    {bytes, droppedBytes}: ScanPart & {kind: 'chunk'},
    reader: RecordReader,
    onBytes: (count: number) => void,
  ): Promise<void> {
    onBytes(droppedBytes)
    for (let start = 0; start < bytes.byteLength; start += readChunkBytes) {
      // Out of the shared buffer, which decoders of text do not take.
      const shared = bytes.subarray(start, start + readChunkBytes)
      const chunk = this.#chunk.subarray(0, shared.byteLength)
      chunk.set(shared)
      reader.push(chunk)
      onBytes(chunk.byteLength)
      await giveWay()
    }
  }

  async #readFile(input: InputFile, reader: RecordReader, onBytes: (count: number) => void): Promise<void> {
    const onSourceBytes = (bytes: number): void => this.#countSource(bytes)
    const unpacked = unpackedChunks(input, this.#chunk, onSourceBytes)
    // What opens itself belongs to a task: its thread has nothing else to do.
    const options = {signal: this.#signal, into: input.open === undefined ? undefined : this.#chunk}
    for await (const chunk of unpacked ?? decodedChunks(input, onSourceBytes, options)) {
      reader.push(chunk)
      onBytes(chunk.byteLength)
      if (unpacked !== undefined) await giveWay()
    }
  }

  async #readCustom(input: InputFile, ref: FunctionRef, onBytes: (count: number) => void): Promise<void> {
    const read = this.#resolve(ref) as unknown as CustomReader
    const signal = this.#signal
    const countSource = (bytes: number): void => this.#countSource(bytes)
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of decodedChunks(input, countSource, {signal})) {
        onBytes(chunk.byteLength)
        yield chunk
      }
    }
    let record = 0
    const bad = (reason: string, text = ''): void => this.#pipeline.bad('reader', ++record, text, reason)
    try {
      for await (const parts of read(chunks(), {file: input.name, params: this.#params, bad})) {
        if (typeof parts === 'object' && parts !== null) this.#pipeline.record(parts, ++record)
        else bad(`the reader gave ${parts === null ? 'null' : `a ${typeof parts}`} instead of a record`, String(parts))
      }
    } catch (error) {
      if (isOurs(error)) throw error
      throw new UserError(
        'HOOK_FAILED',
        `the rule's mapInputStream failed on ${input.name} after ${record} records: ${String(error)}`,
        {
          cause: error,
          hint: 'report a record that cannot be read with context.bad(reason, text) and go on',
        },
      )
    }
  }

  #countSource(bytes: number): void {
    this.#counters[counterSlots.sourceBytes]! += bytes
  }

  /** What is spilled in the middle goes to disk, that is what spilling is for; the last runs may stay in memory. */
  #writeRun(table: number, write: (sink: (block: Uint8Array) => void) => void): void {
    if (this.#takeRun !== undefined) {
      this.#takeRun(table, write)
      return
    }
    const path = join(this.#folder, `run-${this.#job.scanner}-${this.#runCount++}`)
    const run = keepRun(path, this.#isFinishing ? this.#memoryLeft : 0, write, {
      isIndexed: !needsPairs(this.#job.plan),
      isShared: this.#job.sharesRuns,
    })
    if (run.kind === 'memory') this.#memoryLeft -= run.bytes
    this.#runs[table]!.push(run)
  }

  /** A table's last groups, if they are all that there are: what was spilled is merged as records. */
  #codedRuns(): CodedRuns {
    return {
      isShared: this.#job.sharesRuns,
      bytesMax: table =>
        this.#isFinishing && this.#takeRun === undefined && this.#runs[table]!.length === 0 ? this.#memoryLeft : 0,
      take: (table, run) => {
        const bytes = codedBytesOf(run)
        this.#memoryLeft -= bytes
        this.#runs[table]!.push({kind: 'coded', run, bytes, index: undefined})
      },
    }
  }
}

/** Of a scanner's last groups. */
const memoryRunBytes = ({budgetBytes}: ScanJob): number => Math.min(memoryRunBytesMax, budgetBytes / 4)

const noRuns = ({plan}: ScanJob): Run[][] => Array.from({length: tableCountOf(plan)}, () => [])

/** Errors that pass through a rule's reader without being its own. */
function isOurs(error: unknown): boolean {
  return [UserError, InvariantError, EnoughRecords, Stopped].some(kind => error instanceof kind)
}

/** The names of columns that a part is told. */
function namesFor(part: ScanPart): readonly string[] | null {
  if (part.kind === 'chunk') return part.names
  return part.kind === 'range' ? (part.csv?.names ?? null) : null
}
