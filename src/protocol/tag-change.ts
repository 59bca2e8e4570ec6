/**
 * What a change does to a tag.
 *
 * Every replica applies the same changes to equal tags, so this is part of what the nodes agree on, as the messages are:
 * one piece of code for every store, with no clock and no choice in it. A change costs what it adds and takes out;
 * `clear` is up to the store.
 *
 * A change of a tag that is deleted:
 * - `append`, `replace`, `set-attributes` and `set-tokens` make the tag anew: what it had goes (entries, attributes,
 *   tokens), its numbers and its counter go on, and it stays where its tombstone lies;
 * - `delete` keeps the time of the first deletion, `restore` of a purged tag and `purge` of a live one do nothing.
 *   They still count as a change, because the master has given them a version.
 */
import {assert, unreachable} from '../base/index.ts'
import type {Commit} from './replica-messages.ts'
import type {Applied, TagChange, TagEntry, TagHead, TagLogLine, Uniqueness} from './tags.ts'

/** Entries are numbered from here, so that `after: 0` asks for all of them. */
export const firstEntryNumber = 1

/** The entries of one tag, as a store keeps them. */
export interface EntryRows {
  /** Has it an entry that equals this one, by the rule? */
  has(entry: TagEntry, unique: Exclude<Uniqueness, 'none'>): boolean
  add(number: number, entry: TagEntry): void
  /** Takes out what equals `entry` by the rule of the change `remove`, and returns it. */
  take(entry: TagEntry): readonly TagEntry[]
  clear(): void
}

/** Which part of an entry the rules compare. A blob has no prefix: its id cannot begin with a letter past `f`. */
export function contentOf(entry: TagEntry): string {
  switch (entry.type) {
    case 'blob':
      return entry.blob
    case 'tag':
      return `tag:${entry.tag}`
    case 'url':
      return `url:${JSON.stringify(entry.urls)}`
    default:
      return unreachable(entry)
  }
}

/** Changes that make a tag that is missing or deleted. All others need one. */
export function makesTag(change: TagChange): boolean {
  return (
    change.type === 'append' ||
    change.type === 'replace' ||
    change.type === 'set-attributes' ||
    change.type === 'set-tokens'
  )
}

/**
 * Applies the change of `commit` to a tag.
 *
 * @param head - as it is; undefined when there is no such tag
 * @param entries - the rows of that tag; changed in place
 * @returns the head as it is now, and how many entries came and went
 * @throws InvariantError when the change needs a tag and there is none (callers ask `makesTag` first)
 */
export function changeTag(head: TagHead | undefined, entries: EntryRows, commit: Commit): Applied {
  const counts = {addedCount: 0, removedCount: 0}
  let draft = head
  if (makesTag(commit.change) && (head === undefined || head.deletedAtMs !== undefined)) {
    if (head !== undefined) {
      counts.removedCount = head.entryCount
      entries.clear()
    }
    draft = newHead(head, commit)
  }
  assert(draft !== undefined, `the change ${commit.change.type} finds the tag ${commit.tag}`)
  const changed = applyTo(draft, entries, commit, counts)
  return {head: {...changed, version: commit.next}, ...counts}
}

/** The line that a commit leaves in the tag's history. */
export function logLineOf(commit: Commit, applied: Applied): TagLogLine {
  return {
    version: commit.next,
    change: commit.change.type,
    atMs: commit.atMs,
    by: commit.by,
    addedCount: applied.addedCount,
    removedCount: applied.removedCount,
  }
}

/** A tag without contents; what is left of a deleted one decides where it lies and how its entries are numbered. */
function newHead(tombstone: TagHead | undefined, commit: Commit): TagHead {
  return {
    tag: commit.tag,
    version: commit.next,
    replicas: tombstone?.replicas ?? commit.placement.replicas,
    replicaCount: commit.placement.replicaCount,
    createdAtMs: commit.atMs,
    modifiedAtMs: commit.atMs,
    ...noEntries,
    nextNumber: tombstone?.nextNumber ?? firstEntryNumber,
    attributes: {},
    ...(commit.ownerToken !== undefined && {readToken: commit.ownerToken, writeToken: commit.ownerToken}),
  }
}

interface Counts {
  addedCount: number
  removedCount: number
}

