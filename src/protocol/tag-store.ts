/** What a replica does with a request about tags: one piece of code for every store (memory, SQLite). */
import {unreachable} from '../base/index.ts'
import {pageSizeMax} from './limits.ts'
import type {BlobId, TagName} from './names.ts'
import type {Commit, Failed, TagPage, TagReply, TagRequest} from './replica-messages.ts'
import {firstEntryNumber, makesTag} from './tag-change.ts'
import type {Applied, NumberedEntry, TagHead, TagLogLine} from './tags.ts'
import {compareVersions, isSameVersion, type Version} from './version.ts'

/** Requests that need nothing but the store. `sync` needs a peer: see `TagStore.install`. */
export type StoreRequest = Exclude<TagRequest, {type: 'sync'}>

export type InstallResult =
  /** Kept, not visible yet: give the next page. */
  | {readonly type: 'more'}
  /** This tag is here now, as of that version (also when it was here before). */
  | {readonly type: 'installed'; readonly head: TagHead}
  /** What is here is newer. Nothing was changed. */
  | {readonly type: 'refused'; readonly head: TagHead}
  /** The page does not follow the one before it (the tag changed at its source): begin again. */
  | {readonly type: 'restart'}
  | Failed

/** Tags of one node. All calls are synchronous; what has returned is durable. */
export interface TagStore {
  /** Answers one request. Does not throw for what can happen to a disk: the reply says so. */
  handle(request: StoreRequest): TagReply
  /** The same for many, in order and in one transaction: all durable when it returns, or all `failed`. */
  handleAll(requests: readonly StoreRequest[]): TagReply[]
  /**
   * Takes a page of a tag from a peer. Pages of one tag come in order, the one without `after` is the last: only then
   * the tag is replaced, at once. Pages of different tags may be mixed.
   */
  install(page: TagPage, isFirst: boolean): InstallResult
  /** Heads in order of their names (by code unit), from behind `after` on; `''` begins. */
  heads(after: TagName, count: number): readonly TagHead[]
  tagCount(): number
  /** The highest epoch that was promised; 0 at first. */
  epoch(): number
  /** Promises to obey no master below `epoch`, durably. Answers STALE_EPOCH when a higher one was promised before. */
  promise(epoch: number): Failed | undefined
  /** Small values of the node itself: cluster id, member list. */
  meta(key: string): string | undefined
  setMeta(key: string, value: string): void
  close(): void
}

/** What a store must be able to keep. Called inside a transaction of the store. */
export interface TagRows {
  epoch(): number
  setEpoch(epoch: number): void
  head(tag: TagName): TagHead | undefined
  /** Entries behind number `after`, as many as fit a reply, at most `count` but at least one if there is one. */
  page(tag: TagName, after: number, count: number): readonly NumberedEntry[]
  /** Applies a commit that fits, by `changeTag`, and keeps the head and the line of history. */
  apply(commit: Commit): Applied
  /** The last `count` lines of history, oldest first. */
  log(tag: TagName, count: number): readonly TagLogLine[]
  /** Forgets all about a tag. */
  remove(tag: TagName): void
  /** Of these blobs the ones that an entry names, each with a tag that has such an entry. */
  references(blobs: readonly BlobId[]): readonly {readonly blob: BlobId; readonly tag: TagName}[]
}

/** Answers a request from `rows`, and changes them. */
export function answerTagRequest(rows: TagRows, request: StoreRequest): TagReply {
  if ('epoch' in request) {
    const refused = promiseEpoch(rows, request.epoch)
    if (refused !== undefined) return refused
  }
  switch (request.type) {
    case 'commit':
      return commitTo(rows, request.commit)
    case 'read-head':
      return withHead('head', rows.head(request.tag))
    case 'read-entries':
      return readEntries(rows, request.tag, request)
    case 'read-log':
      return {type: 'log', lines: rows.log(request.tag, Math.min(request.count, pageSizeMax))}
    case 'forget':
      return forget(rows, request.tag, request.upTo)
    case 'fetch-tag':
      return fetchTag(rows, request.tag, request.after)
    case 'find-references':
      return {type: 'references', blobs: rows.references(request.blobs)}
    default:
      return unreachable(request)
  }
}

