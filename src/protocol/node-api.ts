/** Bodies of the HTTP interface about the cluster, its nodes and its settings. */
import type {NodeName} from './names.ts'
import type {NodeStatus} from './replica-messages.ts'

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
