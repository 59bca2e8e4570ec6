/** What the checks of several messages have in common: names, counts, and the answer that every request can get. */
import * as z from 'zod/mini'
import {replicaCountMax} from './limits.ts'
import {isBlobId, isNodeName, isTagName} from './names.ts'

/** Keys, cluster ids and the like: letters that are safe anywhere. Characters. */
const idPattern = /^[A-Za-z0-9_-]{1,128}$/

/** Texts for people in messages. Characters. */
const textLengthMax = 4096

/** A base URL. Characters. */
const addressLengthMax = 512

export const optional = z.exactOptional
export const count = z.int().check(z.nonnegative())
export const clockMs = z.number()
export const id = z.string().check(z.regex(idPattern))
export const text = z.string().check(z.maxLength(textLengthMax))
export const tagName = z.string().check(z.refine(isTagName, 'not the name of a tag'))
export const nodeName = z.string().check(z.refine(isNodeName, 'not the name of a node'))
export const blobId = z.string().check(z.refine(isBlobId, 'not the id of a blob'))
/** A place in the order of ids: an id, or '' for the beginning. */
export const blobCursor = z.string().check(z.refine(value => value === '' || isBlobId(value), 'not the id of a blob'))
export const address = z.string().check(z.maxLength(addressLengthMax), z.regex(/^https?:\/\/[^\s/]+\/?$/))
export const nodeNames = z.array(nodeName).check(z.maxLength(replicaCountMax))
export const blobIds = z.array(blobId)
export const version = z.object({epoch: count, counter: count})
/** Of the master that gives an order. */
export const epoch = count

export const failedReply = z.object({
  type: z.literal('failed'),
  code: z.enum(['STALE_EPOCH', 'DISK_FULL', 'STORAGE_BROKEN', 'NOT_FOUND', 'UNREACHABLE', 'CORRUPT', 'BAD_MESSAGE']),
  message: text,
  epoch: optional(epoch),
})
