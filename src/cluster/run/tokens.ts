/** The tokens of a cluster: made at its first start, kept where only its owner can read them. */
import {randomBytes} from 'node:crypto'
import {closeSync, constants, fsyncSync, mkdirSync, openSync, writeSync} from 'node:fs'
import {errorCodeOf, UserError} from '../../base/index.ts'
import {type HomePaths, readTokens} from '../../client/index.ts'
import {formatToken, hashToken, isScope, type Scope, tokenSecretBytes} from '../../protocol/index.ts'
import type {KnownToken} from '../http/index.ts'

/** One token each. */
const madeScopes = ['admin', 'write', 'read', 'join'] as const satisfies readonly Scope[]

export type Tokens = Readonly<Record<(typeof madeScopes)[number], string>>

/** Reads the tokens of a home folder; makes them when there are none. @throws UserError BAD_SETTING when the file lacks one */
export function ensureTokens(paths: HomePaths): Tokens {
  const known = readTokens(paths)
  if (known !== undefined) return complete(known, paths.tokens)
  mkdirSync(paths.home, {recursive: true, mode: 0o700})
  const made = Object.fromEntries(madeScopes.map(scope => [scope, formatToken([scope], randomBytes(tokenSecretBytes))]))
  try {
    writeNew(paths.tokens, `${JSON.stringify(made, null, 2)}\n`)
  } catch (error) {
    // Another start was faster: its tokens count.
    if (errorCodeOf(error) === 'EEXIST') return ensureTokens(paths)
    throw error
  }
  return made as Tokens
}

function complete(known: Readonly<Record<string, string>>, path: string): Tokens {
  const missing = madeScopes.find(scope => typeof known[scope] !== 'string')
  if (missing === undefined) return known as Tokens
  throw new UserError('BAD_SETTING', `${path} has no token for ${missing}`, {
    hint: 'move the file away: the next start makes new ones, and agents on other machines need the new join token',
  })
}

function writeNew(path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Tokens as every node may know them: by their hashes. */
export const knownTokensOf = (tokens: Tokens): KnownToken[] =>
  madeScopes.map(scope => ({scopes: [scope], hash: hashToken(tokens[scope]), name: scope}))

/**
 * As one setting of the cluster, which the master tells its agents: `admin=HASH read=HASH write=HASH@EXPIRES`. An older agent
 * cannot read one that expires, and lets nobody in with it.
 */
export const tokensSetting = (known: readonly KnownToken[]): string =>
  known
    .map(({scopes, hash, expiresAtMs}) => {
      const end = expiresAtMs === undefined ? '' : `@${expiresAtMs}`
      return `${scopes.join('.')}=${hash}${end}`
    })
    .join(' ')

/** The other way round; what cannot be read is left out, so it opens nothing. */
export function parseTokensSetting(text: string): KnownToken[] {
  return text.split(' ').flatMap(part => {
    const match = /^([a-z.-]+)=([0-9a-f]{64})(?:@(\d{1,15}))?$/.exec(part)
    if (match === null) return []
    const [, names = '', hash = '', expires] = match
    const scopes = names.split('.').filter(isScope)
    if (scopes.length === 0) return []
    return [{scopes, hash, ...(expires === undefined ? {} : {expiresAtMs: Number(expires)})}]
  })
}

/** The join token of the cluster of a home folder on this machine; undefined when there is none. */
export const readJoinToken = (paths: HomePaths): string | undefined => readTokens(paths)?.['join']
