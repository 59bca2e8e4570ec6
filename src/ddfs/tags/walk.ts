/**
 * Following tags in tags. The walk is the reader's: it asks for one tag after the other and tells what it found, so a
 * large tree costs the master nothing but the reads. A tag is visited once, however many name it, so a cycle ends; tags
 * deeper than the limit are reported, not followed.
 */
import {type TagEntry, type TagName, tagDepthMax} from '../../protocol/index.ts'

export interface TagWalk {
  /** Still to be read, next first. */
  readonly waiting: {readonly tag: TagName; readonly depth: number}[]
  readonly seen: Set<TagName>
  readonly path: Map<TagName, TagName>
  /** Links that lead back to a tag above them. */
  readonly cycles: {readonly from: TagName; readonly to: TagName}[]
  readonly tooDeep: TagName[]
}

export function newTagWalk(roots: readonly TagName[]): TagWalk {
  const unique = [...new Set(roots)]
  return {
    waiting: unique.map(tag => ({tag, depth: 0})).reverse(),
    seen: new Set(unique),
    path: new Map(),
    cycles: [],
    tooDeep: [],
  }
}

/** The tag to read next, depth first and in the order of entries; undefined at the end. */
export function nextTag(walk: TagWalk): {readonly tag: TagName; readonly depth: number} | undefined {
  return walk.waiting.pop()
}

/** Tells the entries of a tag that `nextTag` gave; pages of it may come one by one. */
export function foundEntries(
  walk: TagWalk,
  from: {readonly tag: TagName; readonly depth: number},
  entries: readonly TagEntry[],
): void {
  const found: TagName[] = []
  for (const entry of entries) {
    if (entry.type !== 'tag') continue
    if (walk.seen.has(entry.tag)) {
      if (isAbove(walk, from.tag, entry.tag)) walk.cycles.push({from: from.tag, to: entry.tag})
    } else if (from.depth >= tagDepthMax) walk.tooDeep.push(entry.tag)
    else {
      walk.seen.add(entry.tag)
      walk.path.set(entry.tag, from.tag)
      found.push(entry.tag)
    }
  }
  for (const tag of found.reverse()) walk.waiting.push({tag, depth: from.depth + 1})
}

function isAbove(walk: TagWalk, tag: TagName, above: TagName): boolean {
  for (let at: TagName | undefined = tag; at !== undefined; at = walk.path.get(at)) if (at === above) return true
  return false
}
