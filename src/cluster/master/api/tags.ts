/** Endpoints about tags. */
import {timingSafeEqual} from 'node:crypto'
import {ClusterError, UserError} from '../../../base/index.ts'
import {
  type ChangeAnswer,
  type ChangeRequest,
  type EntryPage,
  hashToken,
  makesTag,
  type NodeName,
  type NumberedEntry,
  pageSizeMax,
  parseTagName,
  type TagEntry,
  type TagHead,
  type TagInfo,
  type TagList,
  type TagLog,
  type Version,
} from '../../../protocol/index.ts'
import {type ApiCall, type Handler, readBody} from '../../http/index.ts'
import type {Master} from '../master.ts'
import {changeBody} from './schemas.ts'

/**
 * Tokens of tags guard what is read of one tag, and its changes. `listTags` gives every name with its sizes and times; what
 * people wrote about a tag, its attributes, only to whoever may read that tag.
 */
export function tagHandlers(
  master: Master,
): Record<'listTags' | 'readTag' | 'readEntries' | 'readLog' | 'changeTag', Handler> {
  return {
    listTags: async call => {
      const {query} = call
      const list = await master.tags.ask(
        {
          type: 'list',
          prefix: query.get('prefix') ?? '',
          after: query.get('after') ?? '',
          count: countOf(query, 'count', pageSizeMax),
          includeDeleted: query.get('deleted') === '1',
        },
        'list',
      )
      if (!list.isComplete && list.heads.length === 0) throw waitingFor(list.missing)
      const body: TagList = {
        tags: list.heads.map(head => listedOf(call, head)),
        ...(list.next === undefined ? {} : {next: list.next}),
      }
      return {body}
    },

    readTag: async call => {
      const tag = parseTagName(call.parameters['tag'] ?? '')
      const {head} = await master.tags.ask({type: 'head', tag, includeDeleted: false}, 'head')
      checkToken(call, head, 'read')
      return {body: infoOf(head)}
    },

    readEntries: async call => {
      const tag = parseTagName(call.parameters['tag'] ?? '')
      const at = versionOf(call.query)
      const page = await master.tags.ask(
        {
          type: 'entries',
          tag,
          after: countOf(call.query, 'after', 0, Number.MAX_SAFE_INTEGER),
          count: countOf(call.query, 'count', pageSizeMax),
          includeDeleted: false,
          ...(at === undefined ? {} : {at}),
        },
        'entries',
      )
      checkToken(call, page.head, 'read')
      return {body: pageOf(page)}
    },

    readLog: async call => {
      const tag = parseTagName(call.parameters['tag'] ?? '')
      const {head} = await master.tags.ask({type: 'head', tag, includeDeleted: true}, 'head')
      checkToken(call, head, 'read')
      const {lines} = await master.tags.ask({type: 'log', tag, count: countOf(call.query, 'count', 50)}, 'log')
      const body: TagLog = {lines}
      return {body}
    },

    changeTag: async call => {
      const tag = parseTagName(call.parameters['tag'] ?? '')
      const request = await readBody(call.request, changeBody)
      checkChange(request)
      return {body: await changeTag(master, call, tag, request)}
    },
  }
}

/** Changes that only the cluster itself makes. */
const ownChanges: ReadonlySet<string> = new Set(['claim', 'place', 'purge'])

function checkChange({change}: ChangeRequest): void {
  if (ownChanges.has(change.type)) {
    throw new UserError('FORBIDDEN', `"${change.type}" is a change that only the cluster makes`)
  }
}

/** A tag that is made while another request makes it is looked at again so many times. */
const madeMeanwhileMax = 5

/**
 * Whoever changes a tag that is there needs its token; a tag that is made with a token belongs to whoever has it, from its
 * first version on. A tag that was missing when the token was checked must be so still when the change is its turn.
 */
async function changeTag(master: Master, call: ApiCall, tag: string, request: ChangeRequest): Promise<ChangeAnswer> {
  for (let tries = 1; ; tries++) {
    const head = await headFor(master, tag)
    if (head !== undefined) checkToken(call, head, 'write')
    await nameBlobs(master, head, request)
    master.settle()
    const isToBeMade = head === undefined || head.deletedAtMs !== undefined
    try {
      return await makeChange(master, call, tag, request, isToBeMade && makesTag(request.change))
    } catch (error) {
      const isMadeMeanwhile = isToBeMade && error instanceof UserError && error.code === 'VERSION_CHANGED'
      if (!isMadeMeanwhile || request.ifVersion !== undefined || tries >= madeMeanwhileMax) throw error
    }
  }
}

async function makeChange(
  master: Master,
  call: ApiCall,
  tag: string,
  request: ChangeRequest,
  ifMissing: boolean,
): Promise<ChangeAnswer> {
  const {change, ifVersion, replicaCount} = request
  const changed = await master.tags.ask(
    {
      type: 'change',
      tag,
      change,
      by: request.by ?? (call.scopes.join('.') || 'unknown'),
      ifMissing,
      ...(ifVersion === undefined ? {} : {ifVersion}),
      ...(replicaCount === undefined ? {} : {replicaCount}),
      ...(call.tagToken === undefined ? {} : {ownerToken: call.tagToken}),
    },
    'changed',
  )
  const {addedCount, removedCount, existed} = changed
  return {tag: infoOf(changed.head ?? missing(tag, master)), addedCount, removedCount, existed}
}

