/** Requests as bytes on a socket: with the version, the path and the headers that are given, and no others. */
import {connect} from 'node:net'

export interface RawRequest {
  readonly method: string
  /** As it is sent: nothing is encoded. */
  readonly path: string
  readonly version?: '1.0' | '1.1'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface RawAnswer {
  readonly status: number
  readonly phrase: string
  readonly type: string | undefined
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** One connection a request; the answer ends with it. @param url - `http://HOST:PORT` */
export async function rawRequest(url: string, request: RawRequest): Promise<RawAnswer> {
  const {hostname, port, host} = new URL(url)
  const {method, path, version = '1.1', headers = {}, body} = request
  const content = body === undefined ? undefined : Buffer.from(body)
  const lines = [`${method} ${path} HTTP/${version}`, `Host: ${host}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (content !== undefined) lines.push(`Content-Length: ${content.length}`)
  const socket = connect(Number(port), hostname)
  socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content ?? Buffer.alloc(0)]))
  const bytes = Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>))
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...others] = bytes.toString('latin1', 0, end).split('\r\n')
  const [, status, phrase = ''] = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(first) ?? []
  const told = new Map(others.map(line => [line.split(':')[0]!.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]))
  return {status: Number(status), phrase, type: told.get('content-type'), headers: told, body: bytes.subarray(end + 4)}
}
