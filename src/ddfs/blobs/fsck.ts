/**
 * Compares tags with the directory. The shell walks all tags and feeds their pages; nothing is changed.
 * Problems of a blob are listed once, whatever the number of tags that name it.
 */
import type {BlobEntry, BlobId, NodeName, NumberedEntry, TagHead, TagName} from '../../protocol/index.ts'
import {countHolders, findSlot, hasBit} from './directory.ts'
import {fsckListedMax} from './limits.ts'
import type {BlobState} from './state.ts'

export type FsckProblem =
  /** No live copy. `lostNodes` held it when they were last heard of. */
  | {readonly type: 'missing'; readonly blob: BlobId; readonly tag: TagName; readonly lostNodes: readonly NodeName[]}
  | {
      readonly type: 'under'
      readonly blob: BlobId
      readonly tag: TagName
      readonly liveCount: number
      readonly wantedCount: number
    }
  | SurplusCopies
  /** A copy was found corrupt there. It does not count; others may be good. */
  | {readonly type: 'corrupt'; readonly blob: BlobId; readonly tag: TagName; readonly node: NodeName}
  | {
      readonly type: 'size'
      readonly blob: BlobId
      readonly tag: TagName
      readonly tagBytes: number
      readonly storedBytes: number
    }
  | {readonly type: 'dangling'; readonly tag: TagName; readonly link: TagName}

export interface SurplusCopies {
  readonly type: 'over'
  readonly blob: BlobId
  readonly tag: TagName
  readonly liveCount: number
  readonly wantedCount: number
}

export interface FsckSummary {
  readonly tagCount: number
  readonly entryCount: number
  readonly problemCounts: Readonly<Record<FsckProblem['type'], number>>
  /** The first of them, without `over`. */
  readonly problems: readonly Exclude<FsckProblem, SurplusCopies>[]
  /** The first of the over-replicated ones: no problem, what is too much goes by itself. */
  readonly surplus: readonly SurplusCopies[]
  /** Only over-replicated blobs, or nothing at all. */
  readonly isHealthy: boolean
  /** Something cannot be read: missing blobs, wrong sizes or dangling links. */
  readonly hasLoss: boolean
}

export interface Fsck {
  readonly isKnownTag: (tag: TagName) => boolean
  tagCount: number
  entryCount: number
  readonly counts: Record<FsckProblem['type'], number>
  readonly problems: Exclude<FsckProblem, SurplusCopies>[]
  readonly surplus: SurplusCopies[]
  /** Blobs and links with a problem. */
  readonly reported: Set<string>
}

/**
 * An empty account for one walk over all tags: `checkTagPage` for each page, then `summariseFsck`.
 *
 * @param isKnownTag - whether a link to that tag leads anywhere
 */
export const makeFsck = (isKnownTag: (tag: TagName) => boolean): Fsck => ({
  isKnownTag,
  tagCount: 0,
  entryCount: 0,
  counts: {missing: 0, under: 0, over: 0, corrupt: 0, size: 0, dangling: 0},
  problems: [],
  surplus: [],
  reported: new Set(),
})

/** @param isFirst - the first page of its tag */
export function checkTagPage(
  fsck: Fsck,
  state: BlobState,
  head: TagHead,
  entries: readonly NumberedEntry[],
  isFirst: boolean,
): void {
  if (isFirst) fsck.tagCount++
  fsck.entryCount += entries.length
  for (const {entry} of entries) {
    if (entry.type === 'blob') checkBlob(fsck, state, head, entry)
    else if (entry.type === 'tag' && !fsck.isKnownTag(entry.tag)) {
      report(fsck, {type: 'dangling', tag: head.tag, link: entry.tag}, `${head.tag} ${entry.tag}`)
    }
  }
}

/** What the pages so far came to. Counts are of all problems, lists of the first `fsckListedMax`. */
export function summariseFsck({tagCount, entryCount, counts, problems, surplus}: Fsck): FsckSummary {
  const lossCount = counts.missing + counts.size + counts.dangling
  const isHealthy = lossCount + counts.under + counts.corrupt === 0
  return {tagCount, entryCount, problemCounts: {...counts}, problems, surplus, isHealthy, hasLoss: lossCount > 0}
}

function checkBlob(fsck: Fsck, state: BlobState, head: TagHead, entry: BlobEntry): void {
  const {directory, masks} = state
  const {blob} = entry
  const {tag} = head
  const slot = findSlot(directory, blob)
  const liveCount = slot < 0 ? 0 : countHolders(directory, slot, masks.counted)
  const seenOn = state.corruptSeen.get(blob)
  if (seenOn !== undefined) report(fsck, {type: 'corrupt', blob, tag, node: seenOn}, blob)
  if (slot < 0 || countHolders(directory, slot, masks.up) === 0) {
    report(fsck, {type: 'missing', blob, tag, lostNodes: lostHolders(state, slot)}, blob)
    return
  }
  const storedBytes = directory.bytes[slot]!
  if (storedBytes !== entry.bytes) report(fsck, {type: 'size', blob, tag, tagBytes: entry.bytes, storedBytes}, blob)
  const wantedCount = Math.max(directory.wanted[slot]!, head.replicaCount)
  if (liveCount < Math.min(wantedCount, masks.countedCount)) {
    // What is being stored gets its other copies by itself.
    if (!state.settling.has(slot)) report(fsck, {type: 'under', blob, tag, liveCount, wantedCount}, blob)
  } else if (liveCount > wantedCount) report(fsck, {type: 'over', blob, tag, liveCount, wantedCount}, blob)
}

function lostHolders(state: BlobState, slot: number): NodeName[] {
  const {directory} = state
  if (slot < 0) return []
  return [...state.nodes.values()]
    .filter(node => hasBit(directory, directory.holders, slot, node.index))
    .map(node => node.name)
}

function report(fsck: Fsck, problem: FsckProblem, about: string): void {
  const key = `${problem.type} ${about}`
  if (fsck.reported.has(key)) return
  fsck.reported.add(key)
  fsck.counts[problem.type]++
  if (problem.type === 'over') {
    if (fsck.surplus.length < fsckListedMax) fsck.surplus.push(problem)
  } else if (fsck.problems.length < fsckListedMax) fsck.problems.push(problem)
}
