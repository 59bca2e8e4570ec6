/** The directory: what is known of every tag. One head and one small row a copy; entries are never here. */
import {compareVersions, type NodeName, type TagHead, type TagName, type Version} from '../../protocol/index.ts'
import type {TagRecord, TagsState, Work} from './state.ts'

/** The record of a tag, made when it is missing. */
export function recordOf(state: TagsState, tag: TagName): TagRecord {
  const known = state.tags.get(tag)
  if (known !== undefined) return known
  const record: TagRecord = {tag, head: undefined, copies: [], isOwned: false, issuedCounter: 0, touchedMs: state.nowMs}
  state.tags.set(tag, record)
  state.names.push(tag)
  state.isSorted = false
  return record
}

/** A tag is forgotten by all nodes. */
export function dropRecord(state: TagsState, tag: TagName): void {
  const record = state.tags.get(tag)
  const counter = Math.max(record?.issuedCounter ?? 0, record?.head?.version.counter ?? 0)
  state.forgottenCounter = Math.max(state.forgottenCounter, counter)
  state.tags.delete(tag)
  state.tombstones.delete(tag)
}

/** Names of all tags in order of code units, as of now. */
export function sortedNames(state: TagsState): readonly TagName[] {
  if (!state.isSorted || state.names.length !== state.tags.size) {
    state.names = [...state.tags.keys()].sort()
    state.isSorted = true
  }
  return state.names
}

/** The version that a node is known to have; undefined: none. */
export function copyVersion(record: TagRecord, node: NodeName): Version | undefined {
  for (const copy of record.copies) if (copy.node === node) return copy.version
  return undefined
}

/** Notes that `node` has at least `version`. What is known to be newer stays. */
export function noteCopy(state: TagsState, record: TagRecord, node: NodeName, version: Version): void {
  state.members.get(node)?.reported.add(record.tag)
  for (const copy of record.copies) {
    if (copy.node !== node) continue
    if (compareVersions(version, copy.version) > 0) copy.version = version
    return
  }
  record.copies.push({node, version})
}

/** A node has no copy of the tag any more. */
export function dropCopy(record: TagRecord, node: NodeName): void {
  record.copies = record.copies.filter(copy => copy.node !== node)
}

/** A head that a node reported: of a tag that is owned, or is being made so, only the copy counts, of others the highest one. */
export function noteHead(state: TagsState, node: NodeName, head: TagHead): void {
  const record = recordOf(state, head.tag)
  noteCopy(state, record, node, head.version)
  const isDeciding = state.works.get(head.tag)?.phase.type === 'commit'
  if (record.isOwned || isDeciding || compareVersions(head.version, record.head?.version) <= 0) return
  setHead(state, record, head, false)
}

/** Sets what the tag is now. `isOwn`: this master has just made it so. */
export function setHead(state: TagsState, record: TagRecord, head: TagHead | undefined, isOwn: boolean): void {
  record.head = head
  if (head?.deletedAtMs === undefined) state.tombstones.delete(record.tag)
  else if (!state.tombstones.has(record.tag)) state.tombstones.set(record.tag, {sinceMs: state.nowMs, isOwn})
}

interface LiveHead extends TagHead {
  readonly deletedAtMs?: never
}

/** A live tag, for those who do not look at tombstones. */
export const isLive = (head: TagHead | undefined): head is LiveHead =>
  head !== undefined && head.deletedAtMs === undefined

/** What is under way for a tag; made when there is nothing yet. */
export function workOf(state: TagsState, tag: TagName): Work {
  let work = state.works.get(tag)
  if (work === undefined) {
    work = {
      tag,
      queue: [],
      phase: {type: 'idle'},
      round: undefined,
      nextReaders: [],
      pageReads: 0,
      syncs: new Set(),
      syncCount: 0,
      failedSyncs: new Set(),
      missingSince: undefined,
      isMendQueued: false,
    }
    state.works.set(tag, work)
  }
  state.touched.add(tag)
  return work
}
