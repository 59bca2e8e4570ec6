/** What the core of a folder follower hears, and what it orders. */
import type {BlobEntry, Codec, TagName} from '../../protocol/index.ts'
import type {LedgerFile, LedgerIntent, LedgerState} from '../../storage/index.ts'

/** A file as it lies in the folder. */
export interface FileStat {
  /** Relative to the folder, with `/`. */
  readonly path: string
  /** Device and inode. */
  readonly identity: string
  readonly bytes: number
  readonly modifiedAtMs: number
}

/** What a look into a file tells. Positions count bytes of its text. */
export interface Probe {
  readonly stat: FileStat
  readonly codec: Codec
  readonly textBytes: number
  /** Its first bytes, up to `headBytesMax`. */
  readonly head: Uint8Array
  /** Its last bytes, up to `windowBytes`. */
  readonly end: Uint8Array
  /** The bytes before positions that were asked for, up to `windowBytes`; absent where the text is shorter. */
  readonly windows: ReadonlyMap<number, Uint8Array>
}

export type ProbeResult =
  | {readonly type: 'probe'; readonly probe: Probe}
  | {readonly type: 'gone'}
  /** Compressed, and its end is missing: someone writes it. */
  | {readonly type: 'incomplete'; readonly stat: FileStat}
  | {readonly type: 'unreadable'; readonly message: string}

/** A chunk that lies in the spool. */
export interface CutChunk {
  readonly type: 'chunk'
  readonly to: number
  readonly entry: BlobEntry
  readonly head: Uint8Array
  readonly tailHash: string
  readonly header: Uint8Array | undefined
  /** Of the file when it was read. */
  readonly modifiedAtMs: number
}

export type CutResult =
  | CutChunk
  /** No whole record. */
  | {readonly type: 'nothing'}
  /** The path does not hold that file, or not that text, any more. */
  | {readonly type: 'changed'}
  /** The file cannot be used as it is. */
  | {readonly type: 'unusable'; readonly message: string; readonly hint?: string}
  /** Later it may work: the spool's disk is full. */
  | {readonly type: 'failed'; readonly message: string}

interface Timed {
  readonly nowMs: number
}

export type WatchEvent =
  | ({readonly type: 'started'; readonly ledger: LedgerState} & Timed)
  /** All files of the folder, in order of path; undefined: it cannot be listed. */
  | ({readonly type: 'listed'; readonly files: readonly FileStat[] | undefined; readonly message?: string} & Timed)
  /** The watcher saw something: this file, or it does not know what. */
  | ({readonly type: 'noticed'; readonly stat?: FileStat} & Timed)
  /** No watcher any more: list often. */
  | ({readonly type: 'watcher-lost'; readonly message: string} & Timed)
  | ({readonly type: 'probed'; readonly path: string; readonly result: ProbeResult} & Timed)
  | ({readonly type: 'cut'; readonly file: number; readonly result: CutResult} & Timed)
  | ({readonly type: 'pushed'; readonly wasKnown: boolean} & Timed)
  | ({readonly type: 'push-failed'; readonly message: string} & Timed)
  | ({readonly type: 'tick'} & Timed)

/** Things that a person may want to know. */
export type Report =
  | {
      readonly type: 'pushed'
      readonly tag: TagName
      readonly entry: BlobEntry
      readonly file: string
      readonly from: number
      readonly to: number
    }
  | {readonly type: 'truncated'; readonly file: string}
  | {readonly type: 'lost'; readonly file: string; readonly bytes: number}
  | {readonly type: 'unreadable'; readonly file: string; readonly message: string; readonly hint?: string}
  | {readonly type: 'incomplete'; readonly file: string}
  | {readonly type: 'away'; readonly message: string; readonly file: string; readonly tag: TagName}
  | {readonly type: 'back'}
  | {readonly type: 'warning'; readonly message: string}

export interface CutOrder {
  readonly row: LedgerFile
  readonly textBytes: number
  /** Also a last record without its end. */
  readonly isFinal: boolean
  /** Of the entry, before what stands for its codec, its begin and its end. */
  readonly entryName: string
}

export type WatchEffect =
  /** Persisted before anything behind it is done. */
  | {
      readonly type: 'save-files'
      readonly files: readonly LedgerFile[]
      readonly forgotten: readonly number[]
      readonly nextId: number
    }
  | {
      readonly type: 'save-intent'
      readonly intent: LedgerIntent
      readonly file: LedgerFile
      readonly nextId: number
    }
  /** The chunk is safe; its spooled bytes may go. */
  | {readonly type: 'finish-intent'; readonly blob: string}
  /** One of these at a time; each ends in one event. */
  | {readonly type: 'list'}
  | {readonly type: 'probe'; readonly path: string; readonly windows: readonly number[]}
  | {readonly type: 'cut'; readonly order: CutOrder}
  | {readonly type: 'push'; readonly intent: LedgerIntent}
  | {readonly type: 'wake'; readonly atMs: number}
  | {readonly type: 'report'; readonly report: Report}
  /** All that is there is in the cluster, or cannot get there (`failure`). Only with --once. */
  | {readonly type: 'finished'; readonly failure: string | undefined}
