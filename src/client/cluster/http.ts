/**
 * HTTP to nodes: kept-alive connections, deadlines, retries of what is safe to repeat, errors as ours.
 *
 * Node's own `http` and not `fetch`: uploads need back-pressure and an answer that may come before the body ends.
 */
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as plainRequest,
} from 'node:http'
import type {Agent as TlsAgent} from 'node:https'
import {
  ClusterError,
  type ClusterErrorCode,
  type ErrorCode,
  errorCodeOf,
  messageOf,
  UserError,
} from '../../base/index.ts'
import type {ApiError} from '../../protocol/index.ts'

/** Connections a node; more would wait in the node's queue anyway. */
const socketCountMax = 32

/** A node that says nothing for this long is not there. Milliseconds. */
export const silenceMs = 30_000

/** An error's text is no longer than this; what follows is somebody else's page. Bytes. */
const failureBytesMax = 64 * 1024

/** What a certificate can be refused for: the person has to name an authority, or another address. */
const certificateCodes: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Nothing was sent: the connection was never made. */
const unreachableCodes: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
])

export interface HttpCall {
  readonly method: string
  readonly url: string
  readonly headers?: OutgoingHttpHeaders
  readonly signal?: AbortSignal | undefined
  /** Milliseconds without a byte in either direction; `silenceMs` when absent. */
  readonly idleMs?: number
}

/** Connections to all nodes that one command talks to. */
export class HttpClient {
  readonly #plain = new Agent({keepAlive: true, maxSockets: socketCountMax})
  readonly #ca: string | undefined
  #tls: TlsAgent | undefined

  /** @param ca - PEM of the authority that certificates are checked by, if not one that everybody knows */
  constructor(ca: string | undefined) {
    this.#ca = ca
  }

  /** A request that has not been ended; the caller writes the body. */
  open(call: HttpCall): ClientRequest {
    const isTls = call.url.startsWith('https:')
    const options = {
      method: call.method,
      headers: call.headers ?? {},
      agent: isTls ? this.#tlsAgent() : this.#plain,
      timeout: call.idleMs ?? silenceMs,
      ...(call.signal === undefined ? {} : {signal: call.signal}),
    }
    const request = isTls ? https().request(call.url, options) : plainRequest(call.url, options)
    request.on('timeout', () =>
      request.destroy(new ClusterError('TIMED_OUT', `${originOf(call.url)} stopped answering`)),
    )
    return request
  }

  /** Sends `body` and waits for the head of the answer. @throws ClusterError, UserError as `failureOf` says */
  async send(call: HttpCall, body?: Uint8Array | string): Promise<IncomingMessage> {
    const request = this.open(call)
    const response = responseOf(request, call.url)
    request.end(body)
    return response
  }

  /** Closes kept-alive connections. */
  close(): void {
    this.#plain.destroy()
    this.#tls?.destroy()
  }

  #tlsAgent(): TlsAgent {
    const ca = this.#ca === undefined ? {} : {ca: this.#ca}
    this.#tls ??= new (https().Agent)({keepAlive: true, maxSockets: socketCountMax, ...ca})
    return this.#tls
  }
}

/** Loaded where an address asks for it: it takes ten milliseconds, of which most commands to clusters within a house need none. */
const https = (): typeof import('node:https') => process.getBuiltinModule('node:https')

/** The answer to a request; a status of 400 or more becomes the error that it carries. */
export async function responseOf(request: ClientRequest, url: string): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', error => reject(connectionError(error, url)))
  })
  if ((response.statusCode ?? 500) >= 400) throw await failureOf(response, url)
  return response
}

/** The whole body as JSON. @throws ClusterError PROTOCOL when it is none */
export async function readJson<Body>(response: IncomingMessage, url: string): Promise<Body> {
  const text = (await readBytes(response, url)).toString('utf8')
  try {
    return JSON.parse(text) as Body
  } catch (error) {
    throw new ClusterError('PROTOCOL', `${originOf(url)} answered something that is not JSON`, {cause: error})
  }
}

/**
 * The body, or its beginning: not much more of it than `bytesMax`.
 *
 * @throws ClusterError when the connection breaks
 */
export async function readBytes(response: IncomingMessage, url: string, bytesMax = Infinity): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part)
      bytes += part.length
      if (bytes > bytesMax) break
    }
  } catch (error) {
    throw connectionError(error, url)
  }
  return Buffer.concat(parts)
}

/** What an answer with a status of 400 or more means: 4xx is for the person, 5xx for time or an operator. */
async function failureOf(response: IncomingMessage, url: string): Promise<Error> {
  const status = response.statusCode ?? 500
  const text = (await readBytes(response, url, failureBytesMax)).toString('utf8')
  const error = parseApiError(text)
  if (error === undefined) {
    const message = `${originOf(url)} answered ${status} ${response.statusMessage ?? ''}`.trim()
    if (status < 500 && status !== 429) {
      return new UserError('CANNOT_REACH', message, {hint: 'is that the address of a disco node?', exitCode: 3})
    }
    return new ClusterError(status === 429 ? 'OVERLOADED' : 'UNAVAILABLE', message)
  }
  const hint = error.hint === undefined ? {} : {hint: error.hint}
  if (status < 500 && status !== 429) {
    return new UserError(error.code as ErrorCode, error.message, {...hint, exitCode: error.code === 'BAD_NAME' ? 2 : 1})
  }
  return new ClusterError(error.code as ClusterErrorCode, error.message, {...hint, retryable: error.retryable})
}

function parseApiError(text: string): ApiError['error'] | undefined {
  try {
    const error = (JSON.parse(text) as Partial<ApiError> | null)?.error
    return typeof error?.code === 'string' && typeof error.message === 'string' ? error : undefined
  } catch {
    // A proxy's page or half an answer: the status alone has to do.
    return undefined
  }
}

/** Errors of sockets as ours. An abort by the caller stays what it is. */
export function connectionError(error: unknown, url: string): Error {
  if (error instanceof ClusterError || error instanceof UserError) return error
  if (error instanceof Error && error.name === 'AbortError') return error
  const code = errorCodeOf(error)
  if (unreachableCodes.has(code)) {
    return new UserError('CANNOT_REACH', `nothing answers at ${originOf(url)}`, {
      hint: 'start a cluster with: disco start   (or name one with --master or DISCO_MASTER)',
      cause: error,
      exitCode: 3,
    })
  }
  if (certificateCodes.has(code)) {
    return new UserError('CANNOT_REACH', `the certificate of ${originOf(url)} is not accepted: ${messageOf(error)}`, {
      hint: 'name the authority that signed it with --ca or DISCO_CA, and the node as its certificate does',
      cause: error,
      exitCode: 3,
    })
  }
  if (code === 'EPROTO') {
    return new UserError('CANNOT_REACH', `${originOf(url)} does not speak TLS`, {
      hint: `try ${originOf(url).replace('https:', 'http:')}`,
      cause: error,
      exitCode: 3,
    })
  }
  return new ClusterError('UNAVAILABLE', `the connection to ${originOf(url)} broke: ${messageOf(error).trim()}`, {
    cause: error,
  })
}

export const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url)
