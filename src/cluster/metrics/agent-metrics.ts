/** Numbers of one node's storage and of its link. */
import type {MeshCounters} from '../../mesh/index.ts'
import type {NodeStatus} from '../../protocol/index.ts'
import {one} from './process-metrics.ts'
import type {Family} from './prometheus.ts'

/** What a node tells its master of its disks, as numbers to watch. */
export function storageFamilies(status: NodeStatus): Family[] {
  return [
    one('disco_storage_used_bytes', 'gauge', 'Bytes of all blobs on this node.', status.usedBytes),
    one('disco_storage_free_bytes', 'gauge', 'Bytes that its volumes can still take.', status.freeBytes),
    one('disco_storage_reserve_bytes', 'gauge', 'Bytes that stay free on every volume.', status.reserveBytes),
    one('disco_storage_full', 'gauge', '1: the node takes no new data.', status.isFull ? 1 : 0),
    one('disco_storage_blobs', 'gauge', 'Blobs on this node.', status.blobCount),
    one('disco_storage_tags', 'gauge', 'Tags that this node keeps a copy of.', status.tagCount),
    one('disco_storage_corrupt_blobs', 'gauge', 'Copies that were found corrupt and set aside.', status.corruptCount),
    one('disco_storage_transfers', 'gauge', 'Uploads and downloads under way.', status.transferCount),
  ]
}

/** @param meshes - of this process, by role */
export function meshFamilies(meshes: Readonly<Record<string, Readonly<MeshCounters> | undefined>>): Family[] {
  const known = Object.entries(meshes).flatMap(([role, counters]) => (counters === undefined ? [] : [{role, counters}]))
  return (Object.keys(meshTexts) as (keyof MeshCounters)[]).map(key => ({
    name: `disco_mesh_${meshTexts[key][0]}_total`,
    type: 'counter',
    help: meshTexts[key][1],
    samples: known.map(({role, counters}) => ({labels: {role}, value: counters[key]})),
  }))
}

const meshTexts: Readonly<Record<keyof MeshCounters, readonly [name: string, help: string]>> = {
  linkCount: ['links', 'Links that came up.'],
  dialFailureCount: ['dial_failures', 'Attempts to reach the other side that failed.'],
  badFrameCount: ['bad_frames', 'Messages that were not understood.'],
  cutOffCount: ['cut_off_links', 'Links that were cut because the other side did not read, or sent too much.'],
  silentCount: ['silent_links', 'Links that were closed because nothing was heard.'],
  refusedCount: ['refused_nodes', 'Nodes that were not let in.'],
}
