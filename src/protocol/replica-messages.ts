/**
 * Master and agents about tags and blobs. Orders carry the master's epoch; an agent that has seen a higher one
 * answers `stale-epoch` and does nothing. Every request gets exactly one reply or runs into its deadline, and may
 * arrive twice or late: all are safe to repeat.
 */
import type {BlobId, NodeName, TagName} from './names.ts'
import type {Applied, NumberedEntry, TagChange, TagHead, TagLogLine} from './tags.ts'
import type {Version} from './version.ts'

/** A change on its way to the replicas of a tag. */
export interface Commit {
  readonly tag: TagName
  /** What the replica must have; absent: it must have nothing of that name. */
  readonly base?: Version
  readonly next: Version
  readonly change: TagChange
  /** Used when the change makes the tag: where it lies and how many copies are wanted. */
  readonly placement: {readonly replicas: readonly NodeName[]; readonly replicaCount: number}
  /** Used when the change makes the tag: the token that reading and changing it need from its first version on. */
  readonly ownerToken?: string
  readonly atMs: number
  readonly by: string
}

/** A tag as a whole, in pages: what brings a replica up to date. */
export interface TagPage {
  readonly head: TagHead
  readonly entries: readonly NumberedEntry[]
  readonly log: readonly TagLogLine[]
  /** Ask on from here; absent: that was all. */
  readonly after?: number
}

export type TagRequest =
  /** Applies a change, durably. */
  | {readonly type: 'commit'; readonly epoch: number; readonly commit: Commit}
  | {readonly type: 'read-head'; readonly epoch: number; readonly tag: TagName}
  /** Entries of the version `at`; a replica that has another one answers `mismatch`. */
  | {
      readonly type: 'read-entries'
      readonly epoch: number
      readonly tag: TagName
      readonly at: Version
      readonly after: number
      readonly count: number
    }
  | {readonly type: 'read-log'; readonly epoch: number; readonly tag: TagName; readonly count: number}
  /** Takes the tag over from `from` as it is there, if that is at least `atLeast` and newer than its own. */
  | {
      readonly type: 'sync'
      readonly epoch: number
      readonly tag: TagName
      readonly from: NodeName
      readonly atLeast: Version
    }
  /** The tag has left this node (it was placed elsewhere), or its tombstone is too old to matter. */
  | {readonly type: 'forget'; readonly epoch: number; readonly tag: TagName; readonly upTo: Version}
  /** Between agents: a page of a tag. */
  | {readonly type: 'fetch-tag'; readonly tag: TagName; readonly after: number}
  /** Which of these blobs are named by a tag that is here? Deleted tags count until they are purged. */
  | {readonly type: 'find-references'; readonly epoch: number; readonly blobs: readonly BlobId[]}

export type TagReply =
  | {readonly type: 'applied'; readonly applied: Applied}
  | {readonly type: 'head'; readonly head?: TagHead}
  | {readonly type: 'entries'; readonly entries: readonly NumberedEntry[]; readonly hasMore: boolean}
  | {readonly type: 'log'; readonly lines: readonly TagLogLine[]}
  | {readonly type: 'synced'; readonly head: TagHead}
  | {readonly type: 'forgotten'}
  | {readonly type: 'tag-page'; readonly page?: TagPage}
  /** Of those asked for, the ones in use. `tags` names one tag for each, for people. */
  | {readonly type: 'references'; readonly blobs: readonly {readonly blob: BlobId; readonly tag: TagName}[]}
  /** Not at the version that was asked for; what it has instead. */
  | {readonly type: 'mismatch'; readonly head?: TagHead}
  | Failed

/** One replica of a blob, as its node sees it. */
export interface BlobReport {
  readonly blob: BlobId
  readonly bytes: number
  /** Copies wanted in the cluster; the highest of all reports counts. */
  readonly replicaCount: number
  /** The node's clock, milliseconds: when it was stored or last asked to be kept. */
  readonly touchedAtMs: number
}

