/** One piece of a merge: the groups of a stretch of keys, from all runs of a table, as text. In whatever thread is free. */
import {closeSync, openSync, readSync} from 'node:fs'
import {assert} from '../base/index.ts'
import {
  type BlockSource,
  type CodedRun,
  type CodedStretch,
  type MergedText,
  MergeKernel,
  type RowTemplate,
  type TextMerge,
  textTables,
} from '../engine/index.ts'
import type {Plan} from '../rules/index.ts'
import {restOfRow} from '../sinks/index.ts'
import {longestBlock} from './block-index.ts'
import {cutShort, readBackError, runLengthBytes} from './run-files.ts'

/** Consecutive blocks of a run. */
export type RunStretch = {
  /** Place of the first of them in the run. */
  readonly firstBlock: number
  readonly blockBytes: Uint32Array
} & (
  | {
      readonly kind: 'file'
      readonly path: string /** Of the first block, its length in front. */
      readonly position: number
    }
  | {readonly kind: 'memory'; readonly blocks: readonly Uint8Array[]}
)

/** Survives structured cloning. */
export type MergePiece = RecordPiece | CodedPiece

export interface RecordPiece {
  readonly kind: 'records'
  readonly table: number
  readonly template: RowTemplate
  readonly low: Uint8Array | undefined
  readonly high: Uint8Array | undefined
  readonly stretches: readonly RunStretch[]
}

/** Of a table whose runs are coded: a stretch of each. */
export interface CodedPiece {
  readonly kind: 'coded'
  /** The same for all pieces of one merge. */
  readonly id: number
  readonly table: number
  readonly template: RowTemplate
  readonly runs: readonly CodedRun[]
  readonly stretches: readonly CodedStretch[]
}

/** Keeps its memory from one piece to the next. */
export class PieceMerger {
  readonly #plan: Plan
  #kernel: MergeKernel | undefined

  constructor(plan: Plan) {
    this.#plan = plan
  }

  /** @throws UserError SPILL_FAILED */
  merge(piece: MergePiece): MergedText {
    const {table, template} = piece
    const text = textTables(this.#plan)?.find(known => known.table === table)
    assert(text !== undefined, 'only groups of a table are merged to text')
    this.#kernel ??= new MergeKernel()
    const {partCount, columns} = text
    const finishRow: TextMerge['finishRow'] = (values, approximate) => restOfRow(template, values, approximate)
    if (piece.kind === 'coded') return this.#kernel.mergeCoded({...piece, partCount, columns, finishRow})
    const {low, high, stretches} = piece
    const opened: StretchSource[] = []
    try {
      for (const stretch of stretches) opened.push(new StretchSource(stretch))
      return this.#kernel.merge({
        template,
        partCount,
        columns,
        sources: opened,
        low,
        high,
        finishRow,
      })
    } finally {
      for (const source of opened) source.close()
    }
  }
}

class StretchSource implements BlockSource {
  readonly firstBlock: number
  readonly blockBytesMax: number
  readonly #stretch: RunStretch
  #file: number | undefined
  #next = 0
  #position = 0

  constructor(stretch: RunStretch) {
    this.#stretch = stretch
    this.firstBlock = stretch.firstBlock
    this.blockBytesMax = longestBlock(stretch)
    if (stretch.kind === 'file') this.#position = stretch.position
  }

  read(into: Uint8Array): number {
    const stretch = this.#stretch
    const count = stretch.blockBytes[this.#next]
    if (count === undefined) return 0
    const index = this.#next++
    if (stretch.kind === 'memory') {
      into.set(stretch.blocks[index]!)
      return count
    }
    try {
      this.#file ??= openSync(stretch.path, 'r')
      for (let done = 0; done < count; ) {
        const read = readSync(this.#file, into, done, count - done, this.#position + runLengthBytes + done)
        if (read === 0) throw cutShort(stretch.path)
        done += read
      }
    } catch (error) {
      throw readBackError(stretch.path, error)
    }
    this.#position += runLengthBytes + count
    return count
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}
