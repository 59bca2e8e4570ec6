/**
 * What travels over a mesh link: JSON text frames of at most `frameBytesMax` bytes, told apart by `type`.
 *
 * A link begins with `hello` from the side that dialled. The other side answers `welcome` or `refused`; the agent then
 * promises the master's epoch, durably, and says `ready` (or `refused`). Only then is the link up. Everything after that
 * may come in any order. Fields may be added, never reused; a reader ignores fields it does not know.
 */
import {UserError} from '../base/index.ts'
import type {NodeName} from './names.ts'
import type {
  AgentNotice,
  BlobReply,
  BlobRequest,
  Failed,
  NodeReply,
  NodeRequest,
  NodeStatus,
  TagReply,
  TagRequest,
} from './replica-messages.ts'
import type {TaskNotice, TaskReply, TaskRequest} from './task-messages.ts'
import type {Version} from './version.ts'

/** Where a server takes mesh links. */
export const meshPath = '/mesh'

/** Versions of this protocol, both ends included. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** Numbers of protocols between two major versions: there are fewer minor ones. */
const minorCountMax = 1000

/**
 * What a program speaks: the protocol of its own minor version, and that of the one before. So two that are one minor version
 * apart have one in common, and no others. The first release speaks 1; the first of a major version has none before it.
 *
 * @param software - name and version: `disco-inferno 1.4.2`. Without a version it counts as the first release
 */
export function protocolRangeOf(software: string): VersionRange {
  const [, major = '0', minor = '1'] = /(?:^| )(\d{1,3})\.(\d{1,3})\.\d+(?:-[\w.-]+)?$/.exec(software) ?? []
  const max = Math.max(1, Number(major) * minorCountMax + Number(minor))
  return {min: Number(minor) === 0 ? max : Math.max(1, max - 1), max}
}

/** Members that a cluster may have: the list must fit in one frame. */
export const memberCountMax = 1000

/** How a master sees a node. `suspect`: silent, not yet given up. `draining` and `up` nodes both answer. */
export type MemberState = 'joining' | 'up' | 'suspect' | 'lost' | 'draining' | 'removed'

/** A node as every node knows it. */
export interface MemberInfo {
  readonly name: NodeName
  /** Random name of the node's folder: a wiped or second folder has another one. */
  readonly key: string
  /** Base URL under which peers reach it: `http://web1:7800`. Absent: only its master reaches it. */
  readonly address?: string
  readonly state: MemberState
  readonly isDraining: boolean
}

/** Milliseconds. All are given by the master and hold for the whole cluster. */
export interface MeshTimings {
  /** Between two pings of a link. */
  readonly heartbeatMs: number
  /** A node that was heard by nobody for so long is lost. */
  readonly lostAfterMs: number
  /** A node that was away for longer could bring back what was deleted meanwhile, and is refused. */
  readonly tombstoneMs: number
}

/** Settings of a cluster that nodes need to know, by name. */
export type ClusterSettings = Readonly<Record<string, string | number | boolean>>

/** What a master tells its agents about the cluster and they remember for it. Ordered by `version`. */
export interface ClusterView {
  readonly cluster: string
  readonly version: Version
  readonly members: readonly MemberInfo[]
  readonly timings: MeshTimings
  readonly settings: ClusterSettings
}

/** The side that dialled introduces itself. */
export interface Hello {
  readonly type: 'hello'
  /** Who is wanted at the other end: they may share a port. */
  readonly to: 'master' | 'peer'
  readonly protocol: VersionRange
  /** Name and version of the program, for people. */
  readonly software: string
  readonly node: NodeName
  readonly key: string
  /** For people: the process, and how many tasks it runs at once. */
  readonly pid: number
  readonly slotCount: number
  /** Absent: never belonged to a cluster. */
  readonly cluster?: string
  readonly address?: string
  /** Highest epoch promised, and the key of the master that has it. 0: none. */
  readonly epoch: number
  readonly epochOf?: string
  /** By the node's own clock; only the difference to `nowMs` is used. Absent: never had contact. */
  readonly lastContactAtMs?: number
  readonly nowMs: number
  /** The person insists: come in although away for too long, or although removed. */
  readonly force?: boolean
  /** What the node was told last, for a master that starts on an empty folder. */
  readonly view?: ClusterView
}

export interface Welcome {
  readonly type: 'welcome'
  /** The version that both speak from here on. */
  readonly protocol: number
  readonly software: string
  /** Key of the answering folder. With `epoch` it names one life of a master. */
  readonly key: string
  /** Of a master only; a peer has none to promise. */
  readonly epoch?: number
  readonly view?: ClusterView
  /** The answering side's clock: nodes learn how far theirs is off. */
  readonly nowMs: number
}

