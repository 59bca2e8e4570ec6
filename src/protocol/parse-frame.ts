/**
 * Checks of everything that arrives over the mesh. Past `parseFrame` the types are trusted.
 *
 * Fields that are not known are dropped. A name outside its grammar, a number that is not a count, an unknown `type`: the
 * message is bad as a whole.
 */
import * as z from 'zod/mini'
import {messageOf} from '../base/index.ts'
import {agentNotices, blobReplySchema, blobRequests, nodeStatus} from './blob-schemas.ts'
import type {
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
} from './frames.ts'
import {clusterView, greetingSchema, hello, refused, welcome} from './handshake-schemas.ts'
import type {Failed, NodeReply} from './replica-messages.ts'
import {clockMs, count, epoch, failedReply, nodeName, optional, text, version} from './schema-parts.ts'
import {tagReplySchema, tagRequests, tagRequestTypes} from './tag-schemas.ts'
import {
  isTaskRequest,
  type TaskReply,
  taskNoticeSchemas,
  taskReplySchemas,
  taskRequestSchemas,
} from './task-messages.ts'

const meshRequestSchema: z.ZodMiniType<MeshRequest> = z.discriminatedUnion('type', [
  ...tagRequests,
  ...blobRequests,
  z.object({type: z.literal('tags-restored'), epoch}),
  ...taskRequestSchemas,
])

const meshNoticeSchema: z.ZodMiniType<MeshNotice> = z.discriminatedUnion('type', [
  ...agentNotices,
  ...taskNoticeSchemas,
])

const nodeReplySchema: z.ZodMiniType<NodeReply> = z.discriminatedUnion('type', [
  z.object({type: z.literal('noted')}),
  failedReply,
])

const taskReplySchema: z.ZodMiniType<TaskReply | Failed> = z.discriminatedUnion('type', [
  ...taskReplySchemas,
  failedReply,
])

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
