/** Bodies that the master's endpoints take. */
import * as z from 'zod/mini'
import {
  type ChangeRequest,
  type ContentsRequest,
  type CreateTokenRequest,
  commitEntryCountMax,
  isBlobId,
  isNodeName,
  isScope,
  type KeepRequest,
  type LocateRequest,
  type PlaceRequest,
  pageSizeMax,
  replicaCountMax,
  type SignRequest,
  signedUrlMsMax,
  tagChangeSchema,
} from '../../../protocol/index.ts'

const blobId = z.string().check(z.refine(isBlobId, 'is not the id of a blob'))
const nodeName = z.string().check(z.refine(isNodeName, 'is not the name of a node'))
const count = z.int().check(z.minimum(0))
const replicaCount = z.optional(z.int().check(z.minimum(1), z.maximum(replicaCountMax)))

/** Lengths asked for at once: each is a look at all blobs, a millisecond for a million of them. */
const sizeCountMax = 16

export const changeBody: z.ZodMiniType<ChangeRequest> = z.object({
  change: tagChangeSchema,
  ifVersion: z.optional(count),
  replicaCount,
  by: z.optional(z.string().check(z.maxLength(100))),
  holders: z.optional(z.record(blobId, z.array(nodeName).check(z.maxLength(replicaCountMax)))),
}) as z.ZodMiniType<ChangeRequest>

export const contentsBody: z.ZodMiniType<ContentsRequest> = z.object({
  tags: z.array(z.string()).check(z.minLength(1), z.maxLength(pageSizeMax)),
  part: z.enum(['entries', 'log']),
  withHistory: z.optional(z.boolean()),
}) as z.ZodMiniType<ContentsRequest>

export const placeBody: z.ZodMiniType<PlaceRequest> = z.object({
  bytes: z.optional(count),
  blob: z.optional(blobId),
  replicaCount,
  exclude: z.optional(z.array(nodeName).check(z.maxLength(1000))),
}) as z.ZodMiniType<PlaceRequest>

export const keepBody: z.ZodMiniType<KeepRequest> = z.object({
  blobs: z.array(blobId).check(z.maxLength(commitEntryCountMax)),
  replicaCount,
}) as z.ZodMiniType<KeepRequest>

export const locateBody: z.ZodMiniType<LocateRequest> = z.object({
  blobs: z.array(blobId).check(z.maxLength(pageSizeMax)),
  sizes: z.optional(z.array(count).check(z.maxLength(sizeCountMax))),
}) as z.ZodMiniType<LocateRequest>

export const signBody: z.ZodMiniType<SignRequest> = z.object({
  blobs: z.array(blobId).check(z.maxLength(pageSizeMax)),
  forMs: z.int().check(z.minimum(1), z.maximum(signedUrlMsMax)),
}) as z.ZodMiniType<SignRequest>

export const settingBody = z.object({value: z.union([z.string().check(z.maxLength(100)), z.number()])})
export const removeBody: z.ZodMiniType<{readonly force?: boolean}> = z.object({
  force: z.optional(z.boolean()),
}) as z.ZodMiniType<{readonly force?: boolean}>
export const collectBody = z.object({isDryRun: z.boolean()})
export const checkBody: z.ZodMiniType<{readonly prefix?: string}> = z.object({
  prefix: z.optional(z.string().check(z.maxLength(511))),
}) as z.ZodMiniType<{readonly prefix?: string}>
/** Longer than any token should live. Milliseconds. */
const tokenLifeMsMax = 10 * 366 * 86_400_000

export const tokenBody: z.ZodMiniType<CreateTokenRequest> = z.object({
  name: z.string().check(z.maxLength(64)),
  scopes: z.array(z.string().check(z.refine(isScope, 'is not a scope'))).check(z.maxLength(6)),
  expiresInMs: z.optional(z.int().check(z.minimum(1), z.maximum(tokenLifeMsMax))),
}) as unknown as z.ZodMiniType<CreateTokenRequest>

export const emptyBody = z.object({})
