/** Numbers of the whole cluster, as its master knows them: nodes, repair, jobs. */
import type {ClusterInfo, MaintenanceInfo, NodeInfo, NodeState} from '../../protocol/index.ts'
import type {SchedulerState} from '../../scheduler/index.ts'
import {one} from './process-metrics.ts'
import type {Family} from './prometheus.ts'

const nodeStates: readonly NodeState[] = ['up', 'suspect', 'lost', 'draining']
const jobStates = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const

/** The cluster as its master sees it; only the master tells it, so that sums count each thing once. */
export function clusterFamilies(
  cluster: ClusterInfo,
  nodes: readonly NodeInfo[],
  {repair, gc, balance, scrub}: MaintenanceInfo,
): Family[] {
  return [
    {
      name: 'disco_cluster_nodes',
      type: 'gauge',
      help: 'Nodes of the cluster by their state.',
      samples: nodeStates.map(state => ({labels: {state}, value: nodes.filter(node => node.state === state).length})),
    },
    one('disco_cluster_tags', 'gauge', 'Tags of the cluster.', cluster.tagCount),
    one('disco_cluster_blobs', 'gauge', 'Blobs of the cluster, each counted once.', cluster.blobCount),
    one('disco_cluster_used_bytes', 'gauge', 'Bytes of all copies on all nodes.', cluster.usedBytes),
    one('disco_cluster_free_bytes', 'gauge', 'Bytes that all nodes can still take.', cluster.freeBytes),
    one('disco_cluster_warnings', 'gauge', 'Matters that need a person (see: disco status).', cluster.warnings.length),
    one(
      'disco_repair_under_replicated_blobs',
      'gauge',
      'Blobs with fewer copies than wanted.',
      repair.underReplicatedCount,
    ),
    one('disco_repair_missing_blobs', 'gauge', 'Blobs that no node that answers has.', repair.missingCount),
    one('disco_repair_copies', 'gauge', 'Copies that are being made.', repair.inFlightCount),
    one('disco_repair_left_bytes', 'gauge', 'Bytes that are still to be copied.', repair.bytesLeft),
    one('disco_gc_running', 'gauge', '1: a round of collection runs.', gc.phase === 'idle' ? 0 : 1),
    one('disco_gc_round', 'gauge', 'Number of the last round of collection that has ended.', gc.endedRound ?? 0),
    one('disco_balance_running', 'gauge', '1: data are moved between nodes.', balance.isRunning ? 1 : 0),
    one('disco_scrub_corrupt_blobs', 'gauge', 'Corrupt copies that the last scrub found.', scrub.corruptCount),
  ]
}

/** Jobs, slots and runs as the scheduler has them now; counts of runs start with the master. */
export function jobFamilies(state: SchedulerState): Family[] {
  const jobs = [...state.jobs.values()]
  const nodes = [...state.nodes.values()]
  const slots = nodes.reduce((all, node) => all + node.slots, 0)
  const results = ['done', 'failed', 'lost'] as const
  return [
    {
      name: 'disco_jobs',
      type: 'gauge',
      help: 'Jobs that the master knows, by their state.',
      samples: jobStates.map(name => ({labels: {state: name}, value: jobs.filter(job => job.state === name).length})),
    },
    one('disco_tasks_active', 'gauge', 'Tasks and inputs of jobs that are not over.', state.activeTasks),
    one('disco_runs_active', 'gauge', 'Runs of tasks that are under way.', state.runs.size),
    one('disco_slots', 'gauge', 'Tasks that all nodes can run at once.', slots),
    one('disco_slots_free', 'gauge', 'Of them, those that nothing runs in.', state.freeSlots),
    {
      name: 'disco_runs_total',
      type: 'counter',
      help: 'Runs that ended, by node and result, since the master started.',
      samples: nodes.flatMap(({name, counts}) =>
        results.map(result => ({labels: {node: name, result}, value: counts[result]})),
      ),
    },
  ]
}
