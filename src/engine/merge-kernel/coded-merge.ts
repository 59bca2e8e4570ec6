/** What the merge kernel holds in its memory of the coded runs of a table: merged texts of their keys, and how each run's places become merged keys. */
import type {ColumnNode} from '../columns/index.ts'
import type {CodedRun} from '../groups/index.ts'
import type {MergeExports} from './instance.ts'
import {codedKeyBitsMax, codedTextBytesMax, codedTotalBitsMax, readSlackBytes} from './limits.ts'
import {mergeImage} from './plan-image.ts'
import type {RowTemplate} from './row-template.ts'

export interface CodedTable {
  /** Another one for other runs, or another template. */
  readonly id: number
  readonly template: RowTemplate
  readonly partCount: number
  readonly columns: readonly ColumnNode[]
  readonly runs: readonly CodedRun[]
}

/** Entries of a run that are merged: from..to-1. */
export interface CodedStretch {
  readonly from: number
  readonly to: number
}

/** The kernel, as far as this needs it. */
export interface CodedHost {
  readonly wasm: MergeExports
  /** The memory, of which the first `end` bytes are there. */
  readonly memory: (end: number) => Uint8Array
  /** Has the kernel ask for blocks of a reader's records. */
  readonly refilledBy: <T>(refill: (reader: number, memory: Uint8Array) => number, work: () => T) => T
}

const codedPlanBytes = 32
const readerBytes = 40
const partMapBytes = 16
const listBytes = 16
const placeBytes = 16
const sumBytes = 16
const scratchBytes = 32
const blockHeaderBytes = 16
/** A text in a row has six bytes for each of its own, at most, and quotes. */
const escapedFactor = 6
const quoteBytes = 2

/** Whether such runs can be merged by their numbers. */
export function canMergeCoded(runs: readonly CodedRun[]): boolean {
  const textBytes = runs.flatMap(({parts}) => parts).reduce((sum, {texts}) => sum + texts.length, 0)
  if (textBytes > codedTextBytesMax) return false
  const parts = runs[0]?.parts ?? []
  const keyBits = parts.reduce(
    (sum, _, part) => sum + bitsOf(runs.reduce((count, run) => count + run.parts[part]!.count, 0)),
    0,
  )
  const scales = scalesOf(runs)
  const sizes = runs.map(run =>
    run.kind === 'numbers' ? 2 ** run.totalBits * Number(largest(factorsOf(run, scales))) : 0,
  )
  return keyBits <= codedKeyBitsMax && sizes.reduce((sum, size) => sum + size, 0) < 2 ** codedTotalBitsMax
}

const largest = (values: readonly bigint[]): bigint => values.reduce((most, value) => (value > most ? value : most), 1n)

/** Of each value the finest scale of its totals. */
function scalesOf(runs: readonly CodedRun[]): readonly number[] {
  const scales: number[] = []
  for (const run of runs) {
    if (run.kind === 'states') continue
    for (const [index, {scale}] of run.values.entries()) scales[index] = Math.max(scales[index] ?? 0, scale)
  }
  return scales
}

const factorsOf = (run: CodedRun & {kind: 'numbers'}, scales: readonly number[]): readonly bigint[] =>
  run.values.map(({scale}, index) => 10n ** BigInt(scales[index]! - scale))

/** Bits that numbers below `count` take. */
const bitsOf = (count: number): number => Math.ceil(Math.log2(Math.max(2, count)))

/** One table at a time; `open` it, then `merge` stretches of it. */
export class CodedMerge {
  readonly #host: CodedHost
  readonly #table: CodedTable
  readonly #readersAt: number
  /** Behind all that stays. */
  readonly #end: number