function applyTo(head: TagHead, entries: EntryRows, commit: Commit, counts: Counts): TagHead {
  const {change} = commit
  const touched = {...head, modifiedAtMs: commit.atMs}
  switch (change.type) {
    case 'append':
      return addAll(touched, entries, change.entries, change.unique, counts)
    case 'replace':
      return addAll(dropAll(touched, entries, counts), entries, change.entries, 'none', counts)
    case 'remove':
      return takeAll(touched, entries, change.entries, counts)
    case 'set-attributes':
      return {...touched, attributes: withAttributes(head.attributes, change)}
    case 'set-tokens':
      return withTokens(touched, change)
    case 'delete':
      return {...touched, deletedAtMs: head.deletedAtMs ?? commit.atMs}
    case 'restore':
      return head.isPurged === true ? touched : without(touched, 'deletedAtMs')
    case 'purge':
      return head.deletedAtMs === undefined ? touched : purged(dropAll(touched, entries, counts))
    // Where a tag lies and who answers for it is not a modification of what it says.
    case 'place':
      return {...head, replicas: change.replicas, replicaCount: change.replicaCount}
    case 'claim':
      return head
    default:
      return unreachable(change)
  }
}

type Sums = Pick<TagHead, 'entryCount' | 'bytes' | 'recordCount' | 'rawBytes'>
const noEntries: Sums = {entryCount: 0, bytes: 0, recordCount: 0, rawBytes: 0}

function addAll(
  head: TagHead,
  entries: EntryRows,
  added: readonly TagEntry[],
  unique: Uniqueness,
  counts: Counts,
): TagHead {
  const sums = sumsOf(head)
  let number = head.nextNumber
  for (const entry of added) {
    if (unique !== 'none' && entries.has(entry, unique)) continue
    entries.add(number, entry)
    number++
    counts.addedCount++
    count(sums, entry, 1)
  }
  return {...head, ...sums, nextNumber: number}
}

function takeAll(head: TagHead, entries: EntryRows, removed: readonly TagEntry[], counts: Counts): TagHead {
  const sums = sumsOf(head)
  for (const pattern of removed) {
    for (const entry of entries.take(pattern)) {
      counts.removedCount++
      count(sums, entry, -1)
    }
  }
  return {...head, ...sums}
}

function dropAll(head: TagHead, entries: EntryRows, counts: Counts): TagHead {
  counts.removedCount += head.entryCount
  entries.clear()
  return {...head, ...noEntries}
}

type Mutable<T> = {-readonly [K in keyof T]: T[K]}

function sumsOf({entryCount, bytes, recordCount, rawBytes}: TagHead): Mutable<Sums> {
  return {entryCount, bytes, recordCount, rawBytes}
}

function count(sums: Mutable<Sums>, entry: TagEntry, sign: 1 | -1): void {
  sums.entryCount += sign
  if (entry.type !== 'blob') return
  sums.bytes += sign * entry.bytes
  sums.recordCount += sign * (entry.recordCount ?? 0)
  sums.rawBytes += sign * (entry.rawBytes ?? 0)
}

/** By way of a map: an attribute may be called `__proto__`. */
function withAttributes(
  attributes: TagHead['attributes'],
  change: Extract<TagChange, {type: 'set-attributes'}>,
): TagHead['attributes'] {
  const all = new Map(Object.entries(attributes))
  for (const name of change.unset) all.delete(name)
  for (const [name, value] of Object.entries(change.set)) all.set(name, value)
  return Object.fromEntries(all)
}

function withTokens(head: TagHead, change: Extract<TagChange, {type: 'set-tokens'}>): TagHead {
  let result = head
  if (change.read === null) result = without(result, 'readToken')
  else if (change.read !== undefined) result = {...result, readToken: change.read}
  if (change.write === null) result = without(result, 'writeToken')
  else if (change.write !== undefined) result = {...result, writeToken: change.write}
  return result
}

function purged(head: TagHead): TagHead {
  return {...without(without(head, 'readToken'), 'writeToken'), attributes: {}, isPurged: true}
}

function without<K extends 'deletedAtMs' | 'readToken' | 'writeToken'>(head: TagHead, key: K): TagHead {
  const {[key]: _, ...rest} = head
  return rest as TagHead
}
