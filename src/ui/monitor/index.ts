export {clusterSource} from './cluster-source.ts'
export type {Facts, JobRate} from './facts.ts'
export {factsAfter, noFacts} from './facts.ts'
export {jobLine} from './plain.ts'
export type {MonitorEnd, MonitorOptions} from './run-monitor.ts'
export {monitorSnapshot, monitorText, runMonitor} from './run-monitor.ts'
export type {
  JobDetail,
  JobOrder,
  MonitorJob,
  MonitorSource,
  RunningTask,
  Snapshot,
  SnapshotRequest,
} from './source.ts'
export {counted} from './words.ts'
