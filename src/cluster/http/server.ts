/**
 * The HTTP side of a node: one server for the API, for blobs, and for the mesh's upgrade.
 *
 * It routes by the table of endpoints, checks who asks, and turns what handlers return or throw into answers. It knows
 * nothing of tags and blobs.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {createServer as createTlsServer} from 'node:https'
import {ClusterError, errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import {isOwnHost} from '../../mesh/index.ts'
import {bearerOf, type EndpointName, type Scope} from '../../protocol/index.ts'
import {type KnownToken, mayUse, scopesOf} from './access.ts'
import {failure, failureFor, type HttpFailure} from './errors.ts'
import {type Route, route} from './router.ts'

/** Time for the head of a request to arrive. Milliseconds. */
const headersTimeoutMs = 10_000
/** Bodies may be long; they may not stand still, unless their handler lets them. Milliseconds. */
const idleTimeoutMs = 60_000
/** A connection that is silent for this long is asked by TCP whether its other end is there still. Milliseconds. */
const probeAfterMs = 15_000
/** Kept-alive connections of one command come back within this. Milliseconds. */
const keepAliveMs = 15_000
const connectionCountMax = 2000

export interface ApiCall {
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Of the caller's token; empty without one. */
  readonly scopes: readonly Scope[]
  /** The token of a tag, from `X-Tag-Token`. */
  readonly tagToken: string | undefined
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal
}

/** What a handler returns: a value for JSON, or nothing when it has written the answer itself. */
export type Handler = (call: ApiCall) => Promise<Answer | undefined>

export interface Answer {
  readonly status?: number
  readonly body: unknown
}

export type Handlers = Readonly<Record<EndpointName, Handler>>

export interface ServerOptions {
  readonly handlers: Handlers
  readonly tokens: () => readonly KnownToken[]
  /** Host names by which callers may name this node. */
  readonly hostNames: readonly string[]
  readonly tls?: {readonly certificate: string; readonly key: string} | undefined
  /** Silence after which a connection is ended; 60 s when absent. Milliseconds. */
  readonly idleMs?: number
  /** An error that is ours. */
  readonly onBug: (error: unknown, route: string) => void
}

export class NodeServer {
  readonly server: Server
  readonly #options: ServerOptions

  constructor(options: ServerOptions) {
    this.#options = options
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#serve(request, response)
    }
    const settings = {
      headersTimeout: headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      keepAlive: true,
      keepAliveInitialDelay: probeAfterMs,
    }
    this.server =
      options.tls === undefined
        ? createServer(settings, listener)
        : createTlsServer({...settings, cert: options.tls.certificate, key: options.tls.key}, listener)
    this.server.maxConnections = connectionCountMax
    this.server.setTimeout(options.idleMs ?? idleTimeoutMs)
  }

  /** @returns the port. @throws UserError CANNOT_START when it is taken */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', error => reject(listenError(error, host, port)))
      this.server.listen({host, port, backlog: 511}, resolve)
    })
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  /** Takes no more requests, ends those that run. */
  async close(): Promise<void> {
    if (!this.server.listening) return
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Said by a socket that broke; the handler's own awaits tell the same.
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?')
    try {
      const found = this.#admit(request, path)
      if ('status' in found) return refuse(response, found)
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const answer = await this.#options.handlers[found.route.name]({
        parameters: found.route.parameters,
        query: new URLSearchParams(query),
        request,
        response,
        scopes: found.scopes,
        tagToken: headerOf(request, 'x-tag-token'),
        signal: gone.signal,
      })
      if (answer !== undefined) sendJson(response, answer.status ?? 200, answer.body)
    } catch (error) {
      const isOurs = !(error instanceof UserError || error instanceof ClusterError || response.destroyed)
      if (isOurs) this.#options.onBug(error, `${request.method} ${path}`)
      refuse(response, failureFor(error))
    }
  }

  #admit(
    request: IncomingMessage,
    path: string,
  ): HttpFailure | {readonly route: Route; readonly scopes: readonly Scope[]} {
    // A page in a browser on this machine must not become a way in (DNS rebinding).
    if (headerOf(request, 'origin') !== undefined || !isOwnHost(request.headers.host, this.#options.hostNames)) {
      return failure(403, 'FORBIDDEN', 'requests of web pages are not answered', undefined, false)
    }
    const found = route(request.method ?? 'GET', path)
    if ('status' in found) return failure(found.status, 'BAD_NAME', found.message, undefined, false)
    const token = bearerOf(request.headers.authorization)
    const scopes = scopesOf(token, this.#options.tokens())
    if (mayUse(scopes, found.endpoint.access)) return {route: found, scopes: scopes ?? []}
    const said =
      token === undefined
        ? 'this needs a token'
        : scopes === undefined
          ? 'the token is not known here'
          : `this needs a token for ${found.endpoint.access}, and the one given is for ${scopes.join(', ')}`
    const hint = 'the token of a cluster on this machine is found by itself; else use --token or DISCO_TOKEN'
    return failure(scopes === undefined ? 401 : 403, 'FORBIDDEN', said, hint, false)
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {'content-type': 'application/json', 'content-length': bytes.length})
  response.end(bytes)
}

/** Answers with an error; when the answer has begun already, breaks the connection so that nobody takes half for whole. */
function refuse(response: ServerResponse, told: HttpFailure): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  // Whatever is left of the body is not read: the connection cannot be used again.
  if (!response.req.complete) response.setHeader('connection', 'close')
  sendJson(response, told.status, told.body)
}

function listenError(error: Error, host: string, port: number): Error {
  const code = errorCodeOf(error)
  if (code === 'EADDRINUSE') {
    return new UserError('CANNOT_START', `port ${port} of ${host} is in use`, {
      hint: 'is a cluster running already? (disco status); choose another one with --port',
      cause: error,
    })
  }
  return new UserError('CANNOT_START', `cannot listen at ${host}:${port}: ${messageOf(error)}`, {cause: error})
}

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
