/** Follows work that the cluster does by itself until it is over. */
import type {ClusterClient} from '../../client/index.ts'
import type {MaintenanceInfo} from '../../protocol/index.ts'
import type {TransferLine} from '../../ui/index.ts'

/** How often the cluster is asked. Milliseconds. */
const pollMs = 250

/** Asks until `isOver`; each answer goes to `onProgress`. */
export async function waitMaintenance(
  client: ClusterClient,
  first: MaintenanceInfo,
  isOver: (info: MaintenanceInfo) => boolean,
  onProgress: (info: MaintenanceInfo) => void,
): Promise<MaintenanceInfo> {
  let info = first
  for (;;) {
    onProgress(info)
    if (isOver(info)) return info
    await new Promise(resolve => setTimeout(resolve, pollMs))
    info = await client.maintenance()
  }
}

/** Tells a transfer line the bytes that came since it was last told. */
export function bytesSince(
  line: TransferLine,
  bytesOf: (info: MaintenanceInfo) => number,
): (info: MaintenanceInfo) => void {
  let told = 0
  return info => {
    const bytes = bytesOf(info)
    line.add(Math.max(0, bytes - told))
    told = Math.max(told, bytes)
  }
}
