/** Answers as Disco's clients expect them: JSON or a line of text, one connection each. */
import type {ServerResponse} from 'node:http'
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import {parseRange} from '../agent/ranges.ts'

/** An answer that is no success: a status, and the text that goes with it. */
export class Refusal extends Error {
  readonly status: number
  /** Whether the text is sent as JSON (`/disco/ctrl`), or as it is. */
  readonly isJson: boolean

  constructor(status: number, text: string, isJson = false) {
    super(text)
    this.name = 'Refusal'
    this.status = status
    this.isJson = isJson
  }
}

/** Disco's own words for 404; some clients show them. */
const phrases: Readonly<Record<number, string>> = {404: 'Object Not Found'}

/** A part of a success is 206, as of any file: Disco's clients ask even for a tag in parts. Past the end it is all of it. */
export function sendText(response: ServerResponse, status: number, text: string, type?: string): void {
  const bytes = Buffer.from(text)
  const {method, headers: asked} = response.req
  const range = status === 200 && method === 'GET' ? parseRange(asked.range, bytes.length) : 'whole'
  if (typeof range === 'object') {
    const {start, end} = range
    response.writeHead(206, {
      'content-length': end - start,
      'content-range': `bytes ${start}-${end - 1}/${bytes.length}`,
      connection: 'close',
      ...(type === undefined ? {} : {'content-type': type}),
    })
    response.end(bytes.subarray(start, end))
    return
  }
  const headers = {'content-length': bytes.length, connection: 'close'}
  const all = type === undefined ? headers : {...headers, 'content-type': type}
  const phrase = phrases[status]
  if (phrase === undefined) response.writeHead(status, all)
  else response.writeHead(status, phrase, all)
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}

/** The same for a value as JSON. */
export function sendJsonText(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value), 'application/json')
}

/** Tells an error; one that comes in the middle of an answer breaks it off. */
export function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const refusal = refusalOf(error)
  if (refusal.isJson) sendJsonText(response, refusal.status, refusal.message)
  else sendText(response, refusal.status, refusal.message)
}

/** What the cluster says in Disco's statuses; undefined: it is a bug of ours. */
export function knownRefusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (error instanceof UserError) {
    switch (error.code) {
      case 'TAG_NOT_FOUND':
        return new Refusal(404, 'Tag not found.')
      case 'ATTRIBUTE_NOT_FOUND':
        return new Refusal(404, 'Tag attribute not found.')
      case 'BLOB_NOT_FOUND':
      case 'JOB_NOT_FOUND':
      case 'NODE_NOT_FOUND':
        return new Refusal(404, error.message)
      case 'FORBIDDEN':
        return new Refusal(401, 'Incorrect or missing token.')
      default:
        return new Refusal(403, error.message)
    }
  }
  // Clients try 503 again, with growing pauses.
  if (error instanceof ClusterError) {
    return error.retryable
      ? new Refusal(503, 'Temporary server error. Try again.')
      : new Refusal(500, `Internal server error: ${error.message}`)
  }
  return undefined
}

const refusalOf = (error: unknown): Refusal =>
  knownRefusalOf(error) ?? new Refusal(500, `Internal server error: ${messageOf(error)}`)
