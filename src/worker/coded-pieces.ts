/** Cuts the merge of a table into pieces by key where some of its runs have numbers as keys. */
import {
  type CodedRun,
  canMergeCoded,
  codedOfRecords,
  entriesBefore,
  keyPartsAt,
  type RowTemplate,
  type TextTable,
} from '../engine/index.ts'
import {codedPieceEntries, codedRecordsShareMax} from './limits.ts'
import type {CodedPiece} from './merge-piece.ts'
import {openRun, type Run} from './run-files.ts'

/** The runs of a table as coded ones, those of records (lines that the kernel left alone) too; undefined: they are merged as records. */
export function codedRuns(runs: readonly Run[], partCount: number): readonly CodedRun[] | undefined {
  const coded: CodedRun[] = []
  let codedBytes = 0
  let recordBytes = 0
  for (const run of runs) {
    if (run.kind === 'coded') {
      coded.push(run.run)
      codedBytes += run.bytes
    } else {
      recordBytes += run.bytes
    }
  }
  if (coded.length === 0 || recordBytes > codedBytes * codedRecordsShareMax) return undefined
  for (const run of runs) {
    if (run.kind === 'coded') continue
    const source = openRun(run)
    try {
      const made = codedOfRecords(source, partCount)
      if (made === undefined) return undefined
      coded.push(made)
    } finally {
      source.close()
    }
  }
  return canMergeCoded(coded) ? coded : undefined
}

let idCount = 0

/** Pieces in the order of their keys; each key is in one of them. */
export function* codedPieces(
  {table}: TextTable,
  template: RowTemplate,
  runs: readonly CodedRun[],
): Generator<CodedPiece> {
  const id = ++idCount
  const largest = runs.reduce((most, run) => (run.count > most.count ? run : most))
  const total = runs.reduce((sum, {count}) => sum + count, 0)
  const pieces = Math.max(1, Math.round(total / codedPieceEntries))
  let from = runs.map(() => 0)
  for (let piece = 1; piece <= pieces; piece++) {
    const place = Math.floor((largest.count * piece) / pieces)
    const key = piece === pieces ? undefined : keyPartsAt(largest, place)
    const to = runs.map(run => (key === undefined ? run.count : entriesBefore(run, key)))
    const stretches = runs.map((_, index) => ({from: from[index]!, to: to[index]!}))
    yield {kind: 'coded', id, table, template, runs, stretches}
    from = to
  }
}
