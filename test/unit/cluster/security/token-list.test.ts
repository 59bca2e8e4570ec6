import {readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {TokenList, tokenCountMax} from '../../../../src/cluster/security/index.ts'
import {hashToken, type Scope} from '../../../../src/protocol/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

const wish = (name: string, scopes: readonly Scope[] = ['read'], expiresAtMs?: number) => ({
  name,
  scopes,
  createdAtMs: 1000,
  createdBy: 'admin',
  ...(expiresAtMs === undefined ? {} : {expiresAtMs}),
})
const secret = (text: string): Buffer => Buffer.alloc(32, text)

test('a token is kept as a hash, for its owner alone, and is known after a restart', () => {
  const folder = temporaryFolder()
  const {token, stored} = new TokenList(folder).create(wish('grafana', ['read'], 5000), secret('g'))
  const text = readFileSync(join(folder, 'tokens.json'), 'utf8')
  expect(text).not.toContain(token)
  expect(text).not.toContain(token.slice(-20))
  expect(stored.hash).toBe(hashToken(token))
  expect(statSync(join(folder, 'tokens.json')).mode & 0o777).toBe(0o600)
  expect(new TokenList(folder).tokens).toEqual([stored])
})

test('a token that is revoked is gone, also after a restart', () => {
  const folder = temporaryFolder()
  const list = new TokenList(folder)
  list.create(wish('a'), secret('a'))
  list.create(wish('b'), secret('b'))
  list.revoke('a')
  expect(list.tokens.map(({name}) => name)).toEqual(['b'])
  expect(new TokenList(folder).tokens.map(({name}) => name)).toEqual(['b'])
  expect(() => list.revoke('a')).toThrow(expect.objectContaining({code: 'BAD_NAME'}))
  expect(() => list.revoke('admin')).toThrow(expect.objectContaining({hint: expect.stringContaining('tokens.json')}))
})

test('a name is taken until its token has expired', () => {
  const list = new TokenList(temporaryFolder())
  list.create(wish('a', ['read'], 500), secret('a'))
  list.create(wish('a', ['write'], 5000), secret('b'))
  expect(list.tokens.map(({scopes}) => scopes)).toEqual([['write']])
  expect(() => list.create(wish('a'), secret('c'))).toThrow('already')
})

test.each(['', 'admin', 'join', '-a', '../a', 'a b', 'a\n', 'x'.repeat(65), '__proto__'])('"%s" is no name', name => {
  expect(() => new TokenList(temporaryFolder()).create(wish(name), secret('a'))).toThrow(
    expect.objectContaining({code: 'BAD_NAME'}),
  )
})

test('nobody makes a token for nothing, or a second one for join', () => {
  const list = new TokenList(temporaryFolder())
  expect(() => list.create(wish('a', []), secret('a'))).toThrow('scopes')
  expect(() => list.create(wish('a', ['read', 'join']), secret('a'))).toThrow('one token for join')
  expect(list.tokens).toEqual([])
})

test('there are at most so many', () => {
  const list = new TokenList(temporaryFolder())
  for (let count = 0; count < tokenCountMax; count++) list.create(wish(`t${count}`), secret(`t${count}`))
  expect(() => list.create(wish('more'), secret('more'))).toThrow(`${tokenCountMax} tokens`)
})

test.each(['', '{', '{"version":2,"tokens":[]}', '{"version":1,"tokens":[{"name":"a","scopes":["root"]}]}'])(
  'a list that cannot be used (%s) is not taken for an empty one',
  text => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'tokens.json'), text)
    expect(() => new TokenList(folder)).toThrow(expect.objectContaining({code: 'CANNOT_START'}))
  },
)
