/** Follows work that the cluster does by itself until it is over. */
import type {ClusterClient} from '../../client/index.ts'
import type {MaintenanceInfo} from '../../protocol/index.ts'
import {durationText, type TransferLine} from '../../ui/index.ts'

/** How often the cluster is asked. Milliseconds. */
const pollMs = 250

/**
 * Asks until `isOver`, or until `timeoutMs` have passed; each answer goes to `onProgress`.
 *
 * @returns the last answer: whoever gives a time has to look whether it is over
 */
export async function waitMaintenance(
  client: Pick<ClusterClient, 'maintenance'>,
  first: MaintenanceInfo,
  isOver: (info: MaintenanceInfo) => boolean,
  onProgress: (info: MaintenanceInfo) => void,
  timeoutMs = Infinity,
): Promise<MaintenanceInfo> {
  const endMs = performance.now() + timeoutMs
  let info = first
  for (;;) {
    onProgress(info)
    if (isOver(info) || performance.now() >= endMs) return info
    await new Promise(resolve => setTimeout(resolve, pollMs))
    info = await client.maintenance()
  }
}

/** What the collection round that runs waits for, and how long it will; empty when it waits for nothing. */
export function waitingText({heldBack, givesUpInMs}: MaintenanceInfo['gc']): string {
  if (heldBack.length === 0) return ''
  const until = givesUpInMs === undefined ? '' : ` (it gives up in ${durationText(givesUpInMs)})`
  return heldBack.join('; ') + until
}

/** Why a round that was asked for has not ended: what it waits for, or that another one runs before it. */
export function notEndedText(gc: MaintenanceInfo['gc'], askedRound: number): string {
  const isBehind = (gc.round ?? 0) < askedRound
  const parts = [isBehind ? `round ${gc.round} runs before it` : '', waitingText(gc)].filter(part => part !== '')
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`
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
