/** A cluster for people, one fact a line. */
import {formatBytes} from '../../base/index.ts'
import {type ClusterInfo, epochCount, type MaintenanceInfo} from '../../protocol/index.ts'
import {counted, durationText} from '../../ui/index.ts'
import {aligned} from '../ddfs/text.ts'

/** `disco status` for people: what is well in a line each, what is not in its own. */
export function statusText(cluster: ClusterInfo, maintenance: MaintenanceInfo): string {
  const {repair, gc} = maintenance
  const rows: [string, string][] = [
    ['cluster', `${cluster.address} (master ${cluster.master}, epoch ${epochCount(cluster.epoch)})`],
    ['running for', durationText(cluster.nowMs - cluster.startedAtMs)],
    ['nodes', `${cluster.upCount} of ${cluster.nodeCount} up`],
    ['holds', `${counted(cluster.tagCount, 'tag')}, ${counted(cluster.blobCount, 'blob')}`],
    ['disk', `${formatBytes(cluster.usedBytes)} used, ${formatBytes(cluster.freeBytes)} free${sharersText(cluster)}`],
  ]
  if (repair.underReplicatedCount > 0 || repair.inFlightCount > 0) {
    const eta = repair.etaMs === undefined ? '' : `, ${durationText(repair.etaMs)} left`
    rows.push(['repair', `${counted(repair.underReplicatedCount, 'blob')}, ${formatBytes(repair.bytesLeft)}${eta}`])
  }
  if (gc.phase !== 'idle') rows.push(['gc', gc.phase])
  for (const warning of cluster.warnings) rows.push(['warning', warning])
  return aligned(rows)
}

/** Copies on one disk are no protection against its loss: who thinks of them as such learns it here. */
function sharersText({diskSharers = []}: ClusterInfo): string {
  const groups = diskSharers.map(names => `${names.join(', ')} on one disk`)
  return groups.length === 0 ? '' : ` (${groups.join('; ')})`
}
