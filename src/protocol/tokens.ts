/**
 * Who may do what: tokens of people and programs, and tickets, which allow one transfer of one blob for a short time.
 *
 * Only computes: whoever makes a token brings the random bytes. Servers keep hashes of tokens, never the tokens.
 */
import {createHash, createHmac, timingSafeEqual} from 'node:crypto'
import type {Scope} from './endpoints.ts'
import {blobBytesMax, replicaCountMax, tokenLengthMax} from './limits.ts'
import type {NodeName} from './names.ts'

/** In this order in a token's name. */
export const scopes: readonly Scope[] = ['read', 'write', 'run-rules', 'run-code', 'admin', 'join']

/** What a scope brings along. */
const implied: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  write: ['read', 'write'],
  'run-rules': ['run-rules'],
  'run-code': ['run-rules', 'run-code'],
  admin: scopes,
  join: ['join'],
}

/** Random part of a token, bytes. */
export const tokenSecretBytes = 32

/** SHA-256 of a token, 64 hexadecimal digits: what a server stores. */
export type TokenHash = string

export interface Token {
  /** As the name says. What counts is what the server stored with the token's hash. */
  readonly scopes: readonly Scope[]
  readonly text: string
}

const tokenPattern = /^dsc_([a-z.-]+)_([A-Za-z0-9_-]{43})$/

export const isScope = (text: string): text is Scope => (scopes as readonly string[]).includes(text)

/** Whether someone with `granted` may do what needs `needed`. */
export const hasScope = (granted: readonly Scope[], needed: Scope): boolean =>
  granted.some(scope => implied[scope].includes(needed))

/** @param secret - `tokenSecretBytes` random bytes @returns for example `dsc_read.write_J2s…` */
export function formatToken(granted: readonly Scope[], secret: Uint8Array): string {
  const names = scopes.filter(scope => granted.includes(scope))
  return `dsc_${names.join('.')}_${Buffer.from(secret).toString('base64url')}`
}

/** @returns undefined when `text` is not written as a token is: one way only, scopes in their order */
export function parseToken(text: string): Token | undefined {
  const match = tokenPattern.exec(text)
  if (match === null) return undefined
  const granted = match[1]!.split('.').filter(isScope)
  const secret = Buffer.from(match[2]!, 'base64url')
  return formatToken(granted, secret) === text ? {scopes: granted, text} : undefined
}

export const hashToken = (text: string): TokenHash => createHash('sha256').update(text).digest('hex')

/** Which of `hashes` is the hash of `token`; -1: none. Takes the same time whatever matches. */
export function findToken(token: string, hashes: readonly TokenHash[]): number {
  const hash = Buffer.from(hashToken(token))
  let found = -1
  for (const [index, candidate] of hashes.entries()) {
    const other = Buffer.from(candidate)
    if (other.length === hash.length && timingSafeEqual(hash, other)) found = index
  }
  return found
}

/** The token of an `Authorization: Bearer …` header; undefined when there is none that could be one. */
export function bearerOf(header: string | undefined): string | undefined {
  const token = /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1]
  return token === undefined || token.length > tokenLengthMax ? undefined : token
}

/** Allows one upload or download at one node until it expires. */
export interface Ticket {
  readonly method: 'GET' | 'PUT'
  readonly node: NodeName
  /** Id of the blob, or of the upload: letters, digits, `-` and `_`. */
  readonly target: string
  readonly bytesMax: number
  /** Copies wanted of what is uploaded. */
  readonly replicaCount: number
  /** Wall clock. */
  readonly expiresAtMs: number
}

/** What is being asked for, taken from the request and from the node's own name. Uploads have no target but the ticket's. */
export interface TicketUse {
  readonly method: Ticket['method']
  readonly node: NodeName
  readonly target?: string
}

export type TicketCheck = {readonly type: 'valid'; readonly ticket: Ticket} | {readonly type: 'expired' | 'forged'}

const ticketPattern = /^1\.(GET|PUT)\.([A-Za-z0-9_-]{1,128})\.(\d{1,15})\.(\d{1,15})\.(\d{1,2})\.[A-Za-z0-9_-]{43}$/

/** The key of tickets. Derived, so that the secret itself signs nothing and other keys can come from it. */
export const ticketKeyOf = (clusterSecret: string): Uint8Array =>
  createHmac('sha256', clusterSecret).update('disco-inferno ticket 1').digest()

/** @returns one path segment of a URL; it needs no escaping */
export function signTicket(ticket: Ticket, key: Uint8Array): string {
  const {method, target, expiresAtMs, bytesMax, replicaCount} = ticket
  return ['1', method, target, expiresAtMs, bytesMax, replicaCount, macOf(ticket, key)].join('.')
}

/** @param nowMs - wall clock of the node that checks */
export function checkTicket(text: string, use: TicketUse, key: Uint8Array, nowMs: number): TicketCheck {
  const match = ticketPattern.exec(text)
  if (match === null) return {type: 'forged'}
  const [, method, target, expiresAtMs, bytesMax, replicaCount] = match as unknown as string[]
  const ticket: Ticket = {
    method: method === 'PUT' ? 'PUT' : 'GET',
    // The node's own name, not one from the ticket: a ticket for another node does not pass.
    node: use.node,
    target: target!,
    bytesMax: Number(bytesMax),
    replicaCount: Number(replicaCount),
    expiresAtMs: Number(expiresAtMs),
  }
  // The whole text is compared, not what it decodes to: a second spelling of the same ticket does not pass.
  const genuine = Buffer.from(signTicket(ticket, key))
  const given = Buffer.from(text)
  const isGenuine = genuine.length === given.length && timingSafeEqual(genuine, given)
  const isForThis = ticket.method === use.method && (use.target === undefined || use.target === ticket.target)
  const isInBounds = ticket.bytesMax <= blobBytesMax && ticket.replicaCount <= replicaCountMax
  if (!isGenuine || !isForThis || !isInBounds) return {type: 'forged'}
  return nowMs < ticket.expiresAtMs ? {type: 'valid', ticket} : {type: 'expired'}
}

/** Over JSON of a fixed order: no two tickets have the same text. */
function macOf(ticket: Ticket, key: Uint8Array): string {
  const {method, node, target, bytesMax, replicaCount, expiresAtMs} = ticket
  const fields = JSON.stringify([method, node, target, bytesMax, replicaCount, expiresAtMs])
  return createHmac('sha256', key).update(fields).digest('base64url')
}
