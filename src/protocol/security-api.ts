/** Bodies of the endpoints about tokens and about who changed what. */
import type {EndpointName, Scope} from './endpoints.ts'
import type {NodeName} from './names.ts'

/** A token as people see it: what it opens, never the token itself. */
export interface TokenInfo {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Made at the first start of the cluster; it lies in `tokens.json` and cannot be revoked one by one. */
  readonly isBuiltIn: boolean
  /** First digits of its hash: tells two of one name apart. */
  readonly hash: string
  readonly createdAtMs?: number
  readonly createdBy?: string
  /** By the master's clock; absent: never. */
  readonly expiresAtMs?: number
  readonly isExpired: boolean
}

export interface TokenList {
  readonly tokens: readonly TokenInfo[]
}

/** POST createToken. */
export interface CreateTokenRequest {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** From now on; absent: for ever. */
  readonly expiresInMs?: number
}

/** A change of the list of tokens is kept, and told to all nodes that answer, before it is acknowledged. */
export interface TokenChange extends TokenInfo {
  /** Nodes that said nothing in time: each hears of it with its next link. */
  readonly silentNodes: readonly NodeName[]
}

/** The only time that the token is shown. */
export interface CreateTokenAnswer extends TokenChange {
  readonly token: string
}

/** One request that changed something, or was meant to. */
export interface AuditLine {
  /** ISO 8601, UTC, by the master's clock. */
  readonly ts: string
  /** Name of the token; empty without one. */
  readonly by: string
  /** Address that the request came from. */
  readonly from: string
  /** The request came by way of another node, which says that it had it from there. */
  readonly for?: string
  /** `disco:killJob` and the like came by Disco's own interface. */
  readonly what: EndpointName | `disco:${string}`
  /** Parts of the path: `{tag: 'logs:2026'}`. Tokens and tickets are not among them; of Disco's interface: `{subject: JOB}`. */
  readonly target: Readonly<Record<string, string>>
  readonly status: number
}

/** GET audit `?count=`: the last ones, oldest first. */
export interface AuditLines {
  readonly lines: readonly AuditLine[]
}
