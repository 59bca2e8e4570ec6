/**
 * Tokens that people made with `disco token create`. Kept by the master, in its own folder, as hashes: whoever reads the file
 * can open nothing with it. Small: it is written whole, and is on the disk before anybody hears of a change.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import * as z from 'zod/mini'
import {didYouMean, errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import {formatToken, hashToken, isScope, type Scope, type TokenHash} from '../../protocol/index.ts'
import {writeDurably} from '../run/write-durably.ts'
import {tokenCountMax} from './limits.ts'

export interface StoredToken {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly hash: TokenHash
  readonly createdAtMs: number
  /** Name of the token that made it. */
  readonly createdBy: string
  readonly expiresAtMs?: number
}

/** What the first start makes one of, under the scope's name. */
export const builtInNames: readonly string[] = ['admin', 'write', 'read', 'join']

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const fileSchema = z.object({
  version: z.literal(1),
  tokens: z.array(
    z.object({
      name: z.string().check(z.regex(namePattern)),
      scopes: z.array(z.string().check(z.refine(isScope))).check(z.minLength(1)),
      hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
      createdAtMs: z.number(),
      createdBy: z.string(),
      expiresAtMs: z.optional(z.number()),
    }),
  ),
})

/** Of one master. A change is durable when its method returns. */
export class TokenList {
  readonly #path: string
  #tokens: readonly StoredToken[]

  /** @throws UserError CANNOT_START when there is a file that cannot be used: without it revoked tokens could come back */
  constructor(folder: string) {
    this.#path = join(folder, 'tokens.json')
    this.#tokens = readList(this.#path)
  }

  /** In the order of their making. */
  get tokens(): readonly StoredToken[] {
    return this.#tokens
  }

  /**
   * Makes a token. Durable when it returns.
   *
   * @param secret - `tokenSecretBytes` random bytes
   * @returns what is stored, and the token itself, which nobody can be told again
   * @throws UserError BAD_NAME, BAD_SETTING; ClusterError DISK_FULL
   */
  create(
    wish: Pick<StoredToken, 'name' | 'scopes' | 'createdAtMs' | 'createdBy' | 'expiresAtMs'>,
    secret: Uint8Array,
  ): {readonly stored: StoredToken; readonly token: string} {
    const {name, scopes, createdAtMs} = wish
    checkName(name)
    checkScopes(scopes)
    // One that opens nothing any more gives its name to the next.
    const others = this.#tokens.filter(one => one.name !== name || !isExpired(one, createdAtMs))
    if (others.some(one => one.name === name)) {
      throw new UserError('BAD_NAME', `there is a token "${name}" already`, {
        hint: `take another name, or first: disco token revoke ${name}`,
      })
    }
    if (others.length >= tokenCountMax) {
      throw new UserError('BAD_SETTING', `there are ${tokenCountMax} tokens already`, {
        hint: 'revoke some: disco token list',
      })
    }
    const token = formatToken(scopes, secret)
    const stored: StoredToken = {...wish, hash: hashToken(token)}
    this.#write([...others, stored])
    return {stored, token}
  }

  /** Durable when it returns. @throws UserError BAD_NAME when there is none of that name; ClusterError DISK_FULL */
  revoke(name: string): StoredToken {
    const found = this.#tokens.find(one => one.name === name)
    if (found === undefined) throw noSuchToken(name, this.#tokens)
    this.#write(this.#tokens.filter(one => one !== found))
    return found
  }

  #write(tokens: readonly StoredToken[]): void {
    writeDurably(this.#path, `${JSON.stringify({version: 1, tokens}, null, 2)}\n`)
    this.#tokens = tokens
  }
}

/** @param nowMs - wall clock */
export const isExpired = ({expiresAtMs}: {readonly expiresAtMs?: number}, nowMs: number): boolean =>
  expiresAtMs !== undefined && nowMs >= expiresAtMs

function checkName(name: string): void {
  if (builtInNames.includes(name)) {
    throw new UserError('BAD_NAME', `"${name}" is the name of a token that every cluster has`, {
      hint: `see it with: disco token ${name}`,
    })
  }
  if (namePattern.test(name)) return
  throw new UserError('BAD_NAME', 'that cannot be the name of a token', {
    hint: 'names have 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit',
  })
}

function checkScopes(scopes: readonly Scope[]): void {
  if (scopes.length === 0) throw new UserError('BAD_SETTING', 'a token opens something: name its scopes')
  if (!scopes.includes('join')) return
  throw new UserError('BAD_SETTING', 'there is one token for join, and no second one', {
    hint: 'agents sign tickets for each other with it, so they all have the same: disco token join',
  })
}

function noSuchToken(name: string, known: readonly StoredToken[]): UserError {
  if (builtInNames.includes(name)) {
    return new UserError('BAD_NAME', `"${name}" is a token of the cluster itself`, {
      hint: 'stop the cluster, move tokens.json in its home folder away, and start it: all four are made anew, and agents need the new join token',
    })
  }
  const names = known.map(one => one.name)
  return new UserError('BAD_NAME', `there is no token "${name.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')}"`, {
    hint: didYouMean(name, names) || 'see them with: disco token list',
  })
}

function readList(path: string): readonly StoredToken[] {
  try {
    const {tokens} = z.parse(fileSchema, JSON.parse(readFileSync(path, 'utf8')))
    return tokens as readonly StoredToken[]
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return []
    throw new UserError('CANNOT_START', `${path} cannot be used: ${messageOf(error).slice(0, 200)}`, {
      cause: error,
      hint: 'put back a copy of it, or move it away: then only the tokens of the first start open anything',
    })
  }
}
