/** One node in the master's account, and what others see of it. */
import type {MemberInfo, MemberState, NodeName, NodeStatus} from '../protocol/index.ts'

/** As membership keeps it. */
export interface MemberRecord {
  readonly name: NodeName
  readonly key: string
  readonly address: string | undefined
  readonly pid: number
  readonly slotCount: number
  readonly software: string
  presence: Exclude<MemberState, 'draining'>
  isDraining: boolean
  isIndirect: boolean
  connection: number | undefined
  /** Heard directly, in this life of the master. */
  seenAtMs: number | undefined
  /** Last sign of life, direct or not; or when watching began. */
  aliveAtMs: number
  /** When others were asked to look for it. */
  probedAtMs: number
  status: NodeStatus | undefined
}

/** What the master's shell sees. */
export interface Member extends MemberInfo {
  readonly pid: number
  readonly slotCount: number
  readonly software: string
  /** Only other members reach it. */
  readonly isIndirect: boolean
  readonly isLinked: boolean
  /** Numbers its links in this life of the master; absent: it has none. */
  readonly connection?: number
  /** Monotonic clock of the master; absent: not heard in this life of the master. */
  readonly lastSeenMs?: number
  /** As of its last heartbeat. */
  readonly status?: NodeStatus
}

/** What all nodes know of a member. */
export function infoOf(record: MemberRecord): MemberInfo {
  return {
    name: record.name,
    key: record.key,
    ...(record.address !== undefined && {address: record.address}),
    state: record.presence === 'up' && record.isDraining ? 'draining' : record.presence,
    isDraining: record.isDraining,
  }
}

/** What the master knows of a member. */
export function memberOf(record: MemberRecord): Member {
  return {
    ...infoOf(record),
    pid: record.pid,
    slotCount: record.slotCount,
    software: record.software,
    isIndirect: record.isIndirect,
    isLinked: record.connection !== undefined,
    ...(record.connection !== undefined && {connection: record.connection}),
    ...(record.seenAtMs !== undefined && {lastSeenMs: record.seenAtMs}),
    ...(record.status !== undefined && {status: record.status}),
  }
}
