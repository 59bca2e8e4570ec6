/** Cuts the merge of a table's runs into pieces by key, so that several threads can work on it. */
import {compareKeys, mergedBlocksBytesMax, mergedRunsMax, type RowTemplate} from '../engine/index.ts'
import {blocksBetween, firstKeyAt, longestBlock} from './block-index.ts'
import {mergePieceBytesMin, mergePieceRunBytes} from './limits.ts'
import type {RecordPiece, RunStretch} from './merge-piece.ts'
import {type Run, runLengthBytes} from './run-files.ts'

/** True when all runs can be merged at once, by their blocks. */
export function canMergeByBlocks(runs: readonly Run[]): boolean {
  if (runs.length > mergedRunsMax || runs.some(run => run.index === undefined)) return false
  return blockBytesOf(runs) <= mergedBlocksBytesMax
}

/** How many threads may merge such runs at the same time: each holds a block of every run. At least one. */
export function mergesAtOnceMax(runs: readonly Run[]): number {
  return Math.max(1, Math.floor(mergedBlocksBytesMax / Math.max(1, blockBytesOf(runs))))
}

/** Bytes of the longest block of each run. */
const blockBytesOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, {index}) => sum + (index === undefined ? 0 : longestBlock(index)), 0)

/** Pieces in the order of their keys; each key is in one of them. */
export function* mergePieces(table: number, template: RowTemplate, runs: readonly Run[]): Generator<RecordPiece> {
  const cuts = cutKeys(runs)
  for (let piece = 0; piece <= cuts.length; piece++) {
    const low = piece === 0 ? undefined : cuts[piece - 1]
    const high = cuts[piece]
    const stretches = runs.flatMap(run => stretchOf(run, low, high))
    if (stretches.length > 0) yield {kind: 'records', table, template, low, high, stretches}
  }
}

/** Keys at which pieces begin, ascending: first keys of blocks, chosen so that pieces have about as many bytes of runs. */
function cutKeys(runs: readonly Run[]): Uint8Array[] {
  const blocks = runs.flatMap(({index}) =>
    index === undefined ? [] : Array.from(index.blockBytes, (bytes, block) => ({key: firstKeyAt(index, block), bytes})),
  )
  // A block that reaches into the next piece is read for both; runs that have little but one block take no part in that.
  const readTwice = runs.reduce((sum, {bytes}) => sum + Math.min(bytes, mergePieceRunBytes), 0)
  const pieceBytes = Math.max(mergePieceBytesMin, readTwice)
  const total = blocks.reduce((sum, {bytes}) => sum + bytes, 0)
  const wanted = total / Math.max(1, Math.round(total / pieceBytes))
  const cuts: Uint8Array[] = []
  let filled = 0
  for (const {key, bytes} of blocks.sort((a, b) => compareKeys(a.key, b.key))) {
    const last = cuts.at(-1)
    if (filled >= wanted && (last === undefined || compareKeys(last, key) < 0)) {
      cuts.push(key)
      filled = 0
    }
    filled += bytes
  }
  return cuts
}

function stretchOf(run: Run, low: Uint8Array | undefined, high: Uint8Array | undefined): RunStretch[] {
  const {index} = run
  if (index === undefined || run.kind === 'coded') return []
  const {first, end} = blocksBetween(index, low, high)
  if (first === end) return []
  const blockBytes = index.blockBytes.slice(first, end)
  if (run.kind === 'memory')
    return [{kind: 'memory', firstBlock: first, blockBytes, blocks: run.blocks.slice(first, end)}]
  const before = index.blockBytes.subarray(0, first)
  const position = before.reduce((sum, bytes) => sum + bytes + runLengthBytes, run.span?.from ?? 0)
  return [{kind: 'file', firstBlock: first, blockBytes, path: run.path, position}]
}
