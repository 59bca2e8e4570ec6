/**
 * Checks of everything that arrives over the mesh. Past `parseFrame` the types are trusted.
 *
 * Fields that are not known are dropped. A name outside its grammar, a number that is not a count, an unknown `type`: the
 * message is bad as a whole.
 */
import * as z from 'zod/mini'
import {messageOf} from '../base/index.ts'
import type {
  ClusterView,
  ErrorFrame,
  Frame,
  Hello,
  MeshNotice,
  MeshReply,
  MeshRequest,
  Ping,
  Pong,
  ProbeReply,
  ProbeRequest,
  Refused,
  Welcome,
} from './frames.ts'
import {memberCountMax} from './frames.ts'
import {commitEntryCountMax, replicaCountMax} from './limits.ts'
import {isBlobId, isBlobName, isNodeName, isTagName} from './names.ts'
import type {BlobReply, Failed, NodeReply, TagReply, TagRequest} from './replica-messages.ts'
import type {Applied, NumberedEntry, TagChange, TagEntry, TagHead, TagLogLine} from './tags.ts'
import {
  isTaskRequest,
  type TaskReply,
  taskNoticeSchemas,
  taskReplySchemas,
  taskRequestSchemas,
} from './task-messages.ts'

/** Keys, cluster ids and the like: letters that are safe anywhere. Characters. */
const idPattern = /^[A-Za-z0-9_-]{1,128}$/

/** Texts for people in messages. Characters. */
const textLengthMax = 4096

/** A base URL. Characters. */
const addressLengthMax = 512

const optional = z.exactOptional
const count = z.int().check(z.nonnegative())
const clockMs = z.number()
const id = z.string().check(z.regex(idPattern))
const text = z.string().check(z.maxLength(textLengthMax))
const tagName = z.string().check(z.refine(isTagName, 'not the name of a tag'))
const nodeName = z.string().check(z.refine(isNodeName, 'not the name of a node'))
const blobId = z.string().check(z.refine(isBlobId, 'not the id of a blob'))
/** A place in the order of ids: an id, or '' for the beginning. */
const blobCursor = z.string().check(z.refine(value => value === '' || isBlobId(value), 'not the id of a blob'))
const address = z.string().check(z.maxLength(addressLengthMax), z.regex(/^https?:\/\/[^\s/]+\/?$/))
const nodeNames = z.array(nodeName).check(z.maxLength(replicaCountMax))
const blobIds = z.array(blobId)
const version = z.object({epoch: count, counter: count})

const blobEntry = z.object({
  type: z.literal('blob'),
  blob: blobId,
  // Empty in a removal: whatever it is called.
  name: z.string().check(z.refine(value => value === '' || isBlobName(value), 'not the name of a blob')),
  bytes: count,
  codec: optional(z.enum(['plain', 'gzip', 'zstd'])),
  recordCount: optional(count),
  rawBytes: optional(count),
})
const linkEntry = z.object({type: z.literal('tag'), tag: tagName})
const urlEntry = z.object({type: z.literal('url'), urls: z.array(z.string())})
const entry: z.ZodMiniType<TagEntry> = z.discriminatedUnion('type', [blobEntry, linkEntry, urlEntry])
const entries = z.array(entry).check(z.maxLength(commitEntryCountMax))
const numberedEntry: z.ZodMiniType<NumberedEntry> = z.object({number: count, entry})
const attributes = z.record(z.string(), z.string())

const tagHeadSchema: z.ZodMiniType<TagHead> = z.object({
  tag: tagName,
  version,
  replicas: nodeNames,
  replicaCount: count,
  createdAtMs: clockMs,
  modifiedAtMs: clockMs,
  deletedAtMs: optional(clockMs),
  isPurged: optional(z.boolean()),
  entryCount: count,
  bytes: count,
  recordCount: count,
  rawBytes: count,
  nextNumber: count,
  attributes,
  readToken: optional(z.string()),
  writeToken: optional(z.string()),
})

const changeTypes = [
  'append',
  'replace',
  'remove',
  'set-attributes',
  'set-tokens',
  'delete',
  'restore',
  'purge',
  'place',
  'claim',
] as const

