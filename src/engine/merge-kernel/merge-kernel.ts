/** Sorted runs of groups to the text of rows, in WebAssembly: what mergeRuns, the columns and the formats do one by one. */
import {assert, markdownText} from '../../base/index.ts'
import type {ColumnNode} from '../columns/index.ts'
import {decodeKey, openBlock} from '../groups/index.ts'
import {CodedMerge, type CodedStretch, type CodedTable} from './coded-merge.ts'
import {type MergeExports, openInstance} from './instance.ts'
import {mergedRunsMax} from './limits.ts'
import {type MergeImage, mergeImage} from './plan-image.ts'
import {type FinishRow, RowFinisher} from './row-finisher.ts'
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
  readonly finishRow: FinishRow
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

/** A stretch of each coded run of a table. */
export interface CodedTextMerge extends CodedTable {
  readonly stretches: readonly CodedStretch[]
  readonly finishRow: FinishRow
}

const pageBytes = 64 * 1024

/** Keeps its memory from one merge to the next. */
export class MergeKernel {
  readonly #wasm: MergeExports
  #memory = new Uint8Array(0)
  #refill: Refill | undefined
  #text: TextPieces | undefined
  #finisher: RowFinisher | undefined
  #coded: CodedMerge | undefined

  constructor() {
    this.#wasm = openInstance({
      refill: reader => asked(this.#refill)(reader, this.#bytes),
      number: (value, to) => writeAscii(String(value), this.#bytes, to),
      flush: (from, to) => asked(this.#text).add(this.#bytes.subarray(from, to)),
      finishRow: () => this.#finishRow(),
      markdown: (from, end, to) => {
        // With the byte that closes it the part is a key of its own.
        const [text] = decodeKey(this.#bytes.subarray(from, end + 1))
        return to + Buffer.from(this.#bytes.buffer).write(markdownText(text!), to)
      },
    })
  }

  /** @throws UserError SPILL_FAILED when a block is damaged, and what sources throw */
  merge(merge: TextMerge): MergedText {
    assert(merge.sources.length <= mergedRunsMax, `at most ${mergedRunsMax} runs are merged at once`)
    const {template, partCount, columns, low, high, sources} = merge
    const blockBytes = sources.map(source => source.blockBytesMax)
    const base = this.#wasm.restAddress()
    const image = mergeImage({template, partCount, columns, low, high, blockBytes}, base)
    // A coded table lies where the image goes.
    this.#coded = undefined
    const bytes = this.#reserved(image.end)
    bytes.set(image.plan, this.#wasm.planAddress())
    bytes.set(image.rest, base)
    return this.#textOf(merge, () => this.#refilledBy(refillFrom(sources, image), () => this.#wasm.merge()))
  }

  /** Of the table that was merged last the texts are known already. */
  mergeCoded(merge: CodedTextMerge): MergedText {
    if (this.#coded?.id !== merge.id) {
      this.#coded = new CodedMerge(
        {
          wasm: this.#wasm,
          memory: end => this.#reserved(end),
          refilledBy: (refill, work) => this.#refilledBy(refill, work),
        },
        merge,
      )
    }
    const coded = this.#coded
    return this.#textOf(merge, () => coded.merge(merge.stretches))
  }

  #textOf({columns, finishRow}: Pick<TextMerge, 'columns' | 'finishRow'>, work: () => void): MergedText {
    const text = new TextPieces()
    const finisher = new RowFinisher(columns, finishRow)
    this.#text = text
    this.#finisher = finisher
    work()
    this.#text = undefined
    this.#finisher = undefined
    const {estimates, rows: hostRows} = finisher
    return {text: text.take(), rows: this.#wasm.rows() >>> 0, estimates, hostRows}
  }

  #refilledBy<T>(refill: Refill, work: () => T): T {
    this.#refill = refill
    const made = work()
    this.#refill = undefined
    return made
  }

  /** The whole memory; good until it grows. */
  get #bytes(): Uint8Array {
    if (this.#memory.buffer !== this.#wasm.memory.buffer) this.#memory = new Uint8Array(this.#wasm.memory.buffer)
    return this.#memory
  }

  #reserved(end: number): Uint8Array {
    const missing = end - this.#bytes.length
    if (missing > 0) this.#wasm.memory.grow(Math.ceil(missing / pageBytes))
    return this.#bytes
  }

  #finishRow(): void {
    const wasm = this.#wasm
    const bytes = this.#bytes
    const states = Array.from({length: wasm.holders()}, (_, holder) =>
      bytes.subarray(wasm.statesStart(holder) >>> 0, wasm.statesEnd(holder) >>> 0),
    )
    asked(this.#text).add(asked(this.#finisher).textOf(states))
  }
}

/** Reads the next block of a reader that has records to its place in the memory. Returns how many; 0 at the end. */
type Refill = (reader: number, memory: Uint8Array) => number

function asked<T>(answering: T | undefined): T {
  assert(answering !== undefined, 'the merge kernel asks only while it merges')
  return answering
}

function refillFrom(sources: readonly BlockSource[], image: MergeImage): Refill {
  const nextBlock = sources.map(source => source.firstBlock)
  return (reader, memory) => {
    const {at, bytes} = image.blocks[reader]!
    for (;;) {
      const count = sources[reader]!.read(memory.subarray(at, at + bytes))
      if (count === 0) return 0
      const {records} = openBlock(memory.subarray(at, at + count), nextBlock[reader]!++)
      if (records > 0) return records
    }
  }
}

/** Returns the bytes. */
function writeAscii(text: string, memory: Uint8Array, to: number): number {
  for (let index = 0; index < text.length; index++) memory[to + index] = text.charCodeAt(index)
  return text.length
}
