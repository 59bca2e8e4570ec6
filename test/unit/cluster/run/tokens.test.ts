import {readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {homePaths} from '../../../../src/client/index.ts'
import {
  ensureTokens,
  knownTokensOf,
  parseTokensSetting,
  readJoinToken,
  tokensSetting,
} from '../../../../src/cluster/run/tokens.ts'
import {parseToken} from '../../../../src/protocol/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

const newHome = () => homePaths(join(temporaryFolder(), 'home'))

test('the first start makes one token a scope, for the owner alone, and later ones read them', () => {
  const paths = newHome()
  const tokens = ensureTokens(paths)
  expect(Object.keys(tokens).sort()).toEqual(['admin', 'join', 'read', 'write'])
  for (const [scope, text] of Object.entries(tokens)) expect(parseToken(text)?.scopes).toEqual([scope])
  expect(statSync(paths.tokens).mode & 0o777).toBe(0o600)
  expect(statSync(paths.home).mode & 0o777).toBe(0o700)
  expect(ensureTokens(paths)).toEqual(tokens)
  expect(readJoinToken(paths)).toBe(tokens.join)
})

test('a home without tokens has no join token', () => {
  expect(readJoinToken(newHome())).toBeUndefined()
})

test.each(['{}', '{"admin":"a","write":"b","read":"c"}', '{"admin":"a","write":"b","read":"c","join":5}'])(
  'a file that lacks one (%s) is not completed: other machines have the old ones',
  text => {
    const paths = newHome()
    ensureTokens(paths)
    writeFileSync(paths.tokens, text)
    expect(() => ensureTokens(paths)).toThrow(expect.objectContaining({code: 'BAD_SETTING', hint: expect.any(String)}))
    expect(readFileSync(paths.tokens, 'utf8')).toBe(text)
  },
)

test('as a setting of the cluster they are hashes, and come back as they were', () => {
  const tokens = ensureTokens(newHome())
  const known = knownTokensOf(tokens)
  const text = tokensSetting(known)
  for (const token of Object.values(tokens)) expect(text).not.toContain(token.slice(10, 30))
  expect(parseTokensSetting(text)).toEqual(known.map(({scopes, hash}) => ({scopes, hash})))
})

test('their ends go with them, and one of several scopes stays one', () => {
  const known = [{scopes: ['read', 'run-rules'] as const, hash: 'ab'.repeat(32), expiresAtMs: 1_800_000_000_000}]
  expect(tokensSetting(known)).toBe(`read.run-rules=${'ab'.repeat(32)}@1800000000000`)
  expect(parseTokensSetting(tokensSetting(known))).toEqual(known)
})

test.each([
  '',
  'admin',
  'admin=',
  'admin=xyz',
  `root=${'0'.repeat(64)}`,
  `=${'0'.repeat(64)}`,
  `admin=${'0'.repeat(63)}`,
  `admin=${'0'.repeat(64)}@`,
  `admin=${'0'.repeat(64)}@soon`,
  `admin=${'0'.repeat(64)}@-1`,
])('a setting that cannot be read (%s) opens nothing', text => {
  expect(parseTokensSetting(text)).toEqual([])
})
