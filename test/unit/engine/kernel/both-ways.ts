/** Runs a plan over the same bytes through the row path alone and through the kernel, for comparing. */

import {sourceOfBlocks, writeRecordsOf} from '../../../../src/engine/groups/index.ts'
import {
  type Account,
  addAccount,
  emptyAccount,
  GroupEmitter,
  makePairEmitter,
  makeReader,
  needsPairs,
  RecordPipeline,
  type RecordReader,
  type ResolveFunction,
  type ResultRow,
  resultRows,
  tableCountOf,
} from '../../../../src/engine/index.ts'
import {type CodedRuns, Kernel, type KernelPlan, KernelReader} from '../../../../src/engine/kernel/index.ts'
import type {Params, Plan} from '../../../../src/rules/index.ts'

export interface Outcome {
  readonly rows: readonly ResultRow[]
  readonly account: Account
  readonly lines: number
  readonly bad: readonly (readonly [line: number, reason: string, text: string, detail: string | undefined])[]
  /** By table: its runs, as blocks. */
  readonly runs: readonly (readonly (readonly Uint8Array[])[])[]
}

export interface Input {
  readonly chunks: readonly Uint8Array[]
  readonly isFirst?: boolean
  /** CSV: what an earlier part of the input found. */
  readonly names?: readonly string[]
  readonly recordBytesMax?: number
  readonly budgetBytes?: number
  /** Groups of a table past which the kernel makes codes of its keys. */
  readonly codesFrom?: number
  /** Groups of a table of codes past which it makes cells of them. */
  readonly cellsFrom?: number
  /** Tables whose keys are codes come out as coded runs, and are made records of then. */
  readonly isCoded?: boolean
  /** The kernel's input is put where it wants it instead of being pushed. */
  readonly isInPlace?: boolean
  /** From this chunk on the input is another part, scanned by another thread: its runs are merged with those of the first one. */
  readonly secondPart?: number
  /** Bytes of input that are read before code for usual lines is made. */
  readonly usualBytes?: number
  /** Values of a line past which it is read by a table, not by code. */
  readonly codeValues?: number
  readonly params?: Params
  /** Finds the functions of the rule. */
  readonly resolve?: ResolveFunction
}

function fill(reader: KernelReader, chunk: Uint8Array): void {
  let rest = chunk
  while (rest.length > 0) {
    const space = reader.space()
    const count = Math.min(space.length, rest.length)
    space.set(rest.subarray(0, count))
    reader.filled(count)
    rest = rest.subarray(count)
  }
}

const refuse = (): never => {
  throw new Error('the plan has no functions')
}

/** Makes the reader of a run; `finish` writes its groups. */
type Open = (pipeline: RecordPipeline, writeRun: WriteRun, part: Input) => {reader: RecordReader; finish: () => void}
type WriteRun = ConstructorParameters<typeof GroupEmitter>[0]['writeRun']

function sourceOf(blocks: readonly Uint8Array[]) {
  return {...sourceOfBlocks(blocks), close: () => undefined}
}

function run(plan: Plan, input: Input, open: Open, stepsDone?: number): Outcome {
  const {resolve = refuse, params = {}} = input
  const runs: Uint8Array[][][] = Array.from({length: tableCountOf(plan)}, () => [])
  const writeRun: WriteRun = (table, write) => {
    const blocks: Uint8Array[] = []
    write(block => blocks.push(block.slice()))
    runs[table]!.push(blocks)
  }
  const bad: Outcome['bad'][number][] = []
  const scanned = partsOf(input).map((part, index) => scan(plan, part, {index, open, writeRun, bad, stepsDone}))
  const account = emptyAccount()
  for (const part of scanned) addAccount(account, part.account)
  const sourcesOf = (table: number) => runs[table]!.map(blocks => () => sourceOf(blocks) as never)
  const keepRun = (write: (sink: (block: Uint8Array) => void) => void): never => {
    const blocks: Uint8Array[] = []
    write(block => blocks.push(block.slice()))
    return (() => sourceOf(blocks)) as never
  }
  const rows = [...resultRows({plan, params, resolve, account, runs: sourcesOf, keepRun})]
  return {rows, account, lines: scanned.reduce((sum, {lines}) => sum + lines, 0), bad, runs}
}

function partsOf(input: Input): readonly Input[] {
  const {secondPart, chunks} = input
  if (secondPart === undefined) return [input]
  return [
    {...input, chunks: chunks.slice(0, secondPart)},
    {...input, chunks: chunks.slice(secondPart), isFirst: false},
  ]
}