export const tagChangeSchema: z.ZodMiniType<TagChange> = z.discriminatedUnion('type', [
  z.object({type: z.literal('append'), entries, unique: z.enum(['entry', 'name', 'none'])}),
  z.object({type: z.literal('replace'), entries}),
  z.object({type: z.literal('remove'), entries}),
  z.object({type: z.literal('set-attributes'), set: attributes, unset: z.array(z.string())}),
  z.object({
    type: z.literal('set-tokens'),
    read: optional(z.nullable(z.string())),
    write: optional(z.nullable(z.string())),
  }),
  z.object({type: z.literal('delete')}),
  z.object({type: z.literal('restore')}),
  z.object({type: z.literal('purge')}),
  z.object({type: z.literal('place'), replicas: nodeNames, replicaCount: count}),
  z.object({type: z.literal('claim')}),
])

const logLine: z.ZodMiniType<TagLogLine> = z.object({
  version,
  change: z.enum(changeTypes),
  atMs: clockMs,
  by: text,
  addedCount: count,
  removedCount: count,
})
const applied: z.ZodMiniType<Applied> = z.object({head: tagHeadSchema, addedCount: count, removedCount: count})
const commit = z.object({
  tag: tagName,
  base: optional(version),
  next: version,
  change: tagChangeSchema,
  placement: z.object({replicas: nodeNames, replicaCount: count}),
  ownerToken: optional(z.string()),
  atMs: clockMs,
  by: text,
})

const epoch = count
const tagRequests = [
  z.object({type: z.literal('commit'), epoch, commit}),
  z.object({type: z.literal('read-head'), epoch, tag: tagName}),
  z.object({type: z.literal('read-entries'), epoch, tag: tagName, at: version, after: z.int(), count}),
  z.object({type: z.literal('read-log'), epoch, tag: tagName, count}),
  z.object({type: z.literal('sync'), epoch, tag: tagName, from: nodeName, atLeast: version}),
  z.object({type: z.literal('forget'), epoch, tag: tagName, upTo: version}),
  z.object({type: z.literal('fetch-tag'), tag: tagName, after: z.int()}),
  z.object({type: z.literal('find-references'), epoch, blobs: blobIds}),
] as const
const blobRequests = [
  z.object({
    type: z.literal('fetch-blob'),
    epoch,
    blob: blobId,
    bytes: count,
    replicaCount: count,
    from: z.array(nodeName).check(z.maxLength(memberCountMax)),
  }),
  z.object({
    type: z.literal('touch-blobs'),
    epoch,
    blobs: blobIds,
    replicaCount: count,
    isDeep: optional(z.boolean()),
  }),
  z.object({type: z.literal('list-idle-blobs'), epoch, idleMs: count, after: blobCursor, count}),
  z.object({type: z.literal('drop-blobs'), epoch, blobs: blobIds, idleMs: count}),
  z.object({type: z.literal('scrub'), epoch, after: blobCursor, bytes: count}),
] as const

const meshRequestSchema: z.ZodMiniType<MeshRequest> = z.discriminatedUnion('type', [
  ...tagRequests,
  ...blobRequests,
  z.object({type: z.literal('tags-restored'), epoch}),
  ...taskRequestSchemas,
])

const failedReply = z.object({
  type: z.literal('failed'),
  code: z.enum(['STALE_EPOCH', 'DISK_FULL', 'STORAGE_BROKEN', 'NOT_FOUND', 'UNREACHABLE', 'CORRUPT', 'BAD_MESSAGE']),
  message: text,
  epoch: optional(epoch),
})

const tagReplySchema: z.ZodMiniType<TagReply> = z.discriminatedUnion('type', [
  z.object({type: z.literal('applied'), applied}),
  z.object({type: z.literal('head'), head: optional(tagHeadSchema)}),
  z.object({type: z.literal('entries'), entries: z.array(numberedEntry), hasMore: z.boolean()}),
  z.object({type: z.literal('log'), lines: z.array(logLine)}),
  z.object({type: z.literal('synced'), head: tagHeadSchema}),
  z.object({type: z.literal('forgotten')}),
  z.object({
    type: z.literal('tag-page'),
    page: optional(
      z.object({
        head: tagHeadSchema,
        entries: z.array(numberedEntry),
        log: z.array(logLine),
        after: optional(z.int()),
      }),
    ),
  }),
  z.object({type: z.literal('references'), blobs: z.array(z.object({blob: blobId, tag: tagName}))}),
  z.object({type: z.literal('mismatch'), head: optional(tagHeadSchema)}),
  failedReply,
])