export type BlobRequest =
  /** Gets a blob from one of these nodes and stores it. Answered when it is durable. */
  | {
      readonly type: 'fetch-blob'
      readonly epoch: number
      readonly blob: BlobId
      readonly bytes: number
      readonly replicaCount: number
      readonly from: readonly NodeName[]
    }
  /**
   * Which of these are here and whole (by size)? Makes them young again, and keeps `replicaCount` if it is higher.
   * `isDeep`: reads them and compares their hashes; what is not as it should be is set aside and reported as ever.
   */
  | {
      readonly type: 'touch-blobs'
      readonly epoch: number
      readonly blobs: readonly BlobId[]
      readonly replicaCount: number
      readonly isDeep?: boolean
    }
  /** Blobs that nobody touched for `idleMs` by the node's own monotonic account, in order of their ids. */
  | {
      readonly type: 'list-idle-blobs'
      readonly epoch: number
      readonly idleMs: number
      readonly after: BlobId
      readonly count: number
    }
  /** Removes files. `idleMs`: only those that are still idle; 0 for surplus copies. */
  | {
      readonly type: 'drop-blobs'
      readonly epoch: number
      readonly blobs: readonly BlobId[]
      readonly idleMs: number
    }
  /** Reads blobs again and compares their hashes, up to `bytes` of them, from `after` on. */
  | {readonly type: 'scrub'; readonly epoch: number; readonly after: BlobId; readonly bytes: number}

export type BlobReply =
  | {readonly type: 'stored'; readonly blob: BlobId; readonly bytes: number}
  | {readonly type: 'touched'; readonly blobs: readonly BlobId[]}
  | {readonly type: 'idle-blobs'; readonly blobs: readonly BlobReport[]; readonly after?: BlobId}
  | {readonly type: 'dropped'; readonly blobs: readonly BlobId[]; readonly bytes: number}
  | {
      readonly type: 'scrubbed'
      readonly blobCount: number
      readonly bytes: number
      readonly corrupt: readonly BlobId[]
      readonly after?: BlobId
    }
  | Failed

/** About the node itself. */
export type NodeRequest =
  /** Everything that this node's database of tags lost when it was rebuilt is here again: its answers count from now on. */
  {readonly type: 'tags-restored'; readonly epoch: number}

export type NodeReply = {readonly type: 'noted'} | Failed

/** Codes are those of ErrorCode; the text is for people and names the node. */
export interface Failed {
  readonly type: 'failed'
  readonly code:
    | 'STALE_EPOCH'
    | 'DISK_FULL'
    | 'STORAGE_BROKEN'
    | 'NOT_FOUND'
    | 'UNREACHABLE'
    | 'CORRUPT'
    | 'BAD_MESSAGE'
  readonly message: string
  /** With STALE_EPOCH: the highest epoch that the node has seen. */
  readonly epoch?: number
}

/** What an agent tells its master unasked. Each may come again; the latest counts. */
export type AgentNotice =
  /**
   * After joining: what it holds, in pages, ending with `inventory-end`. `isRebuilding`: its tags were lost, so that what it
   * does not have says nothing.
   */
  | {readonly type: 'inventory-begin'; readonly isRebuilding: boolean}
  | {readonly type: 'inventory-tags'; readonly heads: readonly TagHead[]}
  | {readonly type: 'inventory-blobs'; readonly blobs: readonly BlobReport[]}
  | {readonly type: 'inventory-end'}
  | {readonly type: 'blobs-stored'; readonly blobs: readonly BlobReport[]}
  /** Uploads that ended, well or not, by the targets of their tickets. */
  | {readonly type: 'uploads-ended'; readonly targets: readonly string[]}
  | {readonly type: 'blobs-gone'; readonly blobs: readonly BlobId[]; readonly reason: 'dropped' | 'corrupt' | 'missing'}
  | {readonly type: 'status'; readonly status: NodeStatus}

export interface DiskRoom {
  /** Equal where two nodes write to the same file system, else different. Good for comparing only. */
  readonly disk: string
  readonly freeBytes: number
}

/** With each heartbeat. */
export interface NodeStatus {
  /** Of all its disks, each once. */
  readonly freeBytes: number
  /** The same by disk: nodes on one machine may share them. Nodes of version 0.1.0 may leave it out. */
  readonly disks?: readonly DiskRoom[]
  readonly usedBytes: number
  readonly blobCount: number
  readonly tagCount: number
  /** Bytes that must stay free on every volume; below it the node takes no new data. */
  readonly reserveBytes: number
  readonly isFull: boolean
  readonly corruptCount: number
  /** Uploads and downloads in progress. */
  readonly transferCount: number
}
