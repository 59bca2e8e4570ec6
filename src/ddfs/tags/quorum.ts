/** How many of which nodes must agree. */
import type {NodeName} from '../../protocol/index.ts'
import type {Member, TagsState} from './state.ts'

export const majorityOf = (count: number): number => Math.floor(count / 2) + 1

/** A node that is not on the member list may come back: only what a person has removed is gone. */
export const isRemoved = (state: TagsState, node: NodeName): boolean => state.members.get(node)?.isRemoved === true

export const isUp = (state: TagsState, node: NodeName): boolean => state.members.get(node)?.isUp === true

/**
 * How many of a tag's replicas must agree: a majority. Nodes that a person has removed never answer again; when they
 * leave less than a majority, all that are left must agree. That may lose what only the removed ones had: removing
 * half of a tag's nodes by force is a decision to accept it.
 *
 * @returns at least 1
 */
export function neededOf(state: TagsState, replicas: readonly NodeName[]): number {
  const left = replicas.filter(node => !isRemoved(state, node)).length
  return Math.max(1, Math.min(majorityOf(replicas.length), left))
}

export const upOf = (state: TagsState, replicas: readonly NodeName[]): NodeName[] =>
  replicas.filter(node => isUp(state, node))

/** Members that could hide a tag: they have not said what they hold, or what they say does not count. */
export function unheardMembers(state: TagsState, isHeard: (member: Member) => boolean): NodeName[] {
  const unheard: NodeName[] = []
  for (const member of state.members.values()) {
    if (member.isRemoved || member.isWiped || !isHeard(member)) unheard.push(member.node)
  }
  return unheard
}

/**
 * Can nodes that were not heard hold a majority of some tag among them? Then nobody may say that it does not exist.
 * Every tag has at least `floor` replicas.
 */
export const canHideTag = (state: TagsState, unheardCount: number): boolean =>
  state.members.size === 0 || unheardCount >= majorityOf(state.floor)

/** Every member that is not removed is up and has told all it holds since its link is there. */
export function hasAllInventories(state: TagsState): boolean {
  for (const member of state.members.values()) {
    if (!member.isRemoved && !(member.isUp && member.hasInventory)) return false
  }
  return true
}
