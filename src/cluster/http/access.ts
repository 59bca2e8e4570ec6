/** Who may do what at a node's HTTP port. A node keeps hashes of tokens only, and compares all of them in constant time. */
import {type Access, findToken, hasScope, type Scope, type TokenHash} from '../../protocol/index.ts'

/** A token as a node knows it. */
export interface KnownToken {
  readonly scopes: readonly Scope[]
  readonly hash: TokenHash
  /** The master alone knows the names. */
  readonly name?: string
  /** Wall clock. */
  readonly expiresAtMs?: number
}

/** What is known of a token; undefined when nobody knows it, or it has expired. @param nowMs - wall clock */
export function knownTokenOf(
  token: string | undefined,
  known: readonly KnownToken[],
  nowMs: number,
): KnownToken | undefined {
  if (token === undefined) return undefined
  const index = findToken(
    token,
    known.map(one => one.hash),
  )
  const found = known[index]
  return found?.expiresAtMs !== undefined && nowMs >= found.expiresAtMs ? undefined : found
}

/** Whether a caller may use an endpoint. Tickets are checked by the endpoint itself; agents read blobs of each other. */
export function mayUse(scopes: readonly Scope[] | undefined, access: Access): boolean {
  if (access === 'none' || access === 'ticket') return true
  if (scopes === undefined) return false
  return hasScope(scopes, access) || (access === 'read' && hasScope(scopes, 'join'))
}