const blobReport = z.object({blob: blobId, bytes: count, replicaCount: count, touchedAtMs: clockMs})

const blobReplySchema: z.ZodMiniType<BlobReply> = z.discriminatedUnion('type', [
  z.object({type: z.literal('stored'), blob: blobId, bytes: count}),
  z.object({type: z.literal('touched'), blobs: blobIds}),
  z.object({type: z.literal('idle-blobs'), blobs: z.array(blobReport), after: optional(blobCursor)}),
  z.object({type: z.literal('dropped'), blobs: blobIds, bytes: count}),
  z.object({
    type: z.literal('scrubbed'),
    blobCount: count,
    bytes: count,
    corrupt: blobIds,
    after: optional(blobCursor),
  }),
  failedReply,
])

const nodeReplySchema: z.ZodMiniType<NodeReply> = z.discriminatedUnion('type', [
  z.object({type: z.literal('noted')}),
  failedReply,
])

const taskReplySchema: z.ZodMiniType<TaskReply | Failed> = z.discriminatedUnion('type', [
  ...taskReplySchemas,
  failedReply,
])

const nodeStatus = z.object({
  freeBytes: count,
  disks: optional(z.array(z.object({disk: id, freeBytes: count}))),
  usedBytes: count,
  blobCount: count,
  tagCount: count,
  reserveBytes: count,
  isFull: z.boolean(),
  corruptCount: count,
  transferCount: count,
})

const agentNotices = [
  z.object({type: z.literal('inventory-begin'), isRebuilding: z.boolean()}),
  z.object({type: z.literal('inventory-tags'), heads: z.array(tagHeadSchema)}),
  z.object({type: z.literal('inventory-blobs'), blobs: z.array(blobReport)}),
  z.object({type: z.literal('inventory-end')}),
  z.object({type: z.literal('blobs-stored'), blobs: z.array(blobReport)}),
  z.object({type: z.literal('uploads-ended'), targets: z.array(z.string())}),
  z.object({type: z.literal('blobs-gone'), blobs: blobIds, reason: z.enum(['dropped', 'corrupt', 'missing'])}),
  z.object({type: z.literal('status'), status: nodeStatus}),
] as const

const meshNoticeSchema: z.ZodMiniType<MeshNotice> = z.discriminatedUnion('type', [
  ...agentNotices,
  ...taskNoticeSchemas,
])