/** The agent has promised the epoch. The link is up. */
export interface Ready {
  readonly type: 'ready'
}

export type RefusalCode =
  | 'PROTOCOL' // no version in common, or a message that makes no sense
  | 'WRONG_CLUSTER' // the node's data belong to another cluster
  | 'NAME_TAKEN' // another folder has that name
  | 'AWAY_TOO_LONG' // longer than tombstones are kept
  | 'REMOVED' // the node was taken out of the cluster
  | 'STALE_EPOCH' // the other end knows a newer master; `epoch` says which
  | 'CLUSTER_FULL' // memberCountMax
  | 'TRY_AGAIN' // nothing is wrong: dial again (the master took a new epoch, or is stopping)
  | 'NOT_HERE' // nobody of the wanted role, or of that name, at this address

/** The link does not come up, or ends. */
export interface Refused {
  readonly type: 'refused'
  readonly code: RefusalCode
  /** For people: what is wrong. */
  readonly message: string
  /** For people: what to do. */
  readonly hint?: string
  readonly epoch?: number
}

export type MeshRequest = TagRequest | BlobRequest | NodeRequest | TaskRequest
export type MeshReply = TagReply | BlobReply | NodeReply | TaskReply
export type MeshNotice = AgentNotice | TaskNotice

/** The reply that a request gets. */
export type ReplyTo<R extends MeshRequest> = R extends TagRequest
  ? TagReply
  : R extends BlobRequest
    ? BlobReply
    : R extends TaskRequest
      ? TaskReply | Failed
      : NodeReply

/** `call` numbers the requests of one side of one link; every one gets one reply. */
export interface RequestFrame {
  readonly type: 'request'
  readonly call: number
  readonly body: MeshRequest
}

export interface ReplyFrame {
  readonly type: 'reply'
  readonly call: number
  /** Checked against what was asked, by the side that asked. */
  readonly body: unknown
}

export interface NoticeFrame {
  readonly type: 'notice'
  readonly body: MeshNotice
}

/** Is anyone there? From a master also its clock. */
export interface Ping {
  readonly type: 'ping'
  readonly count: number
  readonly nowMs: number
}

export interface Pong {
  readonly type: 'pong'
  readonly count: number
  /** The view that this side has: a master sends its own when that differs. */
  readonly view?: Version
  readonly status?: NodeStatus
}

/** The cluster as the master sees it now. */
export interface ViewFrame {
  readonly type: 'view'
  readonly view: ClusterView
}

/** Please find out whether `node` answers you: the master hears nothing of it. */
export interface ProbeRequest {
  readonly type: 'probe-request'
  readonly call: number
  readonly node: NodeName
}

export interface ProbeReply {
  readonly type: 'probe-reply'
  readonly call: number
  readonly node: NodeName
  readonly isAlive: boolean
}

/** Something that was not understood. Never answered. */
export interface ErrorFrame {
  readonly type: 'error'
  readonly code: 'BAD_MESSAGE'
  readonly message: string
}

export type Frame =
  | Hello
  | Welcome
  | Ready
  | Refused
  | RequestFrame
  | ReplyFrame
  | NoticeFrame
  | Ping
  | Pong
  | ViewFrame
  | ProbeRequest
  | ProbeReply
  | ErrorFrame

/** A failure as a reply. */
export const failed = (code: Failed['code'], message: string, epoch?: number): Failed =>
  epoch === undefined ? {type: 'failed', code, message} : {type: 'failed', code, message, epoch}

/** The highest version that both speak; undefined: none. */
export function commonVersion(ours: VersionRange, theirs: VersionRange): number | undefined {
  const highest = Math.min(ours.max, theirs.max)
  return highest >= Math.max(ours.min, theirs.min) ? highest : undefined
}

/** Why two programs cannot talk, naming both, and which of them is the older one. @param ours, theirs - name and version */
export function protocolRefusal(ours: string, theirs: Pick<Hello, 'protocol' | 'software'>): Refused {
  const range = protocolRangeOf(ours)
  const isTheirsOlder = theirs.protocol.max < range.min
  return {
    type: 'refused',
    code: 'PROTOCOL',
    message: `${theirs.software} speaks mesh protocol ${rangeText(theirs.protocol)}, this side (${ours}) ${rangeText(range)}`,
    hint: `programs work together one minor version apart: update the node that ${isTheirsOlder ? 'dialled' : 'was dialled'}, step by step`,
  }
}

export const rangeText = (range: VersionRange): string =>
  range.min === range.max ? String(range.min) : `${range.min} to ${range.max}`

/** A refusal as the error that ends the start of a node. */
export const refusalError = (refused: Refused): UserError =>
  new UserError('CANNOT_START', refused.message, refused.hint === undefined ? {} : {hint: refused.hint})
