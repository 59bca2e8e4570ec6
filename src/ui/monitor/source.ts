/** Where the monitor gets what it shows from: a port, so that a script can play any cluster to it. */
import type {
  ClusterInfo,
  JobEventInfo,
  JobInfo,
  JobSummary,
  MaintenanceInfo,
  NodeInfo,
  StageInfo,
  TaskInfo,
} from '../../protocol/index.ts'

export type {
  ClusterInfo,
  JobEventInfo,
  JobInfo,
  JobState,
  JobSummary,
  MaintenanceInfo,
  NodeInfo,
  NodeState,
  StageInfo,
  TaskInfo,
} from '../../protocol/index.ts'

export interface SnapshotRequest {
  /** The job that is looked at, with its tasks and events. */
  readonly job?: string
  /** Events with a number above this are wanted. */
  readonly eventsAfter: number
}

/** A job in the list; stages only of those that are not over. */
export interface MonitorJob extends JobSummary {
  readonly stages?: readonly StageInfo[]
}

export interface RunningTask {
  readonly job: string
  readonly task: TaskInfo
}

export interface JobDetail {
  readonly info: JobInfo
  readonly tasks: readonly TaskInfo[]
  /** In the order of their numbers. */
  readonly events: readonly JobEventInfo[]
}

/** The cluster at one moment. */
export interface Snapshot {
  readonly cluster: ClusterInfo
  readonly nodes: readonly NodeInfo[]
  readonly maintenance: MaintenanceInfo
  /** Newest first. */
  readonly jobs: readonly MonitorJob[]
  /** Of all jobs that are not over: what the nodes do. */
  readonly running: readonly RunningTask[]
  /** Absent when none was asked for, or when there is no such job (any more). */
  readonly job?: JobDetail
}

export type JobOrder = 'kill' | 'pause' | 'resume'

export interface MonitorSource {
  /** @throws what keeps it from answering; the monitor shows it and tries again */
  poll(request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot>
  /** Changes a job. @throws when that is refused or nobody answers */
  order(order: JobOrder, job: string): Promise<void>
}
