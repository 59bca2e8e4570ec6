/** What a change may be, before anything is sent. */
import {
  attributeCountMax,
  attributeNameBytesMax,
  attributeValueBytesMax,
  commitEntryCountMax,
  makesTag,
  replicaCountMax,
  replyBytesOf,
  type TagHead,
  tagEntryCountMax,
  tokenLengthMax,
} from '../../protocol/index.ts'
import {notFound, versionChanged} from './calls.ts'
import {isLive} from './directory.ts'
import {attributeBytesMax, changeBytesMax} from './limits.ts'
import type {TagError} from './messages.ts'
import type {ChangeQuery} from './state.ts'
import {entriesOf} from './state.ts'

/**
 * Why this change cannot be made to this tag, if so.
 *
 * @param head - as committed; undefined when there is no such tag
 * @param waitingEntryCount - entries of changes that are under way
 */
export function problemOf(
  query: ChangeQuery,
  head: TagHead | undefined,
  waitingEntryCount: number,
): TagError | undefined {
  return conditionProblem(query, head) ?? existenceProblem(query, head) ?? limitProblem(query, head, waitingEntryCount)
}

function conditionProblem(query: ChangeQuery, head: TagHead | undefined): TagError | undefined {
  const {tag, ifVersion} = query
  const live = isLive(head) ? head : undefined
  const counter = live?.version.counter ?? 0
  if (ifVersion !== undefined && ifVersion !== counter) {
    const present = live === undefined ? 'does not exist' : `is at version ${counter}`
    return versionChanged(`the tag "${tag}" ${present}, not at version ${ifVersion}`, live?.version)
  }
  if (query.ifExists === true && live === undefined) return notFound(tag)
  if (query.ifMissing === true && live !== undefined) {
    return versionChanged(`the tag "${tag}" exists already, at version ${counter}`, live.version)
  }
  return undefined
}

function existenceProblem({tag, change}: ChangeQuery, head: TagHead | undefined): TagError | undefined {
  if (change.type === 'claim') return badChange(`the change ${change.type} is the master's own`)
  if (makesTag(change) || change.type === 'delete' || isLive(head)) return undefined
  if (head === undefined) return notFound(tag)
  if (change.type === 'purge') return undefined
  if (change.type !== 'restore') return notFound(tag, ': it is deleted')
  return head.isPurged === true ? notFound(tag, ' any more: its entries were purged') : undefined
}

function limitProblem(query: ChangeQuery, head: TagHead | undefined, waitingEntryCount: number): TagError | undefined {
  const {change} = query
  if (query.replicaCount !== undefined && !isReplicaCount(query.replicaCount)) return badReplicaCount()
  if (!isLive(head) && isTokenTooLong(query.ownerToken)) return tokenTooLong()
  switch (change.type) {
    case 'append':
      return entriesProblem(query, (head?.entryCount ?? 0) + waitingEntryCount)
    case 'replace':
    case 'remove':
      return entriesProblem(query, 0)
    case 'set-attributes':
      return attributesProblem(change, isLive(head) ? head.attributes : {})
    case 'set-tokens':
      return isTokenTooLong(change.read) || isTokenTooLong(change.write) ? tokenTooLong() : undefined
    case 'place':
      return isReplicaCount(change.replicaCount) ? undefined : badReplicaCount()
    default:
      return undefined
  }
}

function entriesProblem(query: ChangeQuery, presentCount: number): TagError | undefined {
  const entries = entriesOf(query)
  if (entries.length > commitEntryCountMax) return tooLarge(`a change brings at most ${commitEntryCountMax} entries`)
  if (presentCount + entries.length > tagEntryCountMax) {
    return tooLarge(`the tag "${query.tag}" cannot have more than ${tagEntryCountMax} entries`)
  }
  let bytes = 0
  for (const entry of entries) {
    bytes += replyBytesOf({number: 0, entry})
    const isSelf = entry.type === 'tag' && entry.tag === query.tag && query.change.type !== 'remove'
    if (isSelf) return tooLarge(`the tag "${query.tag}" cannot contain itself`)
  }
  return bytes > changeBytesMax ? tooLarge(`a change has at most ${changeBytesMax} bytes`) : undefined
}

function attributesProblem(
  change: {readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[]},
  present: Readonly<Record<string, string>>,
): TagError | undefined {
  const all = new Map(Object.entries(present))
  for (const name of change.unset) all.delete(name)
  for (const [name, value] of Object.entries(change.set)) {
    const nameBytes = Buffer.byteLength(name)
    if (nameBytes === 0 || nameBytes > attributeNameBytesMax) {
      return tooLarge(`the name of an attribute has 1 to ${attributeNameBytesMax} bytes`)
    }
    if (Buffer.byteLength(value) > attributeValueBytesMax) {
      return tooLarge(`the value of an attribute has at most ${attributeValueBytesMax} bytes`)
    }
    all.set(name, value)
  }
  if (all.size > attributeCountMax) return tooLarge(`a tag has at most ${attributeCountMax} attributes`)
  let bytes = 0
  for (const [name, value] of all) bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  return bytes > attributeBytesMax
    ? tooLarge(`the attributes of a tag have at most ${attributeBytesMax} bytes`)
    : undefined
}

const isTokenTooLong = (token: string | null | undefined): boolean => (token ?? '').length > tokenLengthMax
const tokenTooLong = (): TagError => tooLarge(`a token has at most ${tokenLengthMax} characters`)

const isReplicaCount = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= replicaCountMax

const tooLarge = (message: string): TagError => ({code: 'TAG_TOO_LARGE', message, retryable: false})
const badChange = (message: string): TagError => ({code: 'BAD_SETTING', message, retryable: false})
const badReplicaCount = (): TagError => badChange(`a tag has 1 to ${replicaCountMax} copies`)
