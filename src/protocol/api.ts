/**
 * The HTTP interface of a node, version 1. One table names every endpoint and who may use it; the server routes by it,
 * the client calls by it, a test walks it.
 *
 * JSON in and out, UTF-8. `Authorization: Bearer TOKEN` carries the cluster's token, `X-Tag-Token` the token of a tag.
 * Any agent answers the endpoints of the master, too: it passes them on. Errors are `ApiError` with a fitting status.
 */
import type {BlobId, NodeName, TagName} from './names.ts'
import type {NodeStatus} from './replica-messages.ts'
import type {NumberedEntry, TagChange, TagLogLine} from './tags.ts'
import type {Version} from './version.ts'

/** What a token may do. `admin` includes all; `write` includes `read`. `join` is for agents only. */
export type Scope = 'read' | 'write' | 'run-rules' | 'run-code' | 'admin' | 'join'

/** `none`: everybody. `ticket`: whoever has a signed, unexpired URL from the master. */
export type Access = Scope | 'none' | 'ticket'

export interface Endpoint {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** `:name` stands for one path segment, percent-decoded once. */
  readonly path: string
  readonly access: Access
  /** Who answers: the master (agents pass the request on to it) or the node that was asked. */
  readonly by: 'master' | 'node'
}

export const endpoints = {
  /** The status page: the same for everybody, without a fact in it. */
  webPage: {method: 'GET', path: '/', access: 'none', by: 'node'},
  health: {method: 'GET', path: '/healthz', access: 'none', by: 'node'},
  /** Numbers of this node as text of Prometheus; of the master also those of the cluster. */
  metrics: {method: 'GET', path: '/metrics', access: 'read', by: 'node'},
  cluster: {method: 'GET', path: '/api/v1/cluster', access: 'read', by: 'master'},
  nodes: {method: 'GET', path: '/api/v1/nodes', access: 'read', by: 'master'},
  drainNode: {method: 'POST', path: '/api/v1/nodes/:node/drain', access: 'admin', by: 'master'},
  undrainNode: {method: 'POST', path: '/api/v1/nodes/:node/undrain', access: 'admin', by: 'master'},
  removeNode: {method: 'POST', path: '/api/v1/nodes/:node/remove', access: 'admin', by: 'master'},
  settings: {method: 'GET', path: '/api/v1/settings', access: 'read', by: 'master'},
  setSetting: {method: 'PUT', path: '/api/v1/settings/:setting', access: 'admin', by: 'master'},
  stop: {method: 'POST', path: '/api/v1/stop', access: 'admin', by: 'node'},
  /** What the node must not lose, as one stream; it holds secrets. */
  backup: {method: 'POST', path: '/api/v1/backup', access: 'admin', by: 'node'},
  listTokens: {method: 'GET', path: '/api/v1/tokens', access: 'admin', by: 'master'},
  createToken: {method: 'POST', path: '/api/v1/tokens', access: 'admin', by: 'master'},
  revokeToken: {method: 'DELETE', path: '/api/v1/tokens/:token', access: 'admin', by: 'master'},
  /** Who changed what. */
  audit: {method: 'GET', path: '/api/v1/audit', access: 'admin', by: 'master'},

  listTags: {method: 'GET', path: '/api/v1/tags', access: 'read', by: 'master'},
  readTag: {method: 'GET', path: '/api/v1/tags/:tag', access: 'read', by: 'master'},
  readEntries: {method: 'GET', path: '/api/v1/tags/:tag/entries', access: 'read', by: 'master'},
  readContents: {method: 'POST', path: '/api/v1/tag-contents', access: 'read', by: 'master'},
  readLog: {method: 'GET', path: '/api/v1/tags/:tag/log', access: 'read', by: 'master'},
  changeTag: {method: 'POST', path: '/api/v1/tags/:tag', access: 'write', by: 'master'},

  placeBlob: {method: 'POST', path: '/api/v1/blobs/place', access: 'write', by: 'master'},
  keepBlobs: {method: 'POST', path: '/api/v1/blobs/keep', access: 'write', by: 'master'},
  locateBlobs: {method: 'POST', path: '/api/v1/blobs/locate', access: 'read', by: 'master'},
  /** URLs that open one blob at one node without a token, for a while: for engines that read blobs where they lie. */
  signBlobs: {method: 'POST', path: '/api/v1/blobs/sign', access: 'read', by: 'master'},
  readBlob: {method: 'GET', path: '/blobs/:blob', access: 'read', by: 'node'},
  headBlob: {method: 'HEAD', path: '/blobs/:blob', access: 'read', by: 'node'},
  upload: {method: 'PUT', path: '/uploads/:ticket', access: 'ticket', by: 'node'},

  /** A pack with code in it needs `run-code`, and a cluster that allows code. */
  submitJob: {method: 'POST', path: '/api/v1/jobs', access: 'run-rules', by: 'master'},
  listJobs: {method: 'GET', path: '/api/v1/jobs', access: 'read', by: 'master'},
  readJob: {method: 'GET', path: '/api/v1/jobs/:job', access: 'read', by: 'master'},
  listTasks: {method: 'GET', path: '/api/v1/jobs/:job/tasks', access: 'read', by: 'master'},
  jobEvents: {method: 'GET', path: '/api/v1/jobs/:job/events', access: 'read', by: 'master'},
  jobResults: {method: 'GET', path: '/api/v1/jobs/:job/results', access: 'read', by: 'master'},
  jobPack: {method: 'GET', path: '/api/v1/jobs/:job/pack', access: 'read', by: 'master'},
  /** `pause`, `resume`, `cancel`, `purge`, `priority`. */
  changeJob: {method: 'POST', path: '/api/v1/jobs/:job/:action', access: 'write', by: 'master'},
  /** A file that a task made, with ranges; slashes of its path are percent-encoded. */
  readJobFile: {method: 'GET', path: '/api/v1/jobs/:job/files/:path', access: 'read', by: 'node'},

  readOob: {method: 'GET', path: '/api/v1/jobs/:job/oob/:key', access: 'read', by: 'node'},
  listOob: {method: 'GET', path: '/api/v1/jobs/:job/oob', access: 'read', by: 'node'},
  /** Which partial aggregates of rules a node keeps. */
  findPartials: {method: 'POST', path: '/api/v1/partials', access: 'read', by: 'node'},
  /** For who has no token: the processes of tasks, engines. A ticket for one blob, or one file of a job. */
  headFetch: {method: 'HEAD', path: '/fetch/blobs/:blob/:ticket', access: 'ticket', by: 'node'},
  fetchBlob: {method: 'GET', path: '/fetch/blobs/:blob/:ticket', access: 'ticket', by: 'node'},
  fetchJobFile: {method: 'GET', path: '/fetch/jobs/:job/:path/:ticket', access: 'ticket', by: 'node'},

  /** Rules of daemons that share the master's home folder. */
  rules: {method: 'GET', path: '/api/v1/rules', access: 'read', by: 'master'},

  maintenance: {method: 'GET', path: '/api/v1/maintenance', access: 'read', by: 'master'},
  collect: {method: 'POST', path: '/api/v1/maintenance/gc', access: 'admin', by: 'master'},
  balance: {method: 'POST', path: '/api/v1/maintenance/balance', access: 'admin', by: 'master'},
  scrub: {method: 'POST', path: '/api/v1/maintenance/scrub', access: 'admin', by: 'master'},
  check: {method: 'POST', path: '/api/v1/maintenance/fsck', access: 'read', by: 'master'},
} as const satisfies Record<string, Endpoint>

