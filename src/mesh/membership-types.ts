/** State, events and effects of membership. What they mean together is in membership.ts. */
import type {
  ClusterSettings,
  ClusterView,
  Hello,
  MeshTimings,
  NodeName,
  NodeStatus,
  Refused,
  Version,
} from '../protocol/index.ts'
import type {Member, MemberRecord} from './member.ts'

/** Numbers connections of one master, from 1. */
export type ConnectionId = number

export interface MembershipState {
  readonly members: Map<NodeName, MemberRecord>
  cluster: string
  /** The cluster's id is new and nothing was stored under it: a node that knows another one may still bring that. */
  isProvisional: boolean
  epoch: number
  readonly key: string
  /** Above a higher epoch that a node has heard of a starting master goes; later it gives up. */
  isStarting: boolean
  isSuperseded: boolean
  /** Grows with every change that agents are to know. */
  viewCounter: number
  /** Agents have to be told. Heartbeats do not set it. */
  isViewStale: boolean
  /** The newest view that came from outside: the folder, or a node. */
  learned: Version | undefined
  timings: MeshTimings
  settings: ClusterSettings
  /** Time of the last step, and when the next one was asked for at the latest. */
  nowMs: number
  wakeAtMs: number | undefined
}

export type MembershipEvent = {readonly nowMs: number} & (
  | {readonly type: 'hello'; readonly connection: ConnectionId; readonly hello: Hello}
  /** The epoch was promised: the link is up. */
  | {readonly type: 'linked'; readonly connection: ConnectionId; readonly hello: Hello}
  | {readonly type: 'unlinked'; readonly connection: ConnectionId; readonly node: NodeName}
  | {
      readonly type: 'heard'
      readonly connection: ConnectionId
      readonly node: NodeName
      readonly status?: NodeStatus
    }
  /** All of its inventory has arrived. */
  | {readonly type: 'joined'; readonly node: NodeName}
  | {readonly type: 'probe-answered'; readonly node: NodeName; readonly via: NodeName; readonly isAlive: boolean}
  | {readonly type: 'drain'; readonly node: NodeName; readonly isDraining: boolean}
  | {readonly type: 'remove'; readonly node: NodeName}
  | {readonly type: 'configure'; readonly timings?: MeshTimings; readonly settings?: ClusterSettings}
  /** The id is used: from here on no other one is taken over. */
  | {readonly type: 'settle'}
  | {readonly type: 'epoch-taken'; readonly epoch: number}
  /** A node refused to promise our epoch. */
  | {readonly type: 'epoch-seen'; readonly connection: ConnectionId; readonly epoch: number}
  | {readonly type: 'start-ended'}
  | {readonly type: 'tick'}
)

export type MembershipEffect =
  | {readonly type: 'welcome'; readonly connection: ConnectionId}
  /** Answers a hello, or ends a link. */
  | {readonly type: 'refuse'; readonly connection: ConnectionId; readonly refused: Refused}
  | {readonly type: 'close'; readonly connection: ConnectionId; readonly reason: string}
  | {readonly type: 'probe'; readonly node: NodeName; readonly via: readonly NodeName[]}
  | {readonly type: 'report-member'; readonly member: Member}
  /** To be persisted, then told to all agents. */
  | {readonly type: 'publish-view'; readonly view: ClusterView}
  | {readonly type: 'take-epoch'; readonly above: number}
  | {readonly type: 'report-superseded'; readonly epoch: number}
  | {readonly type: 'wake'; readonly atMs: number}

export interface MembershipStart {
  readonly key: string
  readonly epoch: number
  readonly nowMs: number
  readonly timings: MeshTimings
  readonly settings: ClusterSettings
  /** What this master's folder holds; absent on an empty one. */
  readonly view?: ClusterView
  /** For a cluster that nobody knows yet. */
  readonly newCluster: string
}