/** What is known of a tag, deleted or not; undefined: there is none. Owned ones are known here: nobody needs to be asked. */
export async function headFor(master: Master, tag: string): Promise<TagHead | undefined> {
  const record = master.tags.state.tags.get(tag)
  if (record?.isOwned === true) return record.head
  try {
    return (await master.tags.ask({type: 'head', tag, includeDeleted: true}, 'head')).head
  } catch (error) {
    if (isNoTag(error)) return undefined
    throw error
  }
}

export const isNoTag = (error: unknown): boolean => error instanceof UserError && error.code === 'TAG_NOT_FOUND'

/** A page of entries as endpoints give it. */
export function pageOf({head, entries, hasMore}: FoundEntries): EntryPage {
  const next = hasMore ? entries.at(-1)?.number : undefined
  return {version: head.version, entries, ...(next === undefined ? {} : {next})}
}

interface FoundEntries {
  readonly head: TagHead
  readonly entries: readonly NumberedEntry[]
  readonly hasMore: boolean
}

/** Blobs that a change names must be somewhere, and must stay there: no collection takes them from here on. */
export async function nameBlobs(master: Master, head: TagHead | undefined, request: ChangeRequest): Promise<void> {
  const {change, holders = {}} = request
  if (change.type !== 'append' && change.type !== 'replace') return
  const blobs = change.entries.flatMap((entry: TagEntry) => {
    if (entry.type !== 'blob') return []
    const nodes = holders[entry.blob]
    return [{blob: entry.blob, bytes: entry.bytes, ...(nodes === undefined ? {} : {nodes})}]
  })
  if (blobs.length === 0) return
  const replicaCount = head?.replicaCount ?? request.replicaCount ?? master.settings.numbers().replicas
  await master.blobs.ask({type: 'name', blobs, replicaCount, replicaCountMin: 1}, 'named')
}

/** @throws UserError FORBIDDEN when the tag has a token and the caller, without `admin`, has another one or none */
export function checkToken(call: TokenCall, head: TagHead, kind: 'read' | 'write'): void {
  if (isOpenTo(call, head, kind)) return
  throw new UserError('FORBIDDEN', `the tag "${head.tag}" needs its ${kind} token`, {
    hint: 'give it with --tag-token or DDFS_TOKEN',
  })
}

type TokenCall = Pick<ApiCall, 'scopes' | 'tagToken'>

function isOpenTo(call: TokenCall, {readToken, writeToken}: TagHead, kind: 'read' | 'write'): boolean {
  const wanted = kind === 'write' ? writeToken : readToken
  if (wanted === undefined || call.scopes.includes('admin')) return true
  const given = call.tagToken
  // The write token opens reading, too.
  return given !== undefined && (isSame(given, wanted) || (writeToken !== undefined && isSame(given, writeToken)))
}

const isSame = (left: string, right: string): boolean =>
  timingSafeEqual(Buffer.from(hashToken(left)), Buffer.from(hashToken(right)))

/** What a tag that never was looks like when it is deleted. */
function missing(tag: string, master: Master): TagHead {
  const nowMs = Date.now()
  return {
    tag,
    version: {epoch: master.epoch, counter: 0},
    replicas: [],
    replicaCount: master.settings.numbers().replicas,
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    entryCount: 0,
    bytes: 0,
    recordCount: 0,
    rawBytes: 0,
    nextNumber: 1,
    attributes: {},
  }
}

/** What people see of a tag: whether it has tokens, never which. */
export function infoOf(head: TagHead): TagInfo {
  const {readToken, writeToken, nextNumber: _, isPurged: __, ...rest} = head
  return {...rest, hasReadToken: readToken !== undefined, hasWriteToken: writeToken !== undefined}
}

/** A tag in a listing: without attributes for those whom its read token keeps out. */
const listedOf = (call: TokenCall, head: TagHead): TagInfo =>
  infoOf(isOpenTo(call, head, 'read') ? head : {...head, attributes: {}})

function countOf(query: URLSearchParams, name: string, standard: number, max: number = pageSizeMax): number {
  const text = query.get(name)
  if (text === null) return standard
  const value = Number(text)
  if (/^\d{1,15}$/.test(text) && value <= max) return value
  throw new UserError('BAD_SETTING', `${name} must be a whole number up to ${max}`)
}

function versionOf(query: URLSearchParams): Version | undefined {
  const text = query.get('version')
  if (text === null) return undefined
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(text)
  if (match === null) throw new UserError('BAD_SETTING', 'version must be written as EPOCH.COUNTER')
  return {epoch: Number(match[1]), counter: Number(match[2])}
}

const waitingFor = (nodes: readonly NodeName[]): ClusterError =>
  new ClusterError('UNAVAILABLE', `tags cannot be listed before these nodes are back: ${nodes.join(', ')}`, {
    hint: 'see them with: disco nodes; one that is gone for good: disco node remove NAME',
  })
