/** What the ledger of a folder follower remembers. Positions count bytes of text: of what is in a compressed file. */
import type {BlobEntry, Codec, TagName} from '../../protocol/index.ts'

export interface LedgerFile {
  /** Never used again, also when the row is gone: names of chunks are made of it. */
  readonly id: number
  /** Path in the folder when it was first seen: what its chunks and tags are called after. */
  readonly name: string
  /** Path in the folder when it was last seen. */
  readonly path: string
  /** Device and inode; undefined once those hold something else: then only a copy can continue it. */
  readonly identity: string | undefined
  readonly codec: Codec
  /** Its first bytes, as a hash. */
  readonly headBytes: number
  readonly headHash: string
  /** Everything before it is in the cluster, or in the spool with an intent. */
  readonly offset: number
  /** The last bytes before `offset`, as a hash. */
  readonly tailHash: string
  /** First record of a CSV, repeated before every chunk; undefined until it was read. */
  readonly header: Uint8Array | undefined
  /** As it lay on the disk when it was last looked at as a whole; with `textBytes`, saves looking again. */
  readonly diskBytes: number
  readonly modifiedAtMs: number
  readonly textBytes: number
  /** Since when it is not in the folder. */
  readonly goneAtMs: number | undefined
}

/** A chunk that is cut and spooled, and may or may not be in the cluster. */
export interface LedgerIntent {
  readonly file: number
  readonly from: number
  readonly to: number
  readonly tag: TagName
  readonly entry: BlobEntry
}

export interface LedgerState {
  readonly files: readonly LedgerFile[]
  readonly intent: LedgerIntent | undefined
  readonly nextId: number
  /** Random, made with the ledger: keeps chunks of two ledgers apart. */
  readonly ledgerId: string
  /** Nothing was ever written to it. */
  readonly isNew: boolean
}
