import {describe, expect, test} from 'vitest'
import {AttemptLimit, attemptBurst} from '../../../../src/cluster/security/index.ts'
import {type Access, endpoints, hashToken} from '../../../../src/protocol/index.ts'
import {soon} from '../../soon.ts'
import {expiredToken, mixedToken, sendRaw, serve, tokenFor} from '../serve.ts'

const callers = {
  'no token': undefined,
  'a wrong token': `dsc_admin_${'w'.repeat(43)}`,
  'a token cut short': tokenFor('admin').slice(0, -1),
  'an expired token': expiredToken,
  'a token with a letter too many': `${tokenFor('admin')}A`,
  'a hash instead of a token': hashToken(tokenFor('admin')),
  read: tokenFor('read'),
  write: tokenFor('write'),
  admin: tokenFor('admin'),
  'run-rules': tokenFor('run-rules'),
  'run-code': tokenFor('run-code'),
  'read and run-rules': mixedToken,
  join: tokenFor('join'),
} as const
type Caller = keyof typeof callers

/** Who is let in; all others get 403, and who is nobody gets 401. */
const allowed: Readonly<Record<Access, readonly Caller[]>> = {
  none: Object.keys(callers) as Caller[],
  ticket: Object.keys(callers) as Caller[],
  read: ['read', 'write', 'admin', 'join', 'read and run-rules'],
  write: ['write', 'admin'],
  admin: ['admin'],
  join: ['admin', 'join'],
  'run-rules': ['admin', 'run-rules', 'run-code', 'read and run-rules'],
  'run-code': ['admin', 'run-code'],
}
const nobodies: readonly Caller[] = [
  'no token',
  'a wrong token',
  'a token cut short',
  'an expired token',
  'a token with a letter too many',
  'a hash instead of a token',
]

describe('every endpoint lets in those for whom it is, and nobody else', () => {
  const cases = Object.entries(endpoints).flatMap(([name, endpoint]) =>
    (Object.keys(callers) as Caller[]).map(caller => ({name, endpoint, caller})),
  )

  test(`in ${cases.length} cases`, async () => {
    const {url} = await serve()
    for (const {name, endpoint, caller} of cases) {
      const token = callers[caller]
      const response = await fetch(url + endpoint.path.replace(/:\w+/g, 'x'), {
        method: endpoint.method,
        headers: token === undefined ? {} : {authorization: `Bearer ${token}`},
      })
      const refused = nobodies.includes(caller) ? 401 : 403
      const wanted = allowed[endpoint.access].includes(caller) ? 200 : refused
      expect(`${name} with ${caller}: ${response.status}`).toBe(`${name} with ${caller}: ${wanted}`)
      await response.arrayBuffer()
    }
  })
})

describe('a request of a browser', () => {
  test('is refused when it names an origin, token or not', async () => {
    const {url} = await serve()
    const headers = {authorization: `Bearer ${tokenFor('admin')}`, origin: 'http://127.0.0.1:1'}
    expect((await fetch(`${url}/api/v1/nodes`, {headers})).status).toBe(403)
    expect((await fetch(`${url}/healthz`, {headers})).status).toBe(403)
  })

  test.each(['evil.example', 'node.test.evil.example', 'localhost.evil.example'])(
    'is refused at the host %s',
    async host => {
      const {port} = await serve()
      const answer = await sendRaw(port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1.1 403 /)
    },
  )

  test.each(['node.test:1', 'NODE.test', '[::1]:80', 'localhost'])('is taken at the host %s', async host => {
    const {port} = await serve()
    const answer = await sendRaw(port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
  })
})

describe('wrong tokens', () => {
  const ask = async (url: string, token: string): Promise<number> => {
    const response = await fetch(`${url}/api/v1/nodes`, {headers: {authorization: `Bearer ${token}`}})
    await response.arrayBuffer()
    return response.status
  }
  const wrong = (count: number): string => `dsc_admin_${String(count).padStart(43, 'w')}`

  test('are refused unseen after some, and those who were let in before are let in still', async () => {
    const told: string[] = []
    const {url} = await serve({}, {attempts: new AttemptLimit(), onTooManyAttempts: address => told.push(address)})
    expect(await ask(url, tokenFor('read'))).toBe(200)
    for (let count = 0; count < attemptBurst; count++) expect(await ask(url, wrong(count))).toBe(401)
    expect(told).toEqual(['127.0.0.1'])
    expect(await ask(url, wrong(99))).toBe(429)
    expect(await ask(url, tokenFor('admin'))).toBe(429)
    expect(await ask(url, tokenFor('read'))).toBe(200)
  })

  test('are not counted when none is given: a health check needs none', async () => {
    const {url} = await serve({}, {attempts: new AttemptLimit()})
    for (let count = 0; count < attemptBurst * 2; count++) await (await fetch(`${url}/api/v1/nodes`)).arrayBuffer()
    expect(await ask(url, tokenFor('read'))).toBe(200)
  })
})

test('what was served is told with endpoint, status and the name of the token', async () => {
  const told: string[] = []
  const {url} = await serve(
    {},
    {onServed: ({route, status, caller}) => told.push(`${route?.name} ${status} ${caller}`)},
  )
  const call = async (path: string, token?: string): Promise<void> => {
    await (
      await fetch(url + path, token === undefined ? {} : {headers: {authorization: `Bearer ${token}`}})
    ).arrayBuffer()
  }
  await call('/api/v1/nodes', mixedToken)
  await call('/api/v1/tokens', tokenFor('read'))
  await call('/api/v1/nodes')
  await call('/nothing')
  await soon(() => expect(told).toEqual(['nodes 200 mixed', 'listTokens 403 read', 'nodes 401 ', 'undefined 404 ']))
})
