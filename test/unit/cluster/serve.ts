/** A real HTTP server of a node with handlers that a test brings. */
import {connect} from 'node:net'
import {onTestFinished} from 'vitest'
import {
  type Handler,
  type Handlers,
  type KnownToken,
  NodeServer,
  type ServerOptions,
} from '../../../src/cluster/http/index.ts'
import {endpoints, formatToken, hashToken, type Scope, scopes} from '../../../src/protocol/index.ts'

const names = Object.keys(endpoints) as (keyof Handlers)[]

const ok: Handler = async () => ({body: {isOk: true}})

export const tokenFor = (scope: Scope): string => formatToken([scope], Buffer.alloc(32, scope))

export const expiredToken = formatToken(['admin'], Buffer.alloc(32, 'expired'))
export const mixedToken = formatToken(['read', 'run-rules'], Buffer.alloc(32, 'mixed'))

const known: KnownToken[] = [
  ...scopes.map(scope => ({scopes: [scope], hash: hashToken(tokenFor(scope)), name: scope})),
  {scopes: ['admin'], hash: hashToken(expiredToken), name: 'past', expiresAtMs: 1},
  {scopes: ['read', 'run-rules'], hash: hashToken(mixedToken), name: 'mixed', expiresAtMs: 8.64e15},
]

export interface Served {
  readonly url: string
  readonly port: number
  readonly bugs: string[]
}

export async function serve(
  handlers: Partial<Handlers> = {},
  options: Pick<ServerOptions, 'idleMs' | 'attempts' | 'isStatusOpen' | 'onServed' | 'onTooManyAttempts'> = {},
): Promise<Served> {
  const bugs: string[] = []
  const all = Object.fromEntries(names.map(name => [name, handlers[name] ?? ok])) as unknown as Handlers
  const server = new NodeServer({
    ...options,
    handlers: all,
    tokens: () => known,
    hostNames: ['node.test'],
    onBug: (error, route) => bugs.push(`${route}: ${String(error)}`),
  })
  const port = await server.listen('127.0.0.1', 0)
  onTestFinished(() => server.close())
  return {url: `http://127.0.0.1:${port}`, port, bugs}
}

/** Sends bytes as they are, and gives what comes back until the other side closes. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text))
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(parts).toString()))
  })
}
