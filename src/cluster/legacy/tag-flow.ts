/**
 * Changes of tags with Disco's rules: new entries in front, `update`, tokens, and a whole request as one change where it fits.
 *
 * Requests for one tag follow each other. Against changes of others each commit names the version that was looked at.
 */
import {ClusterError, UserError} from '../../base/index.ts'
import {
  type BlobId,
  commitEntryCountMax,
  objectStamp,
  pageSizeMax,
  type ReplicaSet,
  type TagChange,
  type TagEntry,
  type TagHead,
  tagUrl,
} from '../../protocol/index.ts'
import {headFor, nameBlobs} from '../master/api/tags.ts'
import type {Master} from '../master/master.ts'
import {Refusal} from './answers.ts'
import {isSameToken} from './call.ts'
import {changedMeanwhileMax} from './limits.ts'
import {blobsIn, entryOf, replicaSetOf, updateKeyOf} from './tag-entries.ts'

export interface TagAsker {
  readonly tagToken: string | undefined
  readonly caller: string
}

/** A tag that is there. */
const liveOf = (head: TagHead | undefined): TagHead | undefined =>
  head === undefined || head.deletedAtMs !== undefined ? undefined : head

/** Version stamps grow with each change; of two in one millisecond the counter tells. */
export const stampOfHead = ({modifiedAtMs, version}: TagHead): string =>
  objectStamp(Math.floor(modifiedAtMs) * 1000 + (version.counter % 1000))

export const locationsOf = (head: TagHead, host: string): string[] =>
  head.replicas.map((_, replica) => tagUrl(host, replica, head.tag, stampOfHead(head)))

/** Whoever has no token for it may change a tag that has none. */
export function mayWrite({writeToken}: TagHead, token: string | undefined): boolean {
  return writeToken === undefined || (token !== undefined && isSameToken(token, writeToken))
}

/** Who may write may read. */
export function mayRead({readToken, writeToken}: TagHead, token: string | undefined): boolean {
  if (readToken === undefined) return true
  if (token === undefined) return false
  return isSameToken(token, readToken) || (writeToken !== undefined && isSameToken(token, writeToken))
}

/** Reading the write token itself takes reading with the right to write. */
export function mayReadWriteToken(head: TagHead, token: string | undefined): boolean {
  const {readToken, writeToken} = head
  if (!mayRead(head, token)) return false
  if (writeToken === undefined || (readToken !== undefined && isSameToken(readToken, writeToken))) return true
  return token !== undefined && isSameToken(token, writeToken)
}

export const wrongToken = (): Refusal => new Refusal(401, 'Incorrect or missing token.')
export const tagNotFound = (): Refusal => new Refusal(404, 'Tag not found.')

/** A blob that a tag names without being known would be protected by nothing: clients try this again. */
const notHeard = (): ClusterError =>
  new ClusterError('UNAVAILABLE', 'not all nodes have told yet what they hold', {retryable: true})

/** Of one master. What was acknowledged is committed: nothing waits here. */
export class TagFlow {
  readonly #master: Master
  /** The last request for each tag that has not ended. */
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(master: Master) {
    this.#master = master
  }

  /** The tag as it is; undefined: there is none, or it is deleted. @throws ClusterError when too many nodes are away */
  async headOf(tag: string): Promise<TagHead | undefined> {
    return liveOf(await headFor(this.#master, tag))
  }

  /** Runs `work` behind all that was asked for this tag before. */
  async inTurn<Value>(tag: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(tag) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#last.set(tag, turn)
    try {
      return await turn
    } finally {
      if (this.#last.get(tag) === turn) this.#last.delete(tag)
    }
  }

  /** All entries of a version, in our order. */
  async entriesOf(head: TagHead): Promise<TagEntry[]> {
    const found: TagEntry[] = []
    const {tag, version: at} = head
    for (let after = 0; ; ) {
      const page = await this.#master.tags.ask(
        {type: 'entries', tag, after, count: pageSizeMax, includeDeleted: false, at},
        'entries',
      )
      for (const {entry} of page.entries) found.push(entry)
      const last = page.entries.at(-1)
      if (!page.hasMore || last === undefined) return found
      after = last.number
    }
  }

  /** Replica sets as Disco lists them: what came last is first. */
  async urlsOf(head: TagHead, host: string): Promise<ReplicaSet[]> {
    const entries = await this.entriesOf(head)
    const counts = await this.#replicaCounts(entries)
    return entries
      .map(entry => replicaSetOf(entry, host, entry.type === 'blob' ? (counts.get(entry.blob) ?? 0) : 0))
      .reverse()
  }

  /** @param sets - in Disco's order: the first one will be the first */
  async append(tag: string, sets: readonly ReplicaSet[], isUpdate: boolean, asker: TagAsker): Promise<TagHead> {
    return await this.#retried(tag, asker, async head => {
      const added = isUpdate ? await this.#newOf(head, sets) : [...sets].reverse()
      if (added.length === 0 && head !== undefined) return head
      return await this.#commitEntries(tag, head, added, 'append', asker)
    })
  }

