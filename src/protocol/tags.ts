/**
 * What a tag is, and the changes it can have.
 *
 * A tag names blobs by their content, not by where they lie: which nodes hold a blob is known from what the nodes
 * report. So moving and repairing blobs changes no tag, and nothing that could not be seen is ever taken out of one.
 */
import type {BlobId, NodeName, TagName} from './names.ts'
import type {Version} from './version.ts'

/** How the bytes of a blob are to be read. */
export type Codec = 'plain' | 'gzip' | 'zstd'

export interface BlobEntry {
  readonly type: 'blob'
  readonly blob: BlobId
  /** What it was called when it was pushed: `access.log`, `clicks-7.zst`. */
  readonly name: string
  /** As stored. */
  readonly bytes: number
  /** Known for chunks. */
  readonly codec?: Codec
  readonly recordCount?: number
  /** Before compression. */
  readonly rawBytes?: number
}

/** All entries of another tag, at the time of reading. */
export interface LinkEntry {
  readonly type: 'tag'
  readonly tag: TagName
}

/** Something that lies elsewhere: equal copies, tried in order. */
export interface UrlEntry {
  readonly type: 'url'
  readonly urls: readonly string[]
}

export type TagEntry = BlobEntry | LinkEntry | UrlEntry

/** An entry with its place in its tag. Numbers grow in the order of adding and are never used again. */
export interface NumberedEntry {
  readonly number: number
  readonly entry: TagEntry
}

/** All of a tag but its entries. */
export interface TagHead {
  readonly tag: TagName
  readonly version: Version
  /** Nodes that hold this tag. A change needs a majority of them. */
  readonly replicas: readonly NodeName[]
  /** Copies wanted, of the tag and of the blobs that are pushed to it. May exceed `replicas.length`. */
  readonly replicaCount: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
  /** Set while the tag is deleted: it is a tombstone then, and can be restored until it is purged. */
  readonly deletedAtMs?: number
  /** Entries are gone; only the tombstone is left. */
  readonly isPurged?: boolean
  readonly entryCount: number
  /** Sum over blob entries, as stored. */
  readonly bytes: number
  /** Sums over the entries that have them. */
  readonly recordCount: number
  readonly rawBytes: number
  /** The number that the next entry gets. */
  readonly nextNumber: number
  readonly attributes: Readonly<Record<string, string>>
  /** Absent: anyone with access to the cluster. */
  readonly readToken?: string
  readonly writeToken?: string
}

/**
 * What makes two entries the same when only new ones are to be added: `entry` = blob and name (or link, or URLs) are
 * equal; `name` = Disco's rule, the blob's name (or link) alone; `none` = nothing is.
 */
export type Uniqueness = 'entry' | 'name' | 'none'

/** One change of a tag. Applied by every replica to equal states, so equal states come out: nothing else may enter. */
export type TagChange =
  /** Makes the tag when it is missing; `entries` may be empty (touch). */
  | {readonly type: 'append'; readonly entries: readonly TagEntry[]; readonly unique: Uniqueness}
  /** All entries go, these come. Makes the tag when it is missing. */
  | {readonly type: 'replace'; readonly entries: readonly TagEntry[]}
  /** Takes out all entries that equal one of these (blob: by blob, and by name unless it is empty). */
  | {readonly type: 'remove'; readonly entries: readonly TagEntry[]}
  /** Makes the tag when it is missing. */
  | {readonly type: 'set-attributes'; readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[]}
  /** null takes a token away; absent leaves it. Makes the tag when it is missing. */
  | {readonly type: 'set-tokens'; readonly read?: string | null; readonly write?: string | null}
  | {readonly type: 'delete'}
  | {readonly type: 'restore'}
  /** After the quarantine: entries go, the tombstone stays. */
  | {readonly type: 'purge'}
  /** Moves the tag, or changes how many copies are wanted. */
  | {readonly type: 'place'; readonly replicas: readonly NodeName[]; readonly replicaCount: number}
  /** A new master makes what it found its own: same contents, same counter, its epoch. */
  | {readonly type: 'claim'}

/** One line of a tag's history. */
export interface TagLogLine {
  readonly version: Version
  readonly change: TagChange['type']
  readonly atMs: number
  /** Who asked: the name of a token's scope, a node, a rule. */
  readonly by: string
  readonly addedCount: number
  readonly removedCount: number
}

/** What a commit did. */
export interface Applied {
  readonly head: TagHead
  readonly addedCount: number
  readonly removedCount: number
}
