/** A small HTTP server on loopback that answers what a test says and keeps what it was sent. */
import {createServer, type IncomingHttpHeaders} from 'node:http'

export interface Received {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
export interface Answer {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}
export interface Receiver {
  readonly host: string
  readonly received: Received[]
  close(): Promise<void>
}

/** @param answer - undefined: the connection is cut without one */
export async function startReceiver(
  answer: (request: Received, count: number) => Answer | undefined,
): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts).toString()
    const one = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', 'http://x'),
      headers: request.headers,
      body,
    }
    received.push(one)
    const said = answer(one, received.length)
    if (said === undefined) request.socket.destroy()
    else response.writeHead(said.status, said.headers).end(said.body ?? '')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    host: `127.0.0.1:${address.port}`,
    received,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
