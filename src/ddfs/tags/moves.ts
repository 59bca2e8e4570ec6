/** Where a tag is to lie, and the next single step to there. */
import type {NodeName, TagHead, TagName} from '../../protocol/index.ts'
import {rankNodes} from '../placement.ts'
import type {Member, TagsState} from './state.ts'

export interface Move {
  readonly replicas: readonly NodeName[]
  /** Must have a copy before the move; absent: a node leaves. */
  readonly added?: NodeName
}

/** Nodes for a tag that is made: those that can take it now first, then those that will be back. */
export function placeNewTag(state: TagsState, tag: TagName, wanted: number): NodeName[] {
  const staying = [...state.members.values()].filter(member => !member.isRemoved && !member.isDraining)
  const members = staying.length > 0 ? staying : [...state.members.values()].filter(member => !member.isRemoved)
  const groups = [
    members.filter(member => member.isUp && member.isPlaceable),
    members.filter(member => member.isUp && !member.isPlaceable),
    members.filter(member => !member.isUp),
  ]
  const ranked = groups.flatMap(group =>
    rankNodes(
      tag,
      group.map(member => member.node),
    ),
  )
  return ranked.slice(0, copiesWanted(state, wanted))
}

/**
 * How many copies a tag gets, before it is clamped to the nodes: heads are small, so never fewer than the default, which
 * lets one node be away without hiding anything.
 */
const copiesWanted = (state: TagsState, wanted: number): number => Math.max(wanted, state.settings.replicaCount)

/** One node more or one node less, or nothing when the tag lies well. `failed`: nodes not to be added now. */
export function planMove(
  state: TagsState,
  tag: TagName,
  head: TagHead,
  failed: ReadonlySet<NodeName>,
): Move | undefined {
  const {replicas} = head
  let eligible = 0
  for (const member of state.members.values()) if (isStaying(state, member)) eligible++
  const wanted = Math.min(copiesWanted(state, head.replicaCount), eligible)
  const leaving = replicas.filter(node => !isStaying(state, state.members.get(node)))
  const stayingCount = replicas.length - leaving.length
  if (stayingCount < wanted) {
    const added = candidate(state, tag, replicas, failed)
    if (added !== undefined) return {replicas: [...replicas, added], added}
  }
  const isSpare = stayingCount >= wanted || leaving.some(node => state.members.get(node)?.isRemoved !== false)
  if (leaving.length > 0 && stayingCount > 0 && isSpare) return without(replicas, mostGone(state, leaving))
  if (stayingCount > wanted && wanted > 0 && leaving.length === 0)
    return without(replicas, rankNodes(tag, replicas).at(-1)!)
  return undefined
}

function without(replicas: readonly NodeName[], node: NodeName): Move {
  return {replicas: replicas.filter(each => each !== node)}
}

/** Not gone, not going, and not lost for too long. */
function isStaying(state: TagsState, member: Member | undefined): boolean {
  if (member === undefined || member.isRemoved || member.isDraining) return false
  return member.isUp || state.nowMs - member.lostAtMs < state.settings.replaceAfterMs
}

function candidate(
  state: TagsState,
  tag: TagName,
  replicas: readonly NodeName[],
  failed: ReadonlySet<NodeName>,
): NodeName | undefined {
  const nodes: NodeName[] = []
  for (const {node, isUp, isPlaceable, isDraining, isRemoved} of state.members.values()) {
    if (isUp && isPlaceable && !isDraining && !isRemoved && !replicas.includes(node) && !failed.has(node))
      nodes.push(node)
  }
  return rankNodes(tag, nodes)[0]
}

/** Removed nodes first, then lost ones, then those that drain. */
function mostGone(state: TagsState, leaving: readonly NodeName[]): NodeName {
  const rank = (node: NodeName): number => {
    const member = state.members.get(node)
    if (member === undefined || member.isRemoved) return 0
    return member.isUp ? 2 : 1
  }
  return [...leaving].sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1))[0]!
}
