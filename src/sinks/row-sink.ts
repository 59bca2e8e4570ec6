/** Where the rows of a batch go so that they count once, whatever is repeated. */
import type {ResultRow} from '../engine/index.ts'
import type {SinkTarget} from './target/index.ts'

/**
 * What rows do to those that are there: `add` keeps totals up to date by key, `append` adds rows, `replace` takes away what an
 * earlier batch of the same scope wrote.
 */
export type SinkMode = 'add' | 'append' | 'replace'

/** What is written at once, or not at all. */
export interface Batch {
  /** SHA-256, hexadecimal, of rule, plan hash and sorted identities of the blobs. */
  readonly id: string
  /** `module.rule` */
  readonly rule: string
  readonly planHash: string
  /** What `replace` replaces: the day or days that were asked for, else the rule's whole input. */
  readonly scope: string
  readonly blobCount: number
  /** Milliseconds since 1970, for the ledger's reader. */
  readonly startedAtMs: number
}

export interface SinkReceipt {
  /** The batch was there already: nothing was written. */
  readonly isRepeat: boolean
  /** Rows by table. */
  readonly rowCounts: Readonly<Record<string, number>>
}

/** Rows that lie in a table of the sink's own server. */
export interface StagedRows {
  /** Quoted, with its database. */
  readonly table: string
  /** Names of its columns: number of the keyset, place among its rows, bytes of long texts in the rows before. */
  readonly columns: {readonly keyset: string; readonly place: string; readonly bytes: string}
  readonly keysets: readonly {
    readonly keyset: string
    readonly number: number
    /** Keys, then values: SQL of a text, or null. */
    readonly cells: readonly string[]
  }[]
}

/** A sink into which rows can be moved on its server, without coming here. */
export interface Staging {
  readonly target: SinkTarget
  /** Why they cannot, in words for a person; undefined: they can. Asks the server, changes nothing. */
  whyNot(): Promise<string | undefined>
  /** As `RowSink.write`. What does not fit is found before the first row is moved. */
  write(batch: Batch, rows: StagedRows, signal: AbortSignal): Promise<SinkReceipt>
}

export interface RowSink {
  /** For people: kind and place, without secrets. */
  readonly name: string
  /**
   * Which sink it is, for whoever notes for which one a batch was begun: address with its whole path and the prefix of its tables. Without user,
   * password and query.
   */
  readonly place: string
  /** False: a batch that is written again counts again (files that are appended to, a webhook that does not look at ids). */
  readonly isExactlyOnce: boolean
  /** Statements that would make or change the tables; none when they are as they must be. Changes nothing. */
  ddl(): Promise<readonly string[]>
  hasBatch(id: string): Promise<boolean>
  /** Whether a batch of that id was written to any tables: those that the rule had before it was changed. */
  knowsBatch(id: string): Promise<boolean>
  /** Writes rows and the batch's id in one transaction, or as near to that as the target can. */
  write(batch: Batch, rows: Iterable<ResultRow>, signal: AbortSignal): Promise<SinkReceipt>
  /** Of a database that can move rows which lie there already. */
  readonly staging?: Staging
  close(): Promise<void>
}
