/** Requests to agents and answers to clients: everything that leaves the coordinator is made here. */
import type {NodeName, TagRequest, Version} from '../../protocol/index.ts'
import {callTimeoutMs, syncEntryMs} from './limits.ts'
import type {TagError, TagResult} from './messages.ts'
import type {Call, Context, Job, Work} from './state.ts'

type CallDetails = Call extends infer C ? (C extends Call ? Omit<C, 'node' | 'deadlineMs'> : never) : never

/** Sends a request and remembers what its reply is for. */
export function send(context: Context, node: NodeName, request: TagRequest, details: CallDetails): void {
  const {state} = context
  const call = state.nextCall++
  const entryCount = request.type === 'sync' ? (state.tags.get(request.tag)?.head?.entryCount ?? 0) : 0
  const deadlineMs = context.nowMs + callTimeoutMs + entryCount * syncEntryMs
  state.calls.set(call, {...details, node, deadlineMs} as Call)
  context.effects.push({type: 'send', call, node, request, deadlineMs})
}

/** A client's request is over, and went well. */
export function answer(context: Context, id: number, result: TagResult): void {
  context.state.requestCount--
  context.effects.push({type: 'answer', id, result})
}

/** A client's request is over, and did not. */
export function refuse(context: Context, id: number, error: TagError): void {
  context.state.requestCount--
  context.effects.push({type: 'refuse', id, error})
}

/** Refuses what waits at a tag; what has no client is dropped. */
export function refuseJob(context: Context, job: Job, error: TagError): void {
  if (job.type !== 'mend') refuse(context, job.id, error)
}

export const unavailable = (message: string): TagError => ({code: 'UNAVAILABLE', message, retryable: true})

export const notFound = (tag: string, why = ''): TagError => ({
  code: 'TAG_NOT_FOUND',
  message: `there is no tag "${tag}"${why}`,
  retryable: false,
})

export const versionChanged = (message: string, version: Version | undefined): TagError => ({
  code: 'VERSION_CHANGED',
  message,
  retryable: false,
  ...(version === undefined ? {} : {version}),
})

export const outcomeUnknown = (tag: string, why: string): TagError => ({
  code: 'TIMED_OUT',
  message: `the change of the tag "${tag}" may or may not have happened: ${why}`,
  retryable: false,
})

/** For a request whose deadline passed in the queue: the client may simply repeat it. */
export function notBegun({tag, syncs}: Work): TagError {
  const why = syncs.size === 0 ? '' : `, for ${listNodes([...syncs])} was still copying it`
  const message = `the request for the tag "${tag}" was not begun before its deadline${why}; nothing was changed`
  return {code: 'TIMED_OUT', message, retryable: true}
}

export const listNodes = (nodes: readonly NodeName[]): string =>
  nodes.length === 0 ? 'no node' : [...nodes].sort().join(', ')