  async replace(tag: string, sets: readonly ReplicaSet[], asker: TagAsker): Promise<TagHead> {
    return await this.#retried(
      tag,
      asker,
      async head => await this.#commitEntries(tag, head, [...sets].reverse(), 'replace', asker),
    )
  }

  /** A change of attributes or tokens, or the end of the tag. @param check - may refuse the tag as it is */
  async change(tag: string, change: TagChange, asker: TagAsker, check?: (head?: TagHead) => void): Promise<TagHead> {
    return await this.#retried(tag, asker, async head => {
      check?.(head)
      return await this.#commit(tag, head, change, asker)
    })
  }

  /** Succeeds for tags that are not there. */
  async remove(tag: string, asker: TagAsker): Promise<void> {
    const head = await this.headOf(tag)
    if (head === undefined) return
    if (!mayWrite(head, asker.tagToken)) throw wrongToken()
    await this.#master.tags.ask({type: 'change', tag, change: {type: 'delete'}, by: asker.caller}, 'changed')
  }

  /** Looks at the tag, checks the token, makes the change; again when somebody was faster. */
  async #retried(
    tag: string,
    {tagToken}: TagAsker,
    make: (head: TagHead | undefined) => Promise<TagHead>,
  ): Promise<TagHead> {
    for (let tries = 1; ; tries++) {
      const head = await this.headOf(tag)
      if (head !== undefined && !mayWrite(head, tagToken)) throw wrongToken()
      try {
        return await make(head)
      } catch (error) {
        const isFaster = error instanceof UserError && error.code === 'VERSION_CHANGED'
        if (!isFaster || tries >= changedMeanwhileMax) throw error
      }
    }
  }

  /** Those whose key is new, in the order of the request: each goes in front of the one before. */
  async #newOf(head: TagHead | undefined, sets: readonly ReplicaSet[]): Promise<ReplicaSet[]> {
    const entries = head === undefined ? [] : await this.entriesOf(head)
    const keys = new Set(entries.map(entry => updateKeyOf(replicaSetOf(entry, 'host', 1))))
    keys.delete(undefined)
    return sets.filter(set => {
      const key = updateKeyOf(set)
      if (key === undefined) return true
      if (keys.has(key)) return false
      keys.add(key)
      return true
    })
  }

  async #commitEntries(
    tag: string,
    head: TagHead | undefined,
    sets: readonly ReplicaSet[],
    type: 'append' | 'replace',
    asker: TagAsker,
  ): Promise<TagHead> {
    const named = blobsIn(sets)
    const sizes = await this.#sizesOf(named)
    if (named.some(blob => !sizes.has(blob)) && !this.#hasHeardAll()) throw notHeard()
    const entries = sets.map(set => entryOf(set, blob => sizes.get(blob)))
    let now = head
    let first = true
    for (let at = 0; first || at < entries.length; at += commitEntryCountMax) {
      const page = entries.slice(at, at + commitEntryCountMax)
      const change: TagChange =
        first && type === 'replace' ? {type: 'replace', entries: page} : {type: 'append', entries: page, unique: 'none'}
      now = await this.#commit(tag, now, change, asker)
      first = false
    }
    return now!
  }

  async #commit(tag: string, head: TagHead | undefined, change: TagChange, asker: TagAsker): Promise<TagHead> {
    const master = this.#master
    await nameBlobs(master, head, {change})
    master.settle()
    const {tagToken, caller} = asker
    const changed = await master.tags.ask(
      {
        type: 'change',
        tag,
        change,
        by: caller,
        ...(head === undefined ? {ifMissing: true} : {ifVersion: head.version.counter}),
        ...(head === undefined && tagToken !== undefined ? {ownerToken: tagToken} : {}),
      },
      'changed',
    )
    if (changed.head !== undefined) return changed.head
    throw new ClusterError('UNAVAILABLE', `the tag ${tag} went away while it was changed`)
  }

  async #sizesOf(blobs: readonly BlobId[]): Promise<ReadonlyMap<BlobId, number>> {
    return new Map((await this.#locate(blobs)).map(({blob, bytes}) => [blob, bytes]))
  }

  /** What no node is known to hold is nowhere. */
  #hasHeardAll(): boolean {
    return [...this.#master.blobs.state.nodes.values()].every(
      ({state, inventory}) => state === 'up' && inventory === 'complete',
    )
  }

  async #replicaCounts(entries: readonly TagEntry[]): Promise<ReadonlyMap<BlobId, number>> {
    const blobs = [...new Set(entries.flatMap(entry => (entry.type === 'blob' ? [entry.blob] : [])))]
    return new Map((await this.#locate(blobs)).map(({blob, nodes}) => [blob, nodes.length]))
  }

  async #locate(blobs: readonly BlobId[]) {
    const found = []
    for (let at = 0; at < blobs.length; at += pageSizeMax) {
      const page = blobs.slice(at, at + pageSizeMax)
      found.push(...(await this.#master.blobs.ask({type: 'locate', blobs: page}, 'located')).blobs)
    }
    return found
  }
}
