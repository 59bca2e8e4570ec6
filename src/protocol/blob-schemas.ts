/** Checks of what master and agents say about blobs and disks. */
import * as z from 'zod/mini'
import {memberCountMax} from './frames.ts'
import type {BlobReply} from './replica-messages.ts'
import {
  blobCursor,
  blobId,
  blobIds,
  clockMs,
  count,
  epoch,
  failedReply,
  id,
  nodeName,
  optional,
} from './schema-parts.ts'
import {tagHeadSchema} from './tag-schemas.ts'

export const blobRequests = [
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

const blobReport = z.object({blob: blobId, bytes: count, replicaCount: count, touchedAtMs: clockMs})

export const blobReplySchema: z.ZodMiniType<BlobReply> = z.discriminatedUnion('type', [
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

export const nodeStatus = z.object({
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

/** What a node tells by itself: what it holds, what came and went. */
export const agentNotices = [
  z.object({type: z.literal('inventory-begin'), isRebuilding: z.boolean()}),
  z.object({type: z.literal('inventory-tags'), heads: z.array(tagHeadSchema)}),
  z.object({type: z.literal('inventory-blobs'), blobs: z.array(blobReport)}),
  z.object({type: z.literal('inventory-end')}),
  z.object({type: z.literal('blobs-stored'), blobs: z.array(blobReport)}),
  z.object({type: z.literal('uploads-ended'), targets: z.array(z.string())}),
  z.object({type: z.literal('blobs-gone'), blobs: blobIds, reason: z.enum(['dropped', 'corrupt', 'missing'])}),
  z.object({type: z.literal('status'), status: nodeStatus}),
] as const