const clusterView: z.ZodMiniType<ClusterView> = z.object({
  cluster: id,
  version,
  members: z
    .array(
      z.object({
        name: nodeName,
        key: id,
        address: optional(address),
        state: z.enum(['joining', 'up', 'suspect', 'lost', 'draining', 'removed']),
        isDraining: z.boolean(),
      }),
    )
    .check(z.maxLength(memberCountMax)),
  timings: z.object({heartbeatMs: count, lostAfterMs: count, tombstoneMs: count}),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

const hello: z.ZodMiniType<Hello> = z.object({
  type: z.literal('hello'),
  to: z.enum(['master', 'peer']),
  protocol: z.object({min: count, max: count}),
  software: text,
  node: nodeName,
  key: id,
  pid: count,
  slotCount: count,
  cluster: optional(id),
  address: optional(address),
  epoch,
  epochOf: optional(id),
  lastContactAtMs: optional(clockMs),
  nowMs: clockMs,
  force: optional(z.boolean()),
  view: optional(clusterView),
})
const welcome: z.ZodMiniType<Welcome> = z.object({
  type: z.literal('welcome'),
  protocol: count,
  software: text,
  key: id,
  epoch: optional(epoch),
  view: optional(clusterView),
  nowMs: clockMs,
})
const refused: z.ZodMiniType<Refused> = z.object({
  type: z.literal('refused'),
  code: z.enum([
    'PROTOCOL',
    'WRONG_CLUSTER',
    'NAME_TAKEN',
    'AWAY_TOO_LONG',
    'REMOVED',
    'STALE_EPOCH',
    'CLUSTER_FULL',
    'TRY_AGAIN',
    'NOT_HERE',
  ]),
  message: text,
  hint: optional(text),
  epoch: optional(epoch),
})
const ping: z.ZodMiniType<Ping> = z.object({type: z.literal('ping'), count, nowMs: clockMs})
const pong: z.ZodMiniType<Pong> = z.object({
  type: z.literal('pong'),
  count,
  view: optional(version),
  status: optional(nodeStatus),
})
const probeRequest: z.ZodMiniType<ProbeRequest> = z.object({
  type: z.literal('probe-request'),
  call: count,
  node: nodeName,
})
const probeReply: z.ZodMiniType<ProbeReply> = z.object({
  type: z.literal('probe-reply'),
  call: count,
  node: nodeName,
  isAlive: z.boolean(),
})
const errorFrame: z.ZodMiniType<ErrorFrame> = z.object({
  type: z.literal('error'),
  code: z.literal('BAD_MESSAGE'),
  message: text,
})

const frameSchemas: Readonly<Record<Frame['type'], z.ZodMiniType<Frame>>> = {
  hello,
  welcome,
  ready: z.object({type: z.literal('ready')}),
  refused,
  request: z.object({type: z.literal('request'), call: count, body: meshRequestSchema}),
  // The body is checked by whoever knows what was asked.
  reply: z.object({type: z.literal('reply'), call: count, body: z.unknown()}),
  notice: z.object({type: z.literal('notice'), body: meshNoticeSchema}),
  ping,
  pong,
  view: z.object({type: z.literal('view'), view: clusterView}),
  'probe-request': probeRequest,
  'probe-reply': probeReply,
  error: errorFrame,
}

/**
 * A frame that cannot be used. `call` is set when it was a request that can be answered. `isGarbage`: not even a message,
 * so whoever sent it is not one of us.
 */
export interface BadFrame {
  readonly type: 'bad-frame'
  readonly message: string
  readonly call?: number
  readonly isGarbage: boolean
}

/** Reads one text frame. Its size has been checked before. Never throws. */
export function parseFrame(source: string): Frame | BadFrame {
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (error) {
    return garbage(`not JSON: ${messageOf(error).slice(0, 200)}`)
  }
  if (typeof value !== 'object' || value === null) return garbage('not an object')
  const type = 'type' in value ? value.type : undefined
  if (typeof type !== 'string') return garbage('it has no type')
  if (!Object.hasOwn(frameSchemas, type)) return badFrame(`unknown type "${type.slice(0, 60)}"`, value)
  const result = z.safeParse(frameSchemas[type as Frame['type']], value)
  return result.success ? result.data : badFrame(`${type}: ${problemOf(result.error)}`, value)
}

const greetingSchema = z.object({
  type: z.literal('hello'),
  protocol: z.object({min: count, max: count}),
  software: text,
})

/**
 * The part of a hello that every version has, now and ever: enough to refuse a program whose hello is otherwise not
 * understood.
 */
export function parseGreeting(source: string): Pick<Hello, 'protocol' | 'software'> | undefined {
  try {
    const result = z.safeParse(greetingSchema, JSON.parse(source))
    return result.success ? result.data : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The reply to a request, checked. @returns a sentence when it is not one */
export function parseReply(request: MeshRequest, body: unknown): MeshReply | string {
  const result = z.safeParse(replySchemaOf(request), body)
  return result.success ? result.data : problemOf(result.error)
}

function replySchemaOf(request: MeshRequest): z.ZodMiniType<MeshReply> {
  if (isTaskRequest(request)) return taskReplySchema
  const {type} = request
  if (type === 'tags-restored') return nodeReplySchema
  return tagRequestTypes.has(type) ? tagReplySchema : blobReplySchema
}

const tagRequestTypes: ReadonlySet<string> = new Set<TagRequest['type']>([
  'commit',
  'read-head',
  'read-entries',
  'read-log',
  'sync',
  'forget',
  'fetch-tag',
  'find-references',
])

const garbage = (message: string): BadFrame => ({type: 'bad-frame', message, isGarbage: true})

function badFrame(message: string, value: object): BadFrame {
  const call = 'call' in value ? value.call : undefined
  const isCall = Number.isSafeInteger(call) && 'body' in value
  return {type: 'bad-frame', message, isGarbage: false, ...(isCall && {call: call as number})}
}

/** The first problem: where, and what was expected. Nothing of the message's contents. */
function problemOf(error: z.core.$ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? 'not valid' : `${issue.path.join('.') || 'message'}: ${issue.message}`.slice(0, 300)
}
