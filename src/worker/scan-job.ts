/** What the main thread and the scanning threads say to each other. All of it survives structured cloning. */
import type {Account, EngineChoice, MergedText, UsualExchange} from '../engine/index.ts'
import type {FormatNode, Params, Plan} from '../rules/index.ts'
import type {RangeEnds} from './csv-ranges.ts'
import type {InputFile} from './input-files.ts'
import type {MergePiece} from './merge-piece.ts'
import type {Run} from './run-files.ts'
import type {SharedParts} from './shared-parts.ts'

/** Everything a scanner needs to know before its first part. */
export interface ScanJob {
  readonly plan: Plan
  /** Those that can cross threads; they are laid over the rule's own, which each thread has from loading the rule. */
  readonly params: Params
  /** Where a thread loads the rule's functions from; null when scanning needs none. */
  readonly rule: RuleAddress | null
  /** Bytes that the group tables of one scanner may hold. */
  readonly budgetBytes: number
  /** Folder for runs and bad lines. */
  readonly folder: string
  readonly scanner: number
  /** Shared counters, `countersPerScanner` doubles for each scanner; see `counterSlots`. */
  readonly counters: SharedArrayBuffer
  readonly keepsBad: boolean
  readonly recordsMax: number | null
  readonly engine: EngineChoice
  /** Other threads will read the runs as well. */
  readonly sharesRuns: boolean
  /** Runs may be coded ones: they are merged in this process. */
  readonly codesRuns?: boolean
  /** Of all scanners, when there are several. */
  readonly usual?: UsualExchange
}

/** What a scanning thread is started with. */
export interface ThreadData {
  /** Folder in which compiled code is kept, when it is. The loader of the core reads it (scripts/build/load-core.js). */
  readonly codeFolder: string | undefined
  /** The program and the first words of its command line: each command has its own code. */
  readonly words: readonly string[]
}

/** A rule inside a rule file: the index among the module's rules, then indexes among the rules in `sourceTags`. */
export interface RuleAddress {
  readonly file: string
  readonly path: readonly number[]
}

/** A piece of the input, handed to one scanner. `part` increases in input order. */
export type ScanPart = {readonly part: number; readonly format: FormatNode} & (
  | {
      readonly kind: 'range'
      readonly name: string
      readonly path: string
      readonly start: number
      readonly end: number
      /** CSV only: what lines do not need. */
      readonly csv?: CsvRange
    }
  | {
      readonly kind: 'chunk'
      readonly name: string
      readonly bytes: Uint8Array
      readonly isFirst: boolean
      readonly names: readonly string[] | null
      /** Bytes left out of a line that is too long anyway. */
      readonly droppedBytes: number
    }
  | {readonly kind: 'file'; readonly input: InputFile}
)

/** A range of a CSV file, whose quotes decide where a record begins. */
export interface CsvRange {
  /** Its number, and where ranges of this file ended. */
  readonly index: number
  readonly ends: RangeEnds
  /** null for the first range, which finds them by itself. */
  readonly names: readonly string[] | null
}

export interface PartResult {
  readonly part: number
  readonly name: string
  readonly isFirst: boolean
  readonly account: Account
  /** True when --sample has its records: further parts need not be read. */
  readonly isFull: boolean
  /** Physical lines of the part: what the next part of the file starts after. */
  readonly lines: number
  /** Bad lines of the part, one JSON object a line, when they are kept. */
  readonly badFile: string | null
}

/** Runs by table number (engine/tables.ts). */
export type ScannerRuns = readonly (readonly Run[])[]

/** Slots of one scanner in the shared counters. */
export const counterSlots = {sourceBytes: 0, bytes: 1, records: 2, bad: 3, isBusy: 4, stop: 5} as const
export const countersPerScanner = 8

export type ToScanner =
  /** First, and once: one of these two. The second only merges, and needs no code of a rule. */
  | {readonly type: 'open'; readonly job: ScanJob}
  | {readonly type: 'open-merger'; readonly plan: Plan}
  /** Take parts by yourself, and finish. Each of them is answered by `part-done`; a scanner that is too late says nothing. */
  | {readonly type: 'share'; readonly shared: SharedParts}
  | {readonly type: 'part'; readonly part: ScanPart}
  | {readonly type: 'finish'}
  /** After `finish`, `share` or `open-merger`. */
  | {readonly type: 'merge'; readonly piece: MergePiece}
export type FromScanner =
  | {readonly type: 'ready'}
  | {readonly type: 'part-done'; readonly result: PartResult}
  | {readonly type: 'finished'; readonly runs: ScannerRuns}
  | {readonly type: 'merged'; readonly merged: MergedText}
  | {readonly type: 'failed'; readonly error: PlainError}
  /** It met the stop flag. */
  | {readonly type: 'stopped'}

/** An error on its way through a thread boundary. */
export interface PlainError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  readonly hint: string | undefined
  readonly exitCode: number | undefined
}
