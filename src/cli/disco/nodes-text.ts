/** The nodes of a cluster as a table. */
import {formatBytes, printable} from '../../base/index.ts'
import type {NodeInfo} from '../../protocol/index.ts'
import {durationText} from '../../ui/index.ts'
import {aligned} from '../ddfs/text.ts'

const head = ['node', 'state', 'address', 'pid', 'slots', 'used', 'free', 'blobs', 'tags', 'seen']

/** @param nowMs - by the master's clock, as `lastSeenMs` */
export function nodesText(nodes: readonly NodeInfo[], nowMs: number): string {
  return aligned([head, ...nodes.map(node => row(node, nowMs))])
}

function row(node: NodeInfo, nowMs: number): string[] {
  const {status} = node
  return [
    node.isMaster ? `${node.name} *` : node.name,
    stateText(node),
    printable(node.address),
    String(node.pid),
    String(node.slotCount),
    status === undefined ? '' : formatBytes(status.usedBytes),
    status === undefined ? '' : `${formatBytes(status.freeBytes)}${status.isFull ? ' full' : ''}`,
    status === undefined ? '' : String(status.blobCount),
    status === undefined ? '' : String(status.tagCount),
    node.state === 'up' ? 'now' : `${durationText(Math.max(0, nowMs - node.lastSeenMs))} ago`,
  ]
}

function stateText(node: NodeInfo): string {
  if (node.state !== 'draining') return node.state
  if (node.isSafeToRemove === true) return 'drained: safe to remove'
  return `draining: ${node.drainBlobsLeft ?? 0} blobs, ${node.drainTagsLeft ?? 0} tags left`
}
