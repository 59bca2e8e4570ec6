/**
 * The HTTP side of a node: one server for the API, for blobs, and for the mesh's upgrade.
 *
 * It routes by the table of endpoints, checks who asks, and turns what handlers return or throw into answers. It knows
 * nothing of tags and blobs.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {createServer as createTlsServer, Server as TlsServer} from 'node:https'
import {ClusterError, errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import {isOwnHost} from '../../mesh/index.ts'
import {bearerOf, type EndpointName, type Scope} from '../../protocol/index.ts'
import type {AttemptLimit} from '../security/attempt-limit.ts'
import {type KnownToken, knownTokenOf, mayUse} from './access.ts'
import {failure, failureFor, type HttpFailure} from './errors.ts'
import {isOpenStatus} from './open-status.ts'
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
  /** Name of the caller's token, where names are known; empty without one. */
  readonly caller: string
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

/** A request of another interface, which has paths of its own beside the table of endpoints. */
export interface SideCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As it came: not decoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal
  /** What a token of the cluster opens; undefined: it is none. @throws ClusterError OVERLOADED after too many wrong ones */
  readonly knownOf: (token: string) => KnownToken | undefined
}

export interface SideApi {
  takes(path: string): boolean
  /** Writes the answer. What it throws is a bug. */
  serve(call: SideCall): Promise<void>
}

export interface ServerOptions {
  readonly handlers: Handlers
  /** Asked before the table of endpoints. Pages of browsers never reach it. */
  readonly side?: SideApi
  readonly tokens: () => readonly KnownToken[]
  /** Host names by which callers may name this node. */
  readonly hostNames: readonly string[]
  readonly tls?: {readonly certificate: string; readonly key: string} | undefined
  /** Silence after which a connection is ended; 60 s when absent. Milliseconds. */
  readonly idleMs?: number
  /** Whether people on this machine may look at the state of things without a token; absent: they may not. */
  readonly isStatusOpen?: () => boolean
  /** Slows down those who try tokens; without it nobody is. */
  readonly attempts?: AttemptLimit
  /** An address has shown too many wrong tokens. Told once in a row. */
  readonly onTooManyAttempts?: (address: string) => void
  /** A request was answered, or refused. */
  readonly onServed?: (served: Served) => void
  /** An error that is ours. */
  readonly onBug: (error: unknown, route: string) => void
}

/** One request, when its answer is there. */
export interface Served {
  /** Undefined: there is no such endpoint, or the request is not one that we answer. */
  readonly route: Route | undefined
  readonly status: number
  /** Name of the token; empty without one. */
  readonly caller: string
  readonly request: IncomingMessage
}

/** Who was told no, and where, as far as that was known. */
interface Refusal extends HttpFailure {
  readonly route?: Route
  readonly known?: KnownToken | undefined
}

interface Admitted {
  readonly route: Route
  readonly known: KnownToken | undefined
}

