/** Sorted runs of groups to the text of rows, in WebAssembly: what mergeRuns, the columns and the formats do one by one. */
import {assert} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import {ByteCursor} from '../bytes/index.ts'
import {type ColumnNode, makeColumn} from '../columns/index.ts'
import {openBlock} from '../groups/index.ts'
import {type MergeExports, openInstance} from './instance.ts'
import {mergedRunsMax} from './limits.ts'
import {type MergeImage, mergeImage} from './plan-image.ts'
import type {RowTemplate} from './row-template.ts'
import {TextPieces} from './text-pieces.ts'

/** Consecutive blocks of a run of groups. */
export interface BlockSource {
  /** Place of the first of them in the run. */
  readonly firstBlock: number
  /** Of the longest. */
  readonly blockBytesMax: number
  /** Copies the next block to the beginning of `into`. @returns its bytes; 0 when there are no more */
  read(into: Uint8Array): number
}

export interface TextMerge {
  readonly template: RowTemplate
  readonly partCount: number
  /** The columns that wrote the runs, in their order. */
  readonly columns: readonly ColumnNode[]
  /** At most mergedRunsMax, and not more than mergedBlocksBytesMax of their longest blocks. */
  readonly sources: readonly BlockSource[]
  /** Only keys from `low` on and before `high`. Any bytes that are the key of some group. */
  readonly low?: Uint8Array | undefined
  readonly high?: Uint8Array | undefined
  /** The values of a row that the kernel leaves alone, and what ends the row; `approximate`: which of them are estimates. */
  readonly finishRow: (values: readonly Cell[], approximate: readonly number[]) => string
}

export interface MergedText {
  /** UTF-8, without the template's head. */
  readonly text: readonly Uint8Array<ArrayBuffer>[]
  readonly rows: number
  /** In how many rows a column is an estimate, by its index, in the order in which that was first so. */
  readonly estimates: ReadonlyMap<number, number>
  /** Rows that were not finished by the kernel. */
  readonly hostRows: number
}

const pageBytes = 64 * 1024

/** Keeps its memory from one merge to the next. */
export class MergeKernel {
  readonly #wasm: MergeExports
  #memory = new Uint8Array(0)
  #merge: OpenMerge | undefined

  constructor() {
    this.#wasm = openInstance({
      refill: reader => this.#current.refill(reader, this.#bytes),
      number: (value, to) => writeAscii(String(value), this.#bytes, to),
      flush: (from, to) => this.#current.text.add(this.#bytes.subarray(from, to)),
      finishRow: () => this.#finishRow(),
    })
  }

  /** @throws UserError SPILL_FAILED when a block is damaged, and what sources throw */
  merge(merge: TextMerge): MergedText {
    assert(merge.sources.length <= mergedRunsMax, `at most ${mergedRunsMax} runs are merged at once`)
    const {template, partCount, columns, low, high, sources} = merge
    const blockBytes = sources.map(source => source.blockBytesMax)
    const base = this.#wasm.planAddress()
    const image = mergeImage({template, partCount, columns, low, high, blockBytes}, base)
    this.#reserve(image.end)
    this.#bytes.set(image.bytes, base)
    const open = new OpenMerge(merge, image)
    this.#merge = open
    this.#wasm.merge()
    this.#merge = undefined
    return {text: open.text.take(), rows: this.#wasm.rows() >>> 0, estimates: open.estimates, hostRows: open.hostRows}
  }

  get #current(): OpenMerge {
    assert(this.#merge !== undefined, 'the merge kernel asks only while it merges')
    return this.#merge
  }

  /** The whole memory; good until it grows. */
  get #bytes(): Uint8Array {
    if (this.#memory.buffer !== this.#wasm.memory.buffer) this.#memory = new Uint8Array(this.#wasm.memory.buffer)
    return this.#memory
  }

  #reserve(end: number): void {
    const missing = end - this.#bytes.length
    if (missing > 0) this.#wasm.memory.grow(Math.ceil(missing / pageBytes))
  }

  #finishRow(): void {
    const wasm = this.#wasm
    const bytes = this.#bytes
    this.#current.finishRow(
      Array.from({length: wasm.holders()}, (_, holder) =>
        bytes.subarray(wasm.statesStart(holder) >>> 0, wasm.statesEnd(holder) >>> 0),
      ),
    )
  }
}

/** What the kernel is asked for while it merges. */
class OpenMerge {
  readonly text = new TextPieces()
  readonly estimates = new Map<number, number>()
  hostRows = 0
  readonly #merge: TextMerge
  readonly #image: MergeImage
  readonly #nextBlock: number[]
  readonly #columns
  readonly #cursor = new ByteCursor()

  constructor(merge: TextMerge, image: MergeImage) {
    this.#merge = merge
    this.#image = image
    this.#nextBlock = merge.sources.map(source => source.firstBlock)
    this.#columns = merge.columns.map(makeColumn)
    for (const column of this.#columns) column.grow(1)
  }

  /** Returns the records of the next block that has any; 0 at the end. */
  refill(reader: number, memory: Uint8Array): number {
    const {at, bytes} = this.#image.blocks[reader]!
    for (;;) {
      const count = this.#merge.sources[reader]!.read(memory.subarray(at, at + bytes))
      if (count === 0) return 0
      const {records} = openBlock(memory.subarray(at, at + count), this.#nextBlock[reader]!++)
      if (records > 0) return records
    }
  }

  /** @param states - of the group, in each run that holds it */
  finishRow(states: readonly Uint8Array[]): void {
    for (const column of this.#columns) column.clear()
    for (const bytes of states) {
      this.#cursor.open(bytes)
      for (const column of this.#columns) column.merge(0, this.#cursor)
      assert(this.#cursor.isAtEnd, 'a run holds the states of exactly these columns')
    }
    const approximate: number[] = []
    const values = this.#columns.map((column, index) => {
      if (column.isApproximate(0)) {
        approximate.push(index)
        this.estimates.set(index, (this.estimates.get(index) ?? 0) + 1)
      }
      return column.finish(0)
    })
    this.hostRows++
    this.text.add(Buffer.from(this.#merge.finishRow(values, approximate)))
  }
}

/** Returns the bytes. */
function writeAscii(text: string, memory: Uint8Array, to: number): number {
  for (let index = 0; index < text.length; index++) memory[to + index] = text.charCodeAt(index)
  return text.length
}
