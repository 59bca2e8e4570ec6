/** A request of Disco's interface: who asks, and for what. */
import {timingSafeEqual} from 'node:crypto'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {type Access, bearerOf, hashToken, hasScope, type Scope} from '../../protocol/index.ts'
import type {KnownToken, SideCall} from '../http/index.ts'
import {Refusal} from './answers.ts'

export interface LegacyCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  /** Percent-decoded, without `/proxy/NODE/METHOD`. */
  readonly path: string
  /** Of `/proxy/NODE/…`: which node is meant. */
  readonly node: string | undefined
  readonly query: URLSearchParams
  readonly signal: AbortSignal
  readonly scopes: readonly Scope[]
  readonly caller: string
  /** The token of a tag that was presented. */
  readonly tagToken: string | undefined
  /** Host by which the client reaches this machine: the host of all URLs that it is told. */
  readonly host: string
  readonly putPort: number | undefined
  /** Told what a change concerns (a job, a node) when its path does not say it: for the log of changes. */
  readonly onSubject: (text: string) => void
}

/** Marks what an agent passed on: it did not come from this machine, whatever its address says. */
const passedOnHeader = 'x-disco-passed-on'

export interface Who {
  readonly scopes: readonly Scope[]
  readonly caller: string
  readonly tagToken: string | undefined
}

/**
 * Without a token of the cluster only programs on this machine get in, and only where that was asked for.
 *
 * A token comes as `Bearer`, or as Disco's `Basic token:TOKEN`: there it is the cluster's, or else a tag's.
 */
export function whoAsks({request, knownOf}: Pick<SideCall, 'request' | 'knownOf'>, isOpen: boolean): Who {
  const isHere = isOpen && isLoopbackAddress(request.socket.remoteAddress) && !request.headers[passedOnHeader]
  const bearer = bearerOf(request.headers.authorization)
  const basic = basicTokenOf(request.headers.authorization)
  if (isHere && bearer === undefined) return {scopes: ['admin'], caller: 'legacy-api', tagToken: basic}
  const known = bearer === undefined ? (basic === undefined ? undefined : knownOf(basic)) : knownOf(bearer)
  if (known === undefined) return {scopes: [], caller: '', tagToken: basic}
  return {scopes: known.scopes, caller: nameOf(known), tagToken: tagTokenOf(request)}
}

const nameOf = ({name, scopes}: KnownToken): string => name ?? scopes.join('.')

function tagTokenOf(request: IncomingMessage): string | undefined {
  const header = request.headers['x-tag-token']
  return typeof header === 'string' ? header : undefined
}

/** Of `Basic base64("token:" + TOKEN)`; any other user, or scheme, is no token. */
function basicTokenOf(header: string | undefined): string | undefined {
  const coded = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(header ?? '')?.[1]
  if (coded === undefined) return undefined
  const text = Buffer.from(coded, 'base64').toString('utf8')
  return text.startsWith('token:') ? text.slice('token:'.length) : undefined
}

const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && (/^(?:::ffff:)?127\./.test(address) || address === '::1')

/** @throws Refusal 401 when the caller's token does not open this */
export function checkAccess({scopes}: Pick<LegacyCall, 'scopes'>, access: Access): void {
  if (access === 'none' || hasScope(scopes, access as Scope)) return
  throw new Refusal(401, 'Incorrect or missing token.')
}

/** In a time that tells nothing. */
export const isSameToken = (left: string, right: string): boolean =>
  timingSafeEqual(Buffer.from(hashToken(left)), Buffer.from(hashToken(right)))

/** `localhost` of `localhost:8989`. The server has checked that it is a name of ours. */
export const hostOf = (header: string | undefined): string => (header ?? 'localhost').replace(/:\d+$/, '')
