/** Listings and sums from the directory: what the members that were heard hold, as far as this master knows it. */
import {pageSizeMax, type TagHead, type TagName} from '../../protocol/index.ts'
import {isLive, sortedNames} from './directory.ts'
import type {TagQuery, TagResult, TagSums} from './messages.ts'
import {canHideTag, unheardMembers} from './quorum.ts'
import type {TagsState} from './state.ts'

/** A page of tags from what is known here: nobody is asked. */
export function listTags(state: TagsState, query: Extract<TagQuery, {type: 'list'}>): TagResult {
  const {prefix, after} = query
  const count = Math.max(1, Math.min(query.count, pageSizeMax))
  const names = sortedNames(state)
  const heads: TagHead[] = []
  let next: TagName | undefined
  for (let index = firstBehind(names, prefix, after); index < names.length; index++) {
    const name = names[index]!
    if (!name.startsWith(prefix)) break
    const head = state.tags.get(name)?.head
    if (head === undefined || !(query.includeDeleted || isLive(head))) continue
    if (heads.length === count) {
      next = heads.at(-1)!.tag
      break
    }
    heads.push(head)
  }
  return {type: 'list', heads, ...(next === undefined ? {} : {next}), ...completenessOf(state)}
}

/** Sums over tags by the first part of their names, from what is known here. */
export function sumTags(state: TagsState, query: Extract<TagQuery, {type: 'stats'}>): TagResult {
  const {prefix} = query
  const total = newSums()
  const deleted = newSums()
  const groups = new Map<string, Sums>()
  const names = sortedNames(state)
  for (let index = firstBehind(names, prefix, ''); index < names.length; index++) {
    const name = names[index]!
    if (!name.startsWith(prefix)) break
    const head = state.tags.get(name)?.head
    if (head === undefined) continue
    if (!isLive(head)) {
      add(deleted, head)
      continue
    }
    add(total, head)
    const end = name.indexOf(':', prefix.length)
    const group = end === -1 ? name : name.slice(0, end + 1)
    const sums = groups.get(group) ?? newSums()
    groups.set(group, sums)
    add(sums, head)
  }
  const sorted = [...groups].sort(([left], [right]) => (left < right ? -1 : 1))
  return {
    type: 'stats',
    total,
    deleted,
    groups: sorted.map(([group, sums]) => ({prefix: group, sums})),
    ...completenessOf(state),
  }
}

/** Index of the first name that is at least `prefix` and greater than `after`. */
function firstBehind(names: readonly TagName[], prefix: string, after: TagName): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const name = names[middle]!
    if (name < prefix || name <= after) low = middle + 1
    else high = middle
  }
  return low
}

function completenessOf(state: TagsState): Pick<Extract<TagResult, {type: 'list'}>, 'missing' | 'isComplete'> {
  const missing = unheardMembers(state, member => member.hasInventory)
  return {missing: missing.sort(), isComplete: !canHideTag(state, missing.length)}
}

type Sums = {-readonly [K in keyof TagSums]: TagSums[K]}

const newSums = (): Sums => ({tagCount: 0, entryCount: 0, bytes: 0, recordCount: 0, rawBytes: 0})

function add(sums: Sums, head: TagHead): void {
  sums.tagCount++
  sums.entryCount += head.entryCount
  sums.bytes += head.bytes
  sums.recordCount += head.recordCount
  sums.rawBytes += head.rawBytes
}
