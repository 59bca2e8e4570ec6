/** What the tag coordinator is told and what it orders. */
import type {ClusterErrorCode, ErrorCode} from '../../base/index.ts'
import type {
  NodeName,
  NumberedEntry,
  TagChange,
  TagHead,
  TagLogLine,
  TagName,
  TagReply,
  TagRequest,
  Version,
} from '../../protocol/index.ts'

export interface TagSettings {
  /** A deleted tag can be restored for this long. */
  readonly quarantineMs: number
  /** Its tombstone is kept at least this long (from the deletion on). */
  readonly tombstoneMs: number
  /** A node that is lost longer than this gets its tags placed elsewhere. */
  readonly replaceAfterMs: number
  /** Copies of a tag for which nobody asked for more. */
  readonly replicaCount: number
}

/** A member as the member list has it; the list outlives masters. */
export interface MemberSeed {
  readonly node: NodeName
  readonly isDraining: boolean
  /** Taken out by a person, but a tag may still name it (until the effect `node-gone`). */
  readonly isRemoved: boolean
  /** Its folder was new although the name was known: what it does not have says nothing (until `node-restored`). */
  readonly isWiped: boolean
}

/** A change is refused with VERSION_CHANGED when the tag is not as this says. */
export interface ChangeConditions {
  /** Counter of the version that people see; 0: there must be no such tag. */
  readonly ifVersion?: number
  readonly ifExists?: boolean
  readonly ifMissing?: boolean
}

export type TagQuery =
  | ({
      readonly type: 'change'
      readonly tag: TagName
      readonly change: TagChange
      /** For a tag that the change makes. */
      readonly replicaCount?: number
      /** For a tag that the change makes: reading and changing it need this token then. */
      readonly ownerToken?: string
      /** For its history. */
      readonly by: string
    } & ChangeConditions)
  | {readonly type: 'head'; readonly tag: TagName; readonly includeDeleted: boolean}
  | {
      readonly type: 'entries'
      readonly tag: TagName
      readonly after: number
      readonly count: number
      /** Answer only from this version; VERSION_CHANGED otherwise. Absent: whichever is the latest; the page names it. */
      readonly at?: Version
      readonly includeDeleted: boolean
    }
  | {readonly type: 'log'; readonly tag: TagName; readonly count: number}
  | {
      readonly type: 'list'
      readonly prefix: string
      /** Names behind this one; '' begins. */
      readonly after: TagName
      readonly count: number
      readonly includeDeleted: boolean
    }
  | {readonly type: 'stats'; readonly prefix: string}

export interface TagSums {
  readonly tagCount: number
  readonly entryCount: number
  readonly bytes: number
  readonly recordCount: number
  readonly rawBytes: number
}

export type TagResult =
  | {
      readonly type: 'changed'
      /** Absent when there was nothing to delete. */
      readonly head?: TagHead
      readonly addedCount: number
      readonly removedCount: number
      /** Whether a live tag was there before. */
      readonly existed: boolean
    }
  | {readonly type: 'head'; readonly head: TagHead}
  | {
      readonly type: 'entries'
      readonly head: TagHead
      readonly entries: readonly NumberedEntry[]
      readonly hasMore: boolean
    }
  | {readonly type: 'log'; readonly lines: readonly TagLogLine[]}
  | {
      readonly type: 'list'
      readonly heads: readonly TagHead[]
      /** Ask on with `after`. */
      readonly next?: TagName
      /** Nodes that were not heard yet; with `isComplete` none of them can hide a tag. */
      readonly missing: readonly NodeName[]
      readonly isComplete: boolean
    }
  | {
      readonly type: 'stats'
      readonly total: TagSums
      readonly deleted: TagSums
      /** By the name up to and with the next `:` behind the prefix, in order. */
      readonly groups: readonly {readonly prefix: string; readonly sums: TagSums}[]
      readonly missing: readonly NodeName[]
      readonly isComplete: boolean
    }

export interface TagError {
  readonly code: ErrorCode | ClusterErrorCode
  readonly message: string
  /** Trying the same again later may work. Never set when the change may have happened. */
  readonly retryable: boolean
  /** With VERSION_CHANGED: what the tag has now; absent: there is no such tag. */
  readonly version?: Version
}

/** Of the master's clocks: `nowMs` is steady and may start anywhere; `wallMs` is for stamps and may jump. */
interface Times {
  readonly nowMs: number
  readonly wallMs: number
}

export type TagEvent = Times &
  (
    | {readonly type: 'members-adopted'; readonly members: readonly MemberSeed[]; readonly floor: number}
    /** A link is there. An inventory follows, also after a short break. */
    | {
        readonly type: 'member-joined'
        readonly node: NodeName
        readonly isPlaceable: boolean
        /** The name was known, its folder is a new one; or the member list still says so. */
        readonly isWiped: boolean
      }
    | {
        readonly type: 'member-changed'
        readonly node: NodeName
        readonly isPlaceable: boolean
        readonly isDraining: boolean
      }
    /** No link any more, for whatever reason. */
    | {readonly type: 'member-lost'; readonly node: NodeName}
    /** A person says that it never comes back. */
    | {readonly type: 'member-removed'; readonly node: NodeName}
    | {readonly type: 'inventory'; readonly node: NodeName; readonly heads: readonly TagHead[]}
    | {readonly type: 'inventory-ended'; readonly node: NodeName}
    | {readonly type: 'settings-changed'; readonly settings: TagSettings}
    | {readonly type: 'asked'; readonly id: number; readonly query: TagQuery; readonly deadlineMs: number}
    | {readonly type: 'replied'; readonly call: number; readonly reply: TagReply}
    /** No reply: the link broke, or the deadline passed. */
    | {readonly type: 'call-failed'; readonly call: number}
    | {readonly type: 'tick'}
  )

export type TagEffect =
  | {
      readonly type: 'send'
      readonly call: number
      readonly node: NodeName
      readonly request: TagRequest
      /** When to give up, by `nowMs`. */
      readonly deadlineMs: number
    }
  | {readonly type: 'answer'; readonly id: number; readonly result: TagResult}
  | {readonly type: 'refuse'; readonly id: number; readonly error: TagError}
  /** A `tick` is wanted then. An earlier one replaces it. */
  | {readonly type: 'wake'; readonly atMs: number}
  /** To be kept with the member list, here and by a majority of members, before what follows is sent. */
  | {readonly type: 'remember-floor'; readonly floor: number}
  /** Has again what it should: take `isWiped` off the member list. */
  | {readonly type: 'node-restored'; readonly node: NodeName}
  /** No tag names it any more: take it off the member list. */
  | {readonly type: 'node-gone'; readonly node: NodeName}
  /** Another master took over: stop. All requests have been answered. */
  | {readonly type: 'superseded'; readonly epoch: number}
  | {
      readonly type: 'log'
      readonly level: 'info' | 'warn' | 'error'
      readonly msg: string
      readonly tag?: TagName
      readonly node?: NodeName
      readonly code?: string
    }
