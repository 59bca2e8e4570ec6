/** Bodies of the HTTP interface about what a cluster does for its data by itself or on request: repair, collection, checks. */
import type {BlobId, NodeName, TagName} from './names.ts'

export interface MaintenanceInfo {
  readonly repair: {
    readonly underReplicatedCount: number
    readonly missingCount: number
    readonly inFlightCount: number
    readonly bytesLeft: number
    readonly etaMs?: number
  }
  readonly gc: GcInfo
  readonly balance: {
    readonly isRunning: boolean
    readonly movedCount: number
    readonly movedBytes: number
    /** What it waits for, or why it ended. */
    readonly message: string
    /** How often it was started under this master; 0: this master knows of none. */
    readonly round?: number
    /** About how much must still move. */
    readonly bytesLeft?: number
    readonly etaMs?: number
  }
  /** What the nodes read by themselves now, those of them that are not through with it; absent when all are. */
  readonly ownScrub?: {
    readonly nodeCount: number
    /** 0 to 1, of all they hold. */
    readonly fraction: number
  }
  /** The scrub that was asked for last, not what the nodes read by themselves. */
  readonly scrub: {
    readonly isRunning: boolean
    readonly blobCount: number
    readonly bytes: number
    readonly corruptCount: number
    /** How many were asked for under this master; 0: this master knows of none. */
    readonly round?: number
    /** Nodes whose copies are not all read. */
    readonly leftOut?: readonly {readonly node: NodeName; readonly reason: string}[]
  }
}

export interface GcInfo {
  /** `wait`: something could not be seen; it is tried again. */
  readonly phase: 'idle' | 'list' | 'find' | 'drop' | 'wait'
  readonly isDryRun: boolean
  /** The round that is told here: the one that runs, or else the last; 0: this master knows of none. */
  readonly round?: number
  /** The last round that has ended; 0: none. */
  readonly endedRound?: number
  /** In the answer to a request for a round: its number. It begins when the one that runs has ended. */
  readonly askedRound?: number
  readonly startedAtMs?: number
  readonly endedAtMs?: number
  /** Idle blobs that were looked at. */
  readonly candidateCount: number
  /** Of them, unused for the first time: they go in a later round. */
  readonly suspectCount: number
  readonly droppedCount: number
  readonly droppedBytes: number
  /** Why nothing, or less than hoped for, was removed. */
  readonly heldBack: readonly string[]
  /** A round that cannot see everything ends without result when it has not got to it within this. */
  readonly givesUpInMs?: number
  /** A dry run's list, capped; `deletionCount` has them all. */
  readonly deletions: readonly {readonly blob: BlobId; readonly bytes: number; readonly node: NodeName}[]
  readonly deletionCount: number
}

/** Answer of fsck. */
export interface CheckInfo {
  readonly tagCount: number
  readonly entryCount: number
  readonly blobCount: number
  readonly problems: readonly CheckFinding[]
  readonly problemCount: number
  /** Blobs with more copies than wanted: no problem, what is too much goes by itself. */
  readonly surplus?: readonly CheckFinding[]
  readonly surplusCount?: number
}

export interface CheckFinding {
  readonly kind:
    | 'missing-blob'
    | 'under-replicated'
    | 'over-replicated'
    | 'size-differs'
    | 'dangling-link'
    | 'tag-under-replicated'
    | 'tag-unreadable'
  readonly tag?: TagName
  readonly blob?: BlobId
  readonly detail: string
}
