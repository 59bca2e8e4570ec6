/** The rows of a run as text, made by the merge kernel: in the scanning threads when there is much of it, else in this one. */

import {type CodedRun, type MergedText, type RowTemplate, type TextTable, textTables} from '../engine/index.ts'
import type {Plan} from '../rules/index.ts'
import {codedPieces, codedRuns} from './coded-pieces.ts'
import {piecesAheadMax} from './limits.ts'
import {type MergePiece, PieceMerger} from './merge-piece.ts'
import {canMergeByBlocks, mergePieces, mergesAtOnceMax} from './merge-pieces.ts'
import type {Merger} from './mergers.ts'
import {asRecords, type Run} from './run-files.ts'

/** @param keyset - index among the plan's keysets; @returns undefined when its rows cannot be written by a template */
export type TemplateOf = (keyset: number) => RowTemplate | undefined

export interface TextRows {
  /** The text of all rows, UTF-8. To be read once. */
  pieces(): AsyncGenerator<Uint8Array>
  /** Complete once the pieces have been read. */
  counts(): TextCounts
}

export interface TextCounts {
  /** Rows of each keyset by its name, those of keysets without rows left out. */
  readonly rows: Readonly<Record<string, number>>
  /** Rows with an estimate, by `keyset.column`. */
  readonly estimates: Readonly<Record<string, number>>
}

export interface TextRowsOptions {
  readonly plan: Plan
  readonly templateOf: TemplateOf
  /** Runs by table number. */
  readonly runs: readonly (readonly Run[])[]
  /** What merges; none: this thread does. */
  readonly mergers: () => readonly Merger[]
}

/** @returns undefined when the rows have to be made one by one */
export function textRows(options: TextRowsOptions): TextRows | undefined {
  const tables = textTables(options.plan)
  if (tables === undefined) return undefined
  const works: TableWork[] = []
  for (const table of tables) {
    const template = options.templateOf(table.table)
    if (template === undefined) return undefined
    const runs = options.runs[table.table]!
    const coded = codedRuns(runs, table.partCount)
    const records = coded === undefined ? runs.map(asRecords) : []
    if (!canMergeByBlocks(records)) return undefined
    works.push({table, template, coded, records})
  }
  const counts = {rows: {}, estimates: {}}
  return {pieces: () => piecesOf(works, options, counts), counts: () => counts}
}

interface TableWork {
  readonly table: TextTable
  readonly template: RowTemplate
  /** Its runs, when keys are merged by numbers. */
  readonly coded: readonly CodedRun[] | undefined
  /** Else these. */
  readonly records: readonly Run[]
}

async function* piecesOf(
  works: readonly TableWork[],
  {plan, mergers}: TextRowsOptions,
  counts: {rows: Record<string, number>; estimates: Record<string, number>},
): AsyncGenerator<Uint8Array> {
  let foot = ''
  const pieces = piecesInOrder(works)
  // The last ones: what merges in this thread comes first, and somebody has to write.
  const threads = mergers().slice(-Math.min(...works.map(({records}) => mergesAtOnceMax(records))))
  for await (const {piece, merged} of threads.length > 0
    ? mergedByThreads(pieces, threads)
    : mergedHere(pieces, plan)) {
    if (merged.rows === 0) continue
    const {name, values} = plan.keysets[piece.table]!
    const isFirst = counts.rows[name] === undefined
    const isAfterOthers = isFirst && Object.keys(counts.rows).length > 0
    counts.rows[name] = (counts.rows[name] ?? 0) + merged.rows
    for (const [column, count] of merged.estimates) {
      const label = `${name}.${values[column]!.column}`
      counts.estimates[label] = (counts.estimates[label] ?? 0) + count
    }
    if (!isFirst) {
      yield* merged.text
      continue
    }
    const {gap, head, separatorBytes} = piece.template
    const before = `${foot}${isAfterOthers ? gap : ''}${head}`
    foot = piece.template.foot
    if (before !== '') yield Buffer.from(before)
    const [start, ...rest] = merged.text
    yield start!.subarray(separatorBytes)
    yield* rest
  }
  if (foot !== '') yield Buffer.from(foot)
}

function* piecesInOrder(works: readonly TableWork[]): Generator<MergePiece> {
  for (const {table, template, coded, records} of works) {
    if (coded === undefined) yield* mergePieces(table.table, template, records)
    else yield* codedPieces(table, template, coded)
  }
}

interface MergedPiece {
  readonly piece: MergePiece
  readonly merged: MergedText
}

async function* mergedHere(pieces: Iterable<MergePiece>, plan: Plan): AsyncGenerator<MergedPiece> {
  const merger = new PieceMerger(plan)
  for (const piece of pieces) yield {piece, merged: merger.merge(piece)}
}

/** Keeps all threads busy and the pieces in order; only a few wait to be written. */
async function* mergedByThreads(pieces: Iterator<MergePiece>, mergers: readonly Merger[]): AsyncGenerator<MergedPiece> {
  const free = new FreeMergers(mergers)
  const waiting: Promise<MergedPiece>[] = []
  const startMore = (): void => {
    while (waiting.length < mergers.length + piecesAheadMax) {
      const next = pieces.next()
      if (next.done) return
      const work = mergeBy(free, next.value)
      // Its turn may come after another piece has failed.
      work.catch(() => undefined)
      waiting.push(work)
    }
  }
  for (;;) {
    startMore()
    const first = waiting.shift()
    if (first === undefined) return
    yield await first
  }
}

async function mergeBy(free: FreeMergers, piece: MergePiece): Promise<MergedPiece> {
  const merger = await free.take()
  try {
    return {piece, merged: await merger.merge(piece)}
  } finally {
    free.giveBack(merger)
  }
}

/** Mergers that may be given work, for those who wait, first come, first served. */
class FreeMergers {
  readonly #free: Merger[]
  readonly #waiting: ((merger: Merger) => void)[] = []

  constructor(mergers: readonly Merger[]) {
    // Each twice, last first: while this thread makes a piece it hands out none, and the others should have one left to do.
    this.#free = [...mergers, ...mergers]
  }

  async take(): Promise<Merger> {
    return this.#free.pop() ?? new Promise(resolve => this.#waiting.push(resolve))
  }

  giveBack(merger: Merger): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(merger)
    else next(merger)
  }
}
