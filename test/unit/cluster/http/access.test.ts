import {describe, expect, test} from 'vitest'
import {type Access, endpoints} from '../../../../src/protocol/index.ts'
import {sendRaw, serve, tokenFor} from '../serve.ts'

const callers = {
  'no token': undefined,
  'a wrong token': `dsc_admin_${'w'.repeat(43)}`,
  'a token cut short': tokenFor('admin').slice(0, -1),
  read: tokenFor('read'),
  write: tokenFor('write'),
  admin: tokenFor('admin'),
  join: tokenFor('join'),
} as const
type Caller = keyof typeof callers

/** Who is let in; all others get 403, and who is nobody gets 401. */
const allowed: Readonly<Record<Access, readonly Caller[]>> = {
  none: Object.keys(callers) as Caller[],
  ticket: Object.keys(callers) as Caller[],
  read: ['read', 'write', 'admin', 'join'],
  write: ['write', 'admin'],
  admin: ['admin'],
  join: ['admin', 'join'],
  'run-rules': ['admin'],
  'run-code': ['admin'],
}
const nobodies: readonly Caller[] = ['no token', 'a wrong token', 'a token cut short']

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