export type EndpointName = keyof typeof endpoints

/** Body of every answer with a status of 400 or more. */
export interface ApiError {
  readonly error: {
    /** ErrorCode or ClusterErrorCode. */
    readonly code: string
    readonly message: string
    readonly hint?: string
    readonly retryable: boolean
  }
}

export type NodeState = 'up' | 'suspect' | 'lost' | 'draining' | 'removed'

/** GET settings `?details=true`: `{settings}`, in the order in which people see them. */
export interface SettingInfo {
  readonly name: string
  /** As `disco config set` takes it. */
  readonly value: string
  readonly default: string
  /** What it counts: `jobs`, `time` (`90s`), `bytes/s`. */
  readonly unit: string
  readonly about: string
}

export interface NodeInfo {
  readonly name: NodeName
  readonly state: NodeState
  /** While draining: nothing on it is needed there any more. */
  readonly isSafeToRemove?: boolean
  /** While draining: what is left to copy. */
  readonly drainBlobsLeft?: number
  readonly drainTagsLeft?: number
  readonly address: string
  readonly pid: number
  /** Tasks that it runs at once. */
  readonly slotCount: number
  readonly status?: NodeStatus
  /** By the master's clock. */
  readonly lastSeenMs: number
  readonly version: string
  readonly isMaster: boolean
}

export interface ClusterInfo {
  readonly clusterId: string
  readonly epoch: number
  readonly master: NodeName
  readonly address: string
  readonly version: string
  readonly startedAtMs: number
  readonly nowMs: number
  readonly nodeCount: number
  readonly upCount: number
  readonly tagCount: number
  readonly blobCount: number
  /** Bytes of all replicas, as reported. */
  readonly usedBytes: number
  /** Of nodes that are up and take new data. A disk that several of them share counts once. */
  readonly freeBytes: number
  /** Nodes that share a disk with others, together: copies on them do not survive that disk. Left out when there are none. */
  readonly diskSharers?: readonly (readonly NodeName[])[]
  /** Sentences about what needs a person: too few nodes for the copies that are wanted, a full node, missing blobs. */
  readonly warnings: readonly string[]
}

