/**
 * Reads parts of the input into groups: one scanner a thread, or one in the main thread when there is little to read.
 * Owns the pipeline from bytes to group tables and the runs that they were written to.
 */
import {appendFileSync, closeSync, openSync, readSync} from 'node:fs'
import {join} from 'node:path'
import {assert, InvariantError, printable, UserError} from '../base/index.ts'
import {
  type CodedRuns,
  chooseEngine,
  codedBytesOf,
  EnoughRecords,
  GroupEmitter,
  Kernel,
  KernelReader,
  makePairEmitter,
  makeReader,
  needsPairs,
  newlineByte,
  RecordPipeline,
  type RecordReader,
  type ResolveFunction,
  tableCountOf,
} from '../engine/index.ts'
import type {CustomReader, FormatNode, FunctionRef, Params} from '../rules/index.ts'
import {endOf, isCsv, makeStartWindow, recordStartNear, tellEnd} from './csv-ranges.ts'
import {decodedChunks, unpackedChunks} from './decoded-chunks.ts'
import type {InputFile} from './input-files.ts'
import {badCharsBuffered, kernelBudgetShare, memoryRunBytesMax, rangeTailBytes, readChunkBytes} from './limits.ts'
import type {RuleCode} from './resolve-rule.ts'
import {keepRun, type Run, spillError} from './run-files.ts'
import {
  counterSlots,
  countersPerScanner,
  type PartResult,
  type ScanJob,
  type ScannerRuns,
  type ScanPart,
} from './scan-job.ts'
import {unreadable} from './unreadable.ts'

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
  #startWindow: Uint8Array | undefined
  /** For runs and bad lines. */
  #folder: string
  #takeRun: TakeRun | undefined
  #runCount = 0
  #badFile: string | null = null
  #badLines: string[] = []
  #badChars = 0
  #memoryLeft: number
  #isFinishing = false

  /** @throws UserError HOOK_FAILED when the rule's mapInitFunction throws, or BAD_RULE, BAD_PARAMETERS for its steps */
  static async open(job: ScanJob, code: RuleCode, signal?: AbortSignal): Promise<Scanner> {
    await code.init()
    return new Scanner(job, code, signal)
  }

  private constructor(job: ScanJob, {params, resolve}: RuleCode, signal: AbortSignal | undefined) {
    this.#signal = signal
    this.#job = job
    this.#params = params
    this.#resolve = resolve
    this.#folder = job.folder
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
      onBad: job.keepsBad ? (line, reason, text, detail) => this.#keepBad(line, reason, text, detail) : undefined,
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
    this.#badFile = null
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
        if (part.kind === 'range') await this.#readRange(part, reader, onBytes)
        else if (part.kind === 'chunk') await this.#readChunk(part, reader, onBytes)
        else await this.#readFile(part.input, reader, onBytes)
        reader.end()
      }
    } catch (error) {
      if (!(error instanceof EnoughRecords)) throw error
      isFull = true
    }
    this.#flushBad(part.part)
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
      badFile: this.#badFile,
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
    this.#isFinishing = false
    this.#memoryLeft = memoryRunBytes(this.#job)
    this.#runs = noRuns(this.#job)
    this.#counters.fill(0)
  }

  #openReader(format: FormatNode, isFirst: boolean, names: readonly string[] | null): RecordReader {
    const options = {isFirst, ...(names === null ? {} : {names})}
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

  /** Records that start in [start, end): from the first one that begins at or after start to the end of the last one begun before end. */
  async #readRange(
    part: ScanPart & {kind: 'range'},
    reader: RecordReader,
    onBytes: (count: number) => void,
  ): Promise<void> {
    let file: number
    try {
      file = openSync(part.path, 'r')
    } catch (error) {
      throw unreadable(part.name, error)
    }
    try {
      const start = await this.#rangeStart(part, file)
      const end = start < part.end ? await this.#readRecords({...part, start}, file, reader, onBytes) : start
      if (part.csv !== undefined) tellEnd(part.csv.ends, part.csv.index, end)
    } finally {
      closeSync(file)
    }
  }

  /** The first record that begins in a range, or behind it. */
  async #rangeStart({start, end, name, format, csv}: ScanPart & {kind: 'range'}, file: number): Promise<number> {
    if (start === 0) return 0
    if (csv === undefined || !isCsv(format)) return lineStart(file, start, end, name, this.#chunk)
    this.#startWindow ??= makeStartWindow()
    const near = recordStartNear(start, format.delimiter, this.#startWindow, (into, position) =>
      readAt(file, into, position, name),
    )
    return near ?? (await endOf(csv.ends, csv.index - 1, () => this.#checkStop()))
  }

  /** Reads from `start`, where a record begins, to the first record that begins at or behind `end`. Returns where that is. */
  async #readRecords(
    {start, end, name}: Stretch,
    file: number,
    reader: RecordReader,
    onBytes: (count: number) => void,
  ): Promise<number> {
    let position = start
    if (reader instanceof KernelReader) {
      if (await this.#readInPlace({start, end, name}, file, reader, onBytes)) return end
      position = end
    }
    for (;;) {
      const wanted = Math.min(readChunkBytes, Math.max(end - position, rangeTailBytes))
      const count = readAt(file, this.#chunk.subarray(0, wanted), position, name)
      if (count === 0) {
        if (position < end) throw shrunk(name)
        return position
      }
      const bytes = this.#takeRecords(reader, this.#chunk.subarray(0, count), end - position)
      position += bytes
      this.#countSource(bytes)
      onBytes(bytes)
      if (bytes < count || (position >= end && this.#chunk[count - 1] === newlineByte && reader.isBetweenRecords))
        return position
      await giveWay()
    }
  }

  /** Reads bytes start..end-1 to where the kernel scans them. Returns whether a record ends with them. */
  async #readInPlace(
    {start, end, name}: Stretch,
    file: number,
    reader: KernelReader,
    onBytes: (count: number) => void,
  ): Promise<boolean> {
    let lastByte = newlineByte
    for (let position = start; position < end; ) {
      const space = reader.space()
      const into = space.subarray(0, Math.min(space.byteLength, end - position))
      const count = readAt(file, into, position, name)
      if (count === 0) throw shrunk(name)
      lastByte = into[count - 1]!
      reader.filled(count)
      position += count
      this.#countSource(count)
      onBytes(count)
      await giveWay()
    }
    return lastByte === newlineByte && reader.isBetweenRecords
  }

  /** Reads a chunk up to the first record that begins `left` bytes from its start or later. Returns how many bytes that were. */
  #takeRecords(reader: RecordReader, chunk: Uint8Array, left: number): number {
    for (let at = 0; ; ) {
      // The last record ends with a newline at or behind the last byte that is left.
      const newline = chunk.indexOf(newlineByte, Math.max(at, left - 1))
      const end = newline < 0 ? chunk.length : newline + 1
      reader.push(chunk.subarray(at, end))
      if (newline < 0 || reader.isBetweenRecords || end === chunk.length) return end
      at = end
    }
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

  #keepBad(line: number, reason: string, text: string, detail: string | undefined): void {
    const kept = `${JSON.stringify({line, reason, detail, text})}\n`
    this.#badLines.push(kept)
    this.#badChars += kept.length
    if (this.#badChars >= badCharsBuffered) this.#flushBad(undefined)
  }

  #flushBad(part: number | undefined): void {
    if (this.#badLines.length === 0) return
    this.#badFile ??= join(this.#folder, `bad-${this.#job.scanner}-${this.#runCount++}-${part ?? 'x'}`)
    try {
      appendFileSync(this.#badFile, this.#badLines.join(''), {mode: 0o600})
    } catch (error) {
      throw spillError(this.#badFile, error)
    }
    this.#badLines = []
    this.#badChars = 0
  }
}

/** Of a file. */
type Stretch = Pick<ScanPart & {kind: 'range'}, 'start' | 'end' | 'name'>

/** Of a scanner's last groups. */
const memoryRunBytes = ({budgetBytes}: ScanJob): number => Math.min(memoryRunBytesMax, budgetBytes / 4)

const noRuns = ({plan}: ScanJob): Run[][] => Array.from({length: tableCountOf(plan)}, () => [])

/** Errors that pass through a rule's reader without being its own. */
function isOurs(error: unknown): boolean {
  return [UserError, InvariantError, EnoughRecords, Stopped].some(kind => error instanceof kind)
}

function shrunk(name: string): UserError {
  return new UserError('INPUT_UNREADABLE', `${printable(name)} became shorter while it was read`, {
    hint: 'another program writes to it; read a copy',
  })
}

/** The names of columns that a part is told. */
function namesFor(part: ScanPart): readonly string[] | null {
  if (part.kind === 'chunk') return part.names
  return part.kind === 'range' ? (part.csv?.names ?? null) : null
}

/** The first line that begins at `start` or later; `end` or more when none begins before `end`. */
function lineStart(file: number, start: number, end: number, name: string, chunk: Uint8Array): number {
  // The byte before the start tells whether a line begins there: look for the newline from there on.
  for (let position = start - 1; position < end - 1; ) {
    const count = readAt(file, chunk.subarray(0, rangeTailBytes), position, name)
    if (count === 0) throw shrunk(name)
    const newline = chunk.subarray(0, count).indexOf(newlineByte)
    if (newline >= 0) return position + newline + 1
    position += count
  }
  return end
}

function readAt(file: number, into: Uint8Array, position: number, name: string): number {
  try {
    return readSync(file, into, 0, into.byteLength, position)
  } catch (error) {
    throw unreadable(name, error)
  }
}

/** Lets signals and timers in between two chunks. */
function giveWay(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