/** One node's server. Listens from `listen` to `close`; certificates can be replaced meanwhile, handlers cannot. */
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

  /** Connections from now on get this certificate. @throws Error when it cannot be used */
  setTls({certificate, key}: {readonly certificate: string; readonly key: string}): void {
    if (this.server instanceof TlsServer) this.server.setSecureContext({cert: certificate, key})
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
    const {side} = this.#options
    if (side?.takes(path) === true) return this.#serveSide(side, {request, response, path, query})
    let admitted: Admitted | undefined
    let refused: Refusal | undefined
    response.once('close', () => {
      const {route: served, known} = admitted ?? refused ?? {}
      this.#options.onServed?.({route: served, status: response.statusCode, caller: nameOf(known), request})
    })
    try {
      const found = this.#admit(request, path)
      if ('status' in found) {
        refused = found
        return refuse(response, found)
      }
      admitted = found
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const answer = await this.#options.handlers[found.route.name]({
        parameters: found.route.parameters,
        query: new URLSearchParams(query),
        request,
        response,
        scopes: found.known?.scopes ?? [],
        caller: nameOf(found.known),
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

  async #serveSide(
    side: SideApi,
    {query, ...call}: Pick<SideCall, 'request' | 'response' | 'path'> & {readonly query: string},
  ): Promise<void> {
    const {request, response, path} = call
    if (this.#isOfPage(request)) {
      return refuse(response, failure(403, 'FORBIDDEN', 'requests of web pages are not answered', undefined, false))
    }
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const knownOf = (token: string): KnownToken | undefined => this.#knownOf(request, token)
    try {
      await side.serve({...call, query: new URLSearchParams(query), signal: gone.signal, knownOf})
    } catch (error) {
      if (!response.destroyed) this.#options.onBug(error, `${request.method} ${path}`)
      refuse(response, failureFor(error))
    }
  }

  #knownOf(request: IncomingMessage, token: string): KnownToken | undefined {
    const address = request.socket.remoteAddress ?? ''
    if (this.#options.attempts?.mayTry(address, token, performance.now()) === false) {
      throw new ClusterError('OVERLOADED', 'too many wrong tokens came from this address', {hint: waitHint})
    }
    const known = knownTokenOf(token, this.#options.tokens(), Date.now())
    this.#noteAttempt(address, token, known !== undefined)
    return known
  }

  /** A page in a browser on this machine must not become a way in (DNS rebinding). */
  #isOfPage(request: IncomingMessage): boolean {
    return headerOf(request, 'origin') !== undefined || !isOwnHost(request.headers.host, this.#options.hostNames)
  }

  #admit(request: IncomingMessage, path: string): Admitted | Refusal {
    if (this.#isOfPage(request)) {
      return failure(403, 'FORBIDDEN', 'requests of web pages are not answered', undefined, false)
    }
    const found = route(request.method ?? 'GET', path)
    if ('status' in found) return failure(found.status, 'BAD_NAME', found.message, undefined, false)
    const token = bearerOf(request.headers.authorization)
    const address = request.socket.remoteAddress ?? ''
    if (token !== undefined && this.#options.attempts?.mayTry(address, token, performance.now()) === false) {
      return {
        ...failure(429, 'OVERLOADED', 'too many wrong tokens came from this address', waitHint, true),
        route: found,
      }
    }
    const known = knownTokenOf(token, this.#options.tokens(), Date.now())
    if (token !== undefined) this.#noteAttempt(address, token, known !== undefined)
    const scopes = known?.scopes
    if (mayUse(scopes, found.endpoint.access)) return {route: found, known}
    if (token === undefined && this.#options.isStatusOpen?.() && isOpenStatus(found.name, address, request.headers)) {
      return {route: found, known}
    }
    const said =
      token === undefined
        ? 'this needs a token'
        : scopes === undefined
          ? 'the token is not known here'
          : `this needs a token for ${found.endpoint.access}, and the one given is for ${scopes.join(', ')}`
    const hint = 'the token of a cluster on this machine is found by itself; else use --token or DISCO_TOKEN'
    return {...failure(scopes === undefined ? 401 : 403, 'FORBIDDEN', said, hint, false), route: found, known}
  }

  #noteAttempt(address: string, token: string, isGood: boolean): void {
    const {attempts, onTooManyAttempts} = this.#options
    if (isGood) attempts?.noteGood(token)
    else if (attempts?.noteWrong(address, token, performance.now()) === true) onTooManyAttempts?.(address)
  }
}

const waitHint = 'wait a few seconds, and check the token'

/** Where names are not known, the scopes say as much as there is to say. */
const nameOf = (known: KnownToken | undefined): string => known?.name ?? known?.scopes.join('.') ?? ''

/** So long what a refused request still sends is read and thrown away. Milliseconds. */
const lingerMs = 1000

/** Writes the whole answer and ends it. The head must not have been sent. */
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
  if (response.req.complete) sendJson(response, told.status, told.body)
  else refuseInBody(response, told)
}

/**
 * Answers a request whose body is still coming. The rest is of no use, so the connection ends with the answer. But not at once: one that is
 * closed with bytes unread is reset, and who is still sending then never sees the answer.
 */
function refuseInBody(response: ServerResponse, {status, body}: HttpFailure): void {
  const request = response.req
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {'content-type': 'application/json', 'content-length': bytes.length, connection: 'close'})
  response.write(bytes)
  request.removeAllListeners('data')
  request.resume()
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, lingerMs)
  timer.unref()
  request.once('end', end)
  request.once('close', end)
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
