/** Copies of whole tags between agents, ordered by the coordinator. */
import type {NodeName, Version} from '../../protocol/index.ts'
import {send} from './calls.ts'
import {isUp} from './quorum.ts'
import type {Context, Work} from './state.ts'

/** Lets `node` take the tag from `from`, unless it is at it already. */
export function startSync(context: Context, work: Work, node: NodeName, from: NodeName, atLeast: Version): void {
  if (work.syncs.has(node)) return
  work.syncs.add(node)
  const record = context.state.tags.get(work.tag)
  if (record !== undefined) record.touchedMs = context.nowMs
  const request = {type: 'sync', epoch: context.state.epoch, tag: work.tag, from, atLeast} as const
  send(context, node, request, {type: 'sync', tag: work.tag, atLeast})
}

/** A sync had no reply: the copy may be there. While the node is up nobody else would tell. */
export function lookAgain(context: Context, work: Work, node: NodeName): void {
  if (!isUp(context.state, node)) return
  const record = context.state.tags.get(work.tag)
  if (record !== undefined) record.touchedMs = context.nowMs
  const request = {type: 'read-head', epoch: context.state.epoch, tag: work.tag} as const
  send(context, node, request, {type: 'look', tag: work.tag})
}
