/** What garbage collection asks before it deletes: have the nodes that answered seen every tag as it is? */
import {compareVersions, type NodeName, type TagName} from '../../protocol/index.ts'
import {canHideTag, hasAllInventories, majorityOf, unheardMembers} from './quorum.ts'
import type {TagRecord, TagsState} from './state.ts'

export interface TagCoverage {
  /** Nodes that were not heard could hold a tag that nobody knows. */
  readonly isHiding: boolean
  readonly unheard: readonly NodeName[]
  readonly uncoveredCount: number
  /** Some of the uncovered tags, for people. */
  readonly uncovered: readonly TagName[]
}

/**
 * Which tags have no up-to-date replica among `nodes`?
 *
 * Ask when the answers of `nodes` are in: a tag counts by what was known then, and a commit that began after the nodes
 * were asked must clear the blobs that it names by itself. A tag that this master owns is covered by one node that has
 * its present version; any other by a majority of its replicas, because nobody knows yet which version counts.
 *
 * @param exampleCount - how many uncovered tags to name
 */
export function coverageOf(state: TagsState, nodes: ReadonlySet<NodeName>, exampleCount: number): TagCoverage {
  const unheard = unheardMembers(state, member => member.hasInventory)
  const uncovered: TagName[] = []
  let uncoveredCount = 0
  for (const record of state.tags.values()) {
    if (isCovered(state, record, nodes)) continue
    uncoveredCount++
    if (uncovered.length < exampleCount) uncovered.push(record.tag)
  }
  return {isHiding: canHideTag(state, unheard.length), unheard, uncoveredCount, uncovered}
}

/** Nodes that together have every tag, as far as that is possible: all that are up. */
export function nodesToAsk(state: TagsState): NodeName[] {
  return [...state.members.values()].filter(member => member.isUp).map(member => member.node)
}

export {hasAllInventories}

/** How many tags a node holds as a replica: what is left to move while it drains. */
export function tagCountOn(state: TagsState, node: NodeName): number {
  let count = 0
  for (const {head} of state.tags.values()) if (head?.replicas.includes(node) === true) count++
  return count
}

function isCovered(state: TagsState, record: TagRecord, nodes: ReadonlySet<NodeName>): boolean {
  const {head, copies} = record
  // A change whose outcome is open may bring entries that no answer has seen.
  if (state.works.get(record.tag)?.phase.type === 'commit') return false
  if (head === undefined) return copies.every(copy => nodes.has(copy.node))
  const isAt = (node: NodeName): boolean =>
    copies.some(copy => copy.node === node && compareVersions(copy.version, head.version) >= 0)
  if (record.isOwned) return copies.some(copy => nodes.has(copy.node) && isAt(copy.node))
  const present = head.replicas.filter(node => nodes.has(node) && copies.some(copy => copy.node === node))
  return present.length >= majorityOf(head.replicas.length)
}