interface Scan {
  readonly index: number
  readonly open: Open
  readonly writeRun: WriteRun
  readonly bad: Outcome['bad'][number][]
  readonly stepsDone: number | undefined
}

/** Scans one part with readers and tables of its own. */
function scan(
  plan: Plan,
  input: Input,
  {index, open, writeRun, bad, stepsDone}: Scan,
): {account: Account; lines: number} {
  const {resolve = refuse, budgetBytes = 1e9, params = {}} = input
  const emitter = needsPairs(plan)
    ? makePairEmitter({plan, params, resolve, budgetBytes, writeRun})
    : new GroupEmitter({plan, resolve, budgetBytes, writeRun})
  const pipeline = new RecordPipeline({
    plan,
    params,
    resolve,
    emitter,
    stepsDone,
    onBad: (line, reason, text, detail) => bad.push([line, reason, text, detail]),
  })
  const {reader, finish} = open(pipeline, writeRun, input)
  pipeline.beginPart('file', index)
  let bytes = 0
  for (const chunk of input.chunks) {
    if (input.isInPlace === true && reader instanceof KernelReader) fill(reader, chunk)
    else reader.push(chunk)
    bytes += chunk.length
  }
  reader.end()
  const account = pipeline.endPart(bytes)
  finish()
  emitter.finish()
  return {account, lines: reader.lines}
}

export function byRows(plan: Plan, input: Input): Outcome {
  return run(plan, input, (pipeline, _, part) => ({
    reader: makeReader(plan.format, pipeline, optionsOf(part)),
    finish: () => undefined,
  }))
}

export interface KernelOutcome extends Outcome {
  /** Lines that the kernel left to the row path. */
  readonly passed: number
  /** Records that it gave to the row path cut to the needed fields; absent: none. */
  readonly smallRecords?: number
  /** Lines read by code made for usual ones; absent: none. */
  readonly usual?: number
  /** Runs that were coded ones; absent: none. */
  readonly codedRuns?: number
}

export function byKernel(plan: Plan, kernelPlan: KernelPlan, input: Input): KernelOutcome {
  let passed = 0
  let smallRecords = 0
  let usual = 0
  let codedRuns = 0
  const usualOptions = {bytesMin: input.usualBytes, codeValues: input.codeValues}
  const open: Open = (pipeline, writeRun, part) => {
    const {budgetBytes = 1e9, codesFrom, cellsFrom} = input
    const codes = {...(codesFrom === undefined ? {} : {codesFrom}), ...(cellsFrom === undefined ? {} : {cellsFrom})}
    const coded: CodedRuns = {
      bytesMax: () => 1e9,
      isShared: false,
      take: (table, run) => {
        codedRuns++
        writeRun(table, sink => writeRecordsOf(run, sink))
      },
    }
    const kernel = new Kernel({
      ...{plan: kernelPlan, budgetBytes, writeRun, usual: usualOptions, ...codes},
      coded: input.isCoded ? coded : undefined,
    })
    const sink = {
      get account() {
        return pipeline.account
      },
      record: (...args: Parameters<RecordPipeline['record']>) => {
        passed++
        pipeline.record(...args)
      },
      smallRecord: (...args: Parameters<RecordPipeline['smallRecord']>) => {
        smallRecords++
        pipeline.smallRecord(...args)
      },
      bad: (...args: Parameters<RecordPipeline['bad']>) => pipeline.bad(...args),
      skipped: (...args: Parameters<RecordPipeline['skipped']>) => pipeline.skipped(...args),
    }
    const finish = (): void => {
      kernel.writeRuns()
      usual += kernel.usualLines
    }
    return {reader: new KernelReader(kernel, sink, optionsOf(part)), finish}
  }
  const outcome = run(plan, input, open, kernelPlan.records?.stepsDone)
  return {
    ...outcome,
    passed,
    ...(smallRecords === 0 ? {} : {smallRecords}),
    ...(usual === 0 ? {} : {usual}),
    ...(codedRuns === 0 ? {} : {codedRuns}),
  }
}

function optionsOf({isFirst = true, names, recordBytesMax}: Input): Parameters<typeof makeReader>[2] {
  return {
    isFirst,
    ...(names === undefined ? {} : {names}),
    ...(recordBytesMax === undefined ? {} : {recordBytesMax}),
  }
}
