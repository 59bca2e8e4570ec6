/** Requests to nodes that wait for their reply. Each ends once: by a reply, a failure, its deadline or the node's loss. */
import type {BlobId, BlobRequest, NodeName} from '../../protocol/index.ts'
import type {Round} from './collect-state.ts'
import type {BlobEffect, FindReferences} from './events.ts'
import type {Copy} from './repair.ts'
import type {ScrubRequest} from './scrub-request.ts'
import type {BlobState, Naming, StorageNode} from './state.ts'
import type {Trim} from './trim.ts'

export type Purpose =
  | {readonly type: 'copy'; readonly copy: Copy}
  | {readonly type: 'name'; readonly naming: Naming; readonly blobs: readonly BlobId[]}
  | {readonly type: 'confirm'; readonly trim: Trim; readonly blobs: readonly BlobId[]}
  | {readonly type: 'drop-surplus'; readonly trim: Trim; readonly blobs: readonly BlobId[]}
  | {readonly type: 'settle-doubts'; readonly blobs: readonly BlobId[]; readonly replicaCount: number}
  | {readonly type: 'gc-list'; readonly round: Round}
  | {readonly type: 'gc-find'; readonly round: Round}
  | {readonly type: 'gc-drop'; readonly round: Round; readonly blobs: readonly BlobId[]}
  /** `request`: of a scrub that was asked for; undefined: of the node's own round. */
  | {readonly type: 'scrub'; readonly request: ScrubRequest | undefined}

export interface Call {
  readonly id: number
  readonly node: NodeName
  readonly deadlineMs: number
  readonly purpose: Purpose
}

type WithoutEpoch<Request> = Request extends {readonly epoch: number} ? Omit<Request, 'epoch'> : never

/** An order without its epoch, which `send` adds. */
export type Order = WithoutEpoch<BlobRequest | FindReferences>

/** @param allowanceMs - time for the reply */
export function send(
  state: BlobState,
  effects: BlobEffect[],
  node: StorageNode,
  order: Order,
  purpose: Purpose,
  allowanceMs = state.settings.callMs,
): void {
  const call = {id: state.nextCall++, node: node.name, deadlineMs: state.nowMs + allowanceMs, purpose}
  state.calls.set(call.id, call)
  state.nextDeadlineMs = Math.min(state.nextDeadlineMs, call.deadlineMs)
  const request = {...order, epoch: state.epoch}
  effects.push({type: 'send', call: call.id, node: node.name, request, deadlineMs: call.deadlineMs})
}
