/** Endpoints about tokens, and about who changed what. */
import {randomBytes} from 'node:crypto'
import {UserError} from '../../../base/index.ts'
import {
  type AuditLines,
  type CreateTokenAnswer,
  type TokenChange,
  type TokenInfo,
  type TokenList,
  tokenSecretBytes,
} from '../../../protocol/index.ts'
import {type Handler, type KnownToken, readBody} from '../../http/index.ts'
import {auditPageMax, builtInNames, isExpired, type StoredToken} from '../../security/index.ts'
import type {Master} from '../master.ts'
import {tokenBody} from './schemas.ts'

type Names = 'listTokens' | 'createToken' | 'revokeToken' | 'audit'

/** Digits of a hash that are shown. */
const hashDigits = 12

/**
 * Only the answer of `createToken` has the token itself. Changes are durable before nodes hear of them; `silentNodes` did not
 * answer, and may let a revoked one in until they are heard again.
 */
export function tokenHandlers(master: Master): Record<Names, Handler> {
  return {
    listTokens: async () => {
      const body: TokenList = {tokens: master.knownTokens().map(infoOf)}
      return {body}
    },
    createToken: async ({request, caller}) => {
      const {name, scopes, expiresInMs} = await readBody(request, tokenBody)
      const createdAtMs = Date.now()
      const {stored, token} = master.tokenList.create(
        {
          name,
          scopes,
          createdAtMs,
          createdBy: caller,
          ...(expiresInMs === undefined ? {} : {expiresAtMs: createdAtMs + expiresInMs}),
        },
        randomBytes(tokenSecretBytes),
      )
      const body: CreateTokenAnswer = {...infoOf(stored), silentNodes: await master.tellTokens(), token}
      return {status: 201, body}
    },
    revokeToken: async ({parameters}) => {
      const stored = master.tokenList.revoke(parameters['token'] ?? '')
      const body: TokenChange = {...infoOf(stored), silentNodes: await master.tellTokens()}
      return {body}
    },
    audit: async ({query}) => {
      const text = query.get('count') ?? '100'
      if (!/^\d{1,6}$/.test(text)) throw new UserError('BAD_SETTING', 'count must be a whole number')
      const body: AuditLines = {lines: await master.audit.last(Math.min(Number(text), auditPageMax))}
      return {body}
    },
  }
}

function infoOf(token: KnownToken | StoredToken): TokenInfo {
  const {name = '', scopes, hash, expiresAtMs} = token
  return {
    name,
    scopes,
    isBuiltIn: builtInNames.includes(name),
    hash: hash.slice(0, hashDigits),
    ...('createdAtMs' in token ? {createdAtMs: token.createdAtMs, createdBy: token.createdBy} : {}),
    ...(expiresAtMs === undefined ? {} : {expiresAtMs}),
    isExpired: isExpired(token, Date.now()),
  }
}
