/** What the blob core hears and what it orders. Everything here is plain data. */
import type {ClusterErrorCode, ErrorCode} from '../../base/index.ts'
import type {
  AgentNotice,
  BlobId,
  BlobReply,
  BlobRequest,
  NodeName,
  TagName,
  TagReply,
  TagRequest,
} from '../../protocol/index.ts'
import type {BlobStatus} from './report.ts'
import type {BlobSettings} from './settings.ts'

/** Milliseconds of a clock that never goes back, from the shell; not the time of day. */
interface Timed {
  readonly nowMs: number
}

/**
 * `link` numbers the connections of a node, growing: a notice of an older one is ignored. On one connection notices keep
 * their order, and a request that could not be delivered before its deadline is not delivered at all.
 */
export type BlobEvent = Timed &
  (
    | {readonly type: 'tick'}
    /** This master's epoch, which every order carries, and the members as the last master or the agents name them. */
    | {readonly type: 'master-started'; readonly epoch: number; readonly members: readonly NodeName[]}
    | {readonly type: 'settings-changed'; readonly settings: Partial<BlobSettings>}
    /** A node connected, for the first time or again; `isWiped`: with another folder than before. */
    | {readonly type: 'node-joined'; readonly node: NodeName; readonly link: number; readonly isWiped?: boolean}
    /** Declared lost by the membership. */
    | {readonly type: 'node-lost'; readonly node: NodeName}
    /** Taken out of the cluster: what it held is not coming back. */
    | {readonly type: 'node-removed'; readonly node: NodeName}
    | {readonly type: 'node-draining'; readonly node: NodeName}
    | {readonly type: 'node-undraining'; readonly node: NodeName}
    | {readonly type: 'notice'; readonly node: NodeName; readonly link: number; readonly notice: AgentNotice}
    | {readonly type: 'reply'; readonly call: number; readonly reply: BlobReply | TagReply}
    /** No answer: the node cannot be reached, or the deadline passed. It may have happened or not. */
    | {readonly type: 'call-failed'; readonly call: number; readonly message: string}
    | {readonly type: 'request'; readonly id: number; readonly request: BlobClientRequest}
  )

/** A blob that a change of a tag is about to name. */
export interface NamedBlob {
  readonly blob: BlobId
  readonly bytes: number
  /** Where the client says it put it; asked too, since its node's notice may come later than the commit. */
  readonly nodes?: readonly NodeName[]
}

export type BlobClientRequest =
  | PlaceRequest
  | {readonly type: 'locate'; readonly blobs: readonly BlobId[]; readonly near?: NodeName}
  /** Which of these lengths may a known blob have? */
  | {readonly type: 'find-sizes'; readonly sizes: readonly number[]}
  | NameRequest
  | {readonly type: 'status'}
  | {readonly type: 'gc-start'; readonly isDryRun: boolean}
  | {readonly type: 'gc-abort'}
  | {readonly type: 'balance-start'}
  | {readonly type: 'scrub-start'}

/** Where may a new blob go? */
export interface PlaceRequest {
  readonly type: 'place'
  /** Names the uploads in the notices of their nodes. */
  readonly target: string
  /** About how many. */
  readonly bytes: number
  readonly replicaCount: number
  /** Tried already, or holding it already. */
  readonly exclude: readonly NodeName[]
  /** Taken first if it can be taken: the node the client runs on. */
  readonly near?: NodeName
}

/**
 * Asked by the tag side before it commits a change that names blobs: makes them young on all their holders, so that no
 * collection takes them, and raises their wanted copies.
 */
export interface NameRequest {
  readonly type: 'name'
  readonly blobs: readonly NamedBlob[]
  readonly replicaCount: number
  /** Copies of each blob that must be confirmed for the answer `named`, clamped to the nodes that are up. */
  readonly replicaCountMin: number
}

export interface PlacedNode {
  readonly node: NodeName
  readonly freeBytes: number
}

export interface LocatedBlob {
  readonly blob: BlobId
  readonly bytes: number
  readonly replicaCount: number
  /** Nodes that are up, the near one first, then the least busy. */
  readonly nodes: readonly NodeName[]
  /** Nodes that held it when they were last heard of. */
  readonly lostNodes: readonly NodeName[]
}

export type BlobAnswer =
  | {readonly type: 'placed'; readonly nodes: readonly PlacedNode[]; readonly warning?: string}
  /** `unknown`: no node, up or lost, is known to have ever held it. */
  | {
      readonly type: 'located'
      readonly blobs: readonly LocatedBlob[]
      readonly unknown: readonly BlobId[]
      /** All members are up and have told what they hold: what nobody holds is nowhere. */
      readonly isCertain: boolean
    }
  | {readonly type: 'sizes-found'; readonly sizes: readonly number[]}
  /** `replicaCountMin`: copies confirmed of the blob that has the fewest. */
  | {readonly type: 'named'; readonly replicaCountMin: number}
  | {readonly type: 'status'; readonly status: BlobStatus}
  /** It may begin only when another one has ended. */
  | {readonly type: 'gc-started'; readonly round: number}
  | {readonly type: 'gc-aborted'}
  | {readonly type: 'balance-started'; readonly round: number}
  | {readonly type: 'scrub-started'; readonly round: number; readonly nodes: readonly NodeName[]}
  | Refused

export interface Refused {
  readonly type: 'refused'
  readonly code: ClusterErrorCode | ErrorCode
  readonly message: string
  readonly hint?: string
}

export type FindReferences = Extract<TagRequest, {type: 'find-references'}>

/** One file that collection removed, or would remove. */
export interface Deletion {
  readonly blob: BlobId
  readonly bytes: number
  readonly node: NodeName
  /** In a dry run: a real round would remove it now; otherwise it would become suspect and go in a later round. */
  readonly isConfirmed: boolean
}

export type BlobEffect =
  /** The shell answers with `reply` or `call-failed`, at the latest at `deadlineMs`. */
  | {
      readonly type: 'send'
      readonly call: number
      readonly node: NodeName
      readonly request: BlobRequest | FindReferences
      readonly deadlineMs: number
    }
  | {readonly type: 'answer'; readonly id: number; readonly answer: BlobAnswer}
  /** A `tick` is wanted then; the earliest counts. */
  | {readonly type: 'wake'; readonly atMs: number}
  /** For whoever follows the round; not kept here, there may be millions. */
  | {
      readonly type: 'gc-deletions'
      readonly round: number
      readonly isDryRun: boolean
      readonly deletions: readonly Deletion[]
    }
  | {readonly type: 'gc-ended'; readonly round: number}
  /** A node has seen a higher epoch: this master must stop. */
  | {readonly type: 'deposed'; readonly epoch: number; readonly node: NodeName}
  | {
      readonly type: 'log'
      readonly level: 'info' | 'warn' | 'error'
      readonly msg: string
      readonly node?: NodeName
      readonly blob?: BlobId
      readonly detail?: string
    }

/**
 * Which tags would a set of nodes' answers leave out? Given by the tag side. A tag is covered by a replica that answered
 * and was at the tag's version already at `askedMs`, so that an old replica that caught up since then covers nothing.
 */
export type Coverage = (answeredNodes: ReadonlySet<NodeName>, askedMs: number) => CoverageAnswer

export interface CoverageAnswer {
  readonly isComplete: boolean
  /** Some of the tags that no answer covers. */
  readonly uncoveredTags: readonly TagName[]
  /** Nodes whose answer, or whose list of tags, is missing. */
  readonly missingNodes: readonly NodeName[]
}