/** A tag as people and programs see it. */
export interface TagInfo {
  readonly tag: TagName
  readonly version: Version
  readonly createdAtMs: number
  readonly modifiedAtMs: number
  readonly deletedAtMs?: number
  readonly entryCount: number
  readonly bytes: number
  readonly recordCount: number
  readonly rawBytes: number
  readonly replicaCount: number
  readonly replicas: readonly NodeName[]
  readonly attributes: Readonly<Record<string, string>>
  readonly hasReadToken: boolean
  readonly hasWriteToken: boolean
}

/**
 * GET listTags `?prefix=&after=&count=&deleted=1`: in order of names, those after `after`. The attributes of a tag are empty
 * for whoever does not give its read token.
 */
export interface TagList {
  readonly tags: readonly TagInfo[]
  readonly next?: TagName
}

/** GET readEntries `?after=&count=&version=`: entries with numbers above `after`; pages of one version fit together. */
export interface EntryPage {
  readonly version: Version
  readonly entries: readonly NumberedEntry[]
  /** Ask on with `after=next&version=EPOCH.COUNTER`. */
  readonly next?: number
}

export interface TagLog {
  readonly lines: readonly TagLogLine[]
}

/** POST readContents: entries or history of several tags. */
export interface ContentsRequest {
  readonly tags: readonly TagName[]
  readonly part: 'entries' | 'log'
  /** With the entries the history as well. A master of before 2026-11-24 does not know that, and sends no `lines`. */
  readonly withHistory?: boolean
}

export interface ContentsAnswer {
  /** Of the first of these tags, in their order; at least of one. Ask on with the others. */
  readonly contents: readonly TagContents[]
}

/** With neither of both there is no such tag. */
export interface TagContents {
  readonly tag: TagName
  /** The first one. */
  readonly page?: EntryPage
  readonly lines?: readonly TagLogLine[]
}

/** POST changeTag. */
export interface ChangeRequest {
  readonly change: TagChange
  /** Counter of the version that the tag must have; 0: it must not exist. */
  readonly ifVersion?: number
  /** For a tag that the change makes. */
  readonly replicaCount?: number
  /** Who is to stand in the tag's history; the token's scope otherwise. */
  readonly by?: string
  /** Where blobs that the change names were just put: the nodes may not have told it yet. */
  readonly holders?: Readonly<Record<BlobId, readonly NodeName[]>>
}

export interface ChangeAnswer {
  readonly tag: TagInfo
  readonly addedCount: number
  readonly removedCount: number
  /** Whether the tag was there before. */
  readonly existed: boolean
}

/** POST placeBlob. */
export interface PlaceRequest {
  /** Absent: not known before the end; a node with a good deal of room is chosen. */
  readonly bytes?: number
  readonly blob?: BlobId
  readonly replicaCount?: number
  /** Nodes that failed already. */
  readonly exclude?: readonly NodeName[]
}

export interface PlaceAnswer {
  /** Copies wanted; fewer targets when there are too few nodes, and then `warning` says why. */
  readonly replicaCount: number
  readonly targets: readonly UploadTarget[]
  readonly warning?: string
}

export interface UploadTarget {
  readonly node: NodeName
  /** PUT the bytes here. Good for one blob of at most the size that was asked for, for a limited time. */
  readonly url: string
}

/** PUT upload answers 201 with this. */
export interface UploadAnswer {
  readonly blob: BlobId
  readonly bytes: number
  readonly node: NodeName
  /** It was there before. */
  readonly existed: boolean
}

/** POST keepBlobs: which of these are stored already? They will not be collected for the grace period. */
export interface KeepRequest {
  readonly blobs: readonly BlobId[]
  readonly replicaCount?: number
}

export interface KeepAnswer {
  readonly known: readonly {readonly blob: BlobId; readonly bytes: number}[]
}

/** POST locateBlobs. */
export interface LocateRequest {
  readonly blobs: readonly BlobId[]
  /** Lengths in bytes: which of them do stored blobs have? A file of another length is surely new. */
  readonly sizes?: readonly number[]
}

export interface LocateAnswer {
  readonly blobs: readonly BlobPlace[]
  /** All nodes are up and have told what they hold: a blob without replicas is nowhere. Absent from masters that do not tell. */
  readonly isCertain?: boolean
  /** Of the lengths asked for, those that a blob may have; absent from masters that do not know the question. */
  readonly sizes?: readonly number[]
}

export interface BlobPlace {
  readonly blob: BlobId
  readonly bytes: number
  /** Live ones first; empty: nobody who answers has it. */
  readonly replicas: readonly {readonly node: NodeName; readonly url: string; readonly isLive: boolean}[]
}

/** POST signBlobs. */
export interface SignRequest {
  readonly blobs: readonly BlobId[]
  /** How long the URLs are good, milliseconds; at most `signedUrlMsMax`. */
  readonly forMs: number
}

/** As `locateBlobs` tells them, with URLs that need no token. Whoever has one can read that blob until then. */
export interface SignAnswer extends Pick<LocateAnswer, 'blobs' | 'isCertain'> {
  /** By the cluster's clock. */
  readonly expiresAtMs: number
}

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