/** Refuses a master that was followed by another, and remembers a new one. */
export function promiseEpoch(rows: Pick<TagRows, 'epoch' | 'setEpoch'>, epoch: number): Failed | undefined {
  const promised = rows.epoch()
  if (epoch < promised) {
    const message = `epoch ${epoch} is over: epoch ${promised} was promised`
    return {type: 'failed', code: 'STALE_EPOCH', message, epoch: promised}
  }
  if (epoch > promised) rows.setEpoch(epoch)
  return undefined
}

function commitTo(rows: TagRows, commit: Commit): TagReply {
  const head = rows.head(commit.tag)
  if (head !== undefined && isSameVersion(head.version, commit.next)) return appliedBefore(rows, head)
  if (!isSameVersion(head?.version, commit.base)) return withHead('mismatch', head)
  if (compareVersions(commit.next, commit.base) <= 0) return badMessage(commit, 'its version does not grow')
  if (head === undefined && !makesTag(commit.change)) return badMessage(commit, 'there is no such tag')
  return {type: 'applied', applied: rows.apply(commit)}
}

/** The same commit again, because its reply was lost. The history still has what it did. */
function appliedBefore(rows: TagRows, head: TagHead): TagReply {
  const line = rows.log(head.tag, 1)[0]
  const isThatLine = line !== undefined && isSameVersion(line.version, head.version)
  const {addedCount, removedCount} = isThatLine ? line : {addedCount: 0, removedCount: 0}
  return {type: 'applied', applied: {head, addedCount, removedCount}}
}

function badMessage(commit: Commit, reason: string): Failed {
  const message = `cannot apply ${commit.change.type} to the tag ${commit.tag}: ${reason}`
  return {type: 'failed', code: 'BAD_MESSAGE', message}
}

function readEntries(
  rows: TagRows,
  tag: TagName,
  {at, after, count}: {readonly at: Version; readonly after: number; readonly count: number},
): TagReply {
  const head = rows.head(tag)
  if (head === undefined || !isSameVersion(head.version, at)) return withHead('mismatch', head)
  const entries = rows.page(tag, after, Math.min(count, pageSizeMax))
  return {type: 'entries', entries, hasMore: hasMore(rows, tag, entries)}
}

function fetchTag(rows: TagRows, tag: TagName, after: number): TagReply {
  const head = rows.head(tag)
  if (head === undefined) return {type: 'tag-page'}
  const entries = rows.page(tag, after, pageSizeMax)
  const log = after < firstEntryNumber ? rows.log(tag, pageSizeMax) : []
  const page: TagPage = {head, entries, log}
  const last = entries.at(-1)
  if (last === undefined || !hasMore(rows, tag, entries)) return {type: 'tag-page', page}
  return {type: 'tag-page', page: {...page, after: last.number}}
}

function hasMore(rows: TagRows, tag: TagName, entries: readonly NumberedEntry[]): boolean {
  const last = entries.at(-1)
  return last !== undefined && rows.page(tag, last.number, 1).length > 0
}

/** The most bytes that an entry takes in a reply. Both stores cut their pages by it. */
export function replyBytesOf({entry}: NumberedEntry): number {
  switch (entry.type) {
    case 'blob':
      return 220 + entry.name.length
    case 'tag':
      return 60 + entry.tag.length
    case 'url':
      // A character is at most six bytes in JSON (a control character).
      return entry.urls.reduce((bytes, url) => bytes + 6 * url.length + 3, 60)
    default:
      return unreachable(entry)
  }
}

function forget(rows: TagRows, tag: TagName, upTo: Version): TagReply {
  const head = rows.head(tag)
  if (head === undefined) return {type: 'forgotten'}
  if (compareVersions(head.version, upTo) > 0) return {type: 'mismatch', head}
  rows.remove(tag)
  return {type: 'forgotten'}
}

function withHead<T extends 'head' | 'mismatch'>(type: T, head: TagHead | undefined): {type: T; head?: TagHead} {
  return head === undefined ? {type} : {type, head}
}
