/** Checks of what master and agents say about tags. */
import * as z from 'zod/mini'
import {commitEntryCountMax} from './limits.ts'
import {isBlobName} from './names.ts'
import type {TagReply, TagRequest} from './replica-messages.ts'
import {
  blobId,
  blobIds,
  clockMs,
  count,
  epoch,
  failedReply,
  nodeName,
  nodeNames,
  optional,
  tagName,
  text,
  version,
} from './schema-parts.ts'
import type {Applied, NumberedEntry, TagChange, TagEntry, TagHead, TagLogLine} from './tags.ts'

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

export const tagHeadSchema: z.ZodMiniType<TagHead> = z.object({
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

export const tagRequests = [
  z.object({type: z.literal('commit'), epoch, commit}),
  z.object({type: z.literal('read-head'), epoch, tag: tagName}),
  z.object({type: z.literal('read-entries'), epoch, tag: tagName, at: version, after: z.int(), count}),
  z.object({type: z.literal('read-log'), epoch, tag: tagName, count}),
  z.object({type: z.literal('sync'), epoch, tag: tagName, from: nodeName, atLeast: version}),
  z.object({type: z.literal('forget'), epoch, tag: tagName, upTo: version}),
  z.object({type: z.literal('fetch-tag'), tag: tagName, after: z.int()}),
  z.object({type: z.literal('find-references'), epoch, blobs: blobIds}),
] as const

export const tagRequestTypes: ReadonlySet<string> = new Set<TagRequest['type']>([
  'commit',
  'read-head',
  'read-entries',
  'read-log',
  'sync',
  'forget',
  'fetch-tag',
  'find-references',
])

export const tagReplySchema: z.ZodMiniType<TagReply> = z.discriminatedUnion('type', [
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
