/** Checks of the first frames of a link, and of the list of members that goes with them. */
import * as z from 'zod/mini'
import {type ClusterView, type Hello, memberCountMax, type Refused, type Welcome} from './frames.ts'
import {address, clockMs, count, epoch, id, nodeName, optional, text, version} from './schema-parts.ts'

export const clusterView: z.ZodMiniType<ClusterView> = z.object({
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

export const hello: z.ZodMiniType<Hello> = z.object({
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
export const welcome: z.ZodMiniType<Welcome> = z.object({
  type: z.literal('welcome'),
  protocol: count,
  software: text,
  key: id,
  epoch: optional(epoch),
  view: optional(clusterView),
  nowMs: clockMs,
})
export const refused: z.ZodMiniType<Refused> = z.object({
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

/** The part of a hello that every version has, now and ever. */
export const greetingSchema = z.object({
  type: z.literal('hello'),
  protocol: z.object({min: count, max: count}),
  software: text,
})