  constructor(host: CodedHost, table: CodedTable) {
    this.#host = host
    this.#table = table
    const {runs, partCount, columns} = table
    const planAt = host.wasm.codedPlanAddress()
    let at = planAt + codedPlanBytes
    const reserve = (bytes: number): number => {
      const place = aligned(at)
      at = place + bytes
      return place
    }
    this.#readersAt = reserve(runs.length * readerBytes)
    const orderAt = reserve((3 * runs.length + 1) * placeBytes)
    const listsAt = reserve(partCount * listBytes)
    const mapsAt = reserve(runs.length * partCount * partMapBytes)
    const sumsAt = reserve(columns.length * sumBytes)
    const scalesAt = reserve(columns.length * 4)
    const scratchAt = reserve(columns.length * scratchBytes)
    const factorsAt = reserve(runs.length * columns.length * 8)
    const statesAt = runs.map(run => (run.kind === 'states' ? reserve(run.states.length + readSlackBytes) : 0))
    let shift = 0
    let textBytesMax = 0
    // From the last part on, whose numbers are the lowest bits.
    for (let part = partCount - 1; part >= 0; part--) {
      const of = runs.map(run => run.parts[part]!)
      const most = of.reduce((count, part) => count + part.count, 0)
      const list = reserve(most * 8)
      const numbersAt = of.map(({count}) => reserve(count * 8))
      const textsAt = reserve(0)
      const made = this.#mergeTexts(part, shift, {list, numbersAt, textsAt})
      at = made.end + readSlackBytes
      textBytesMax += made.longest
      const bits = bitsOf(made.count)
      const words = this.#words(at)
      setWords(words, listsAt + part * listBytes, [list, shift, 2 ** bits - 1])
      for (const [run, {shift: placeShift, bits: placeBits}] of of.entries())
        setWords(words, mapsAt + (run * partCount + part) * partMapBytes, [
          numbersAt[run]!,
          placeShift,
          2 ** placeBits - 1,
        ])
      shift += bits
    }
    this.#end = aligned(at)
    const words = this.#words(this.#end)
    const scales = scalesOf(runs)
    setWords(words, planAt, [this.#readersAt, runs.length, orderAt, listsAt, sumsAt, scalesAt, scratchAt, textBytesMax])
    setWords(
      words,
      scalesAt,
      columns.map((_, index) => scales[index] ?? 0),
    )
    for (const [index, run] of runs.entries()) {
      const factors = factorsAt + index * columns.length * 8
      const isStates = run.kind === 'states'
      const maps = mapsAt + index * partCount * partMapBytes
      setWords(words, this.#readersAt + index * readerBytes + 16, [
        run.entryBytes,
        isStates ? 1 : 0,
        statesAt[index]!,
        maps,
        factors,
      ])
      if (isStates) host.memory(this.#end).set(run.states, statesAt[index]!)
      else
        for (const [value, factor] of factorsOf(run, scales).entries())
          words.setBigInt64(factors + value * 8, factor, true)
    }
  }

  get id(): number {
    return this.#table.id
  }

  /** Merges the texts of a part to `textsAt`, and gives those of each run their numbers. */
  #mergeTexts(
    part: number,
    shift: number,
    {list, numbersAt, textsAt}: {list: number; numbersAt: readonly number[]; textsAt: number},
  ): {end: number; count: number; longest: number} {
    const {wasm, memory, refilledBy} = this.#host
    const {template, runs} = this.#table
    const of = runs.map(run => run.parts[part]!)
    const frontBytes = Buffer.byteLength(template.fronts[part]!) + quoteBytes
    const most = of.reduce((sum, {texts, count}) => sum + texts.length * escapedFactor + count * frontBytes, 0)
    const cursorsAt = aligned(textsAt + most + readSlackBytes)
    const image = this.#image(
      aligned(cursorsAt + runs.length * 4),
      of.map(({texts}) => texts.length + blockHeaderBytes),
    )
    setWords(this.#words(image.end), cursorsAt, numbersAt)
    const isRead = of.map(() => false)
    const refill = (reader: number, bytes: Uint8Array): number => {
      if (isRead[reader]) return 0
      isRead[reader] = true
      bytes.set(of[reader]!.texts, image.blocks[reader]!.at + blockHeaderBytes)
      return of[reader]!.count
    }
    const end = refilledBy(refill, () => wasm.mergeTexts(part, shift, list, cursorsAt, textsAt))
    memory(end)
    return {end, count: wasm.textCount(), longest: wasm.longestText()}
  }

  /** Has the kernel merge these stretches of the runs, one of each. */
  merge(stretches: readonly CodedStretch[]): void {
    const {runs} = this.#table
    let at = this.#end
    const places = runs.map(({entryBytes}, index) => {
      const {from, to} = stretches[index]!
      const place = at
      at = aligned(at + (to - from) * entryBytes + readSlackBytes)
      return place
    })
    const {end} = this.#image(at, [])
    const bytes = this.#host.memory(end)
    const words = this.#words(end)
    for (const [index, {entries, entryBytes}] of runs.entries()) {
      const {from, to} = stretches[index]!
      const place = places[index]!
      bytes.set(entries.subarray(from * entryBytes, to * entryBytes), place)
      setWords(words, this.#readersAt + index * readerBytes + 8, [place, place + (to - from) * entryBytes])
    }
    this.#host.wasm.mergeCoded()
  }

  /** Writes the kernel's plan, with readers of blocks of these sizes. */
  #image(at: number, blockBytes: readonly number[]): ReturnType<typeof mergeImage> {
    const {wasm, memory} = this.#host
    const {template, partCount, columns, runs} = this.#table
    const image = mergeImage(
      {template, partCount, columns, low: undefined, high: undefined, blockBytes, holderCount: runs.length},
      at,
    )
    const bytes = memory(image.end)
    bytes.set(image.plan, wasm.planAddress())
    bytes.set(image.rest, at)
    return image
  }

  #words(end: number): DataView {
    return new DataView(this.#host.memory(end).buffer)
  }
}

function setWords(view: DataView, at: number, words: readonly number[]): void {
  for (const [index, word] of words.entries()) view.setUint32(at + index * 4, word, true)
}

const alignment = 64

function aligned(at: number): number {
  return Math.ceil(at / alignment) * alignment
}
