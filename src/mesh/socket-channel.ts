/** A WebSocket as a channel, and how one is dialled. */
import {WebSocket} from 'ws'
import {ClusterError, messageOf, UserError} from '../base/index.ts'
import {frameBytesMax, meshPath} from '../protocol/index.ts'
import {type Channel, type ChannelListener, EarlyTexts} from './channel.ts'
import {goodbyeMs, handshakeMs} from './limits.ts'

/** For both sides of a WebSocket: no compression (a bomb, and slow), no message larger than a frame may be. */
export const socketOptions = {
  perMessageDeflate: false,
  maxPayload: frameBytesMax,
  // A frame comes whole; a few pieces are allowed for what lies between.
  maxFragments: 1024,
} as const

class SocketChannel implements Channel {
  readonly remote: string
  queuedBytes = 0
  readonly #socket: WebSocket
  readonly #early = new EarlyTexts()
  readonly #ended = Promise.withResolvers<void>()
  #endReason: string | undefined

  constructor(socket: WebSocket, remote: string) {
    this.#socket = socket
    this.remote = remote
    socket.on('message', (data, isBinary) => this.#take(data, isBinary))
    socket.on('error', error => {
      this.#endReason ??= messageOf(error)
    })
    socket.on('close', code => {
      this.queuedBytes = 0
      this.#early.end(this.#endReason ?? (code === 1006 ? 'connection lost' : 'closed by the other side'))
      this.#ended.resolve()
    })
  }

  send(text: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const bytes = Buffer.byteLength(text)
    this.queuedBytes += bytes
    this.#socket.send(text, () => {
      this.queuedBytes = Math.max(0, this.queuedBytes - bytes)
      this.#early.drain()
    })
  }

  listen(listener: ChannelListener | undefined): void {
    this.#early.listen(listener)
  }

  async close(reason: string): Promise<void> {
    this.#endReason ??= reason
    this.#socket.close(1000)
    const timer = setTimeout(() => this.#socket.terminate(), goodbyeMs)
    await this.#ended.promise
    clearTimeout(timer)
  }

  destroy(reason: string): void {
    this.#endReason ??= reason
    this.#socket.terminate()
  }

  #take(data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): void {
    if (isBinary || !Buffer.isBuffer(data)) this.destroy('sent a binary message')
    else if (!this.#early.text(data.toString())) this.destroy('sent too much before it was asked')
  }
}

/** @param remote - the other end, for messages */
export const socketChannel = (socket: WebSocket, remote: string): Channel => new SocketChannel(socket, remote)

export interface DialOptions {
  /** Base URL of a node or master: http(s):// or ws(s)://. */
  readonly address: string
  /** With the scope `join`. */
  readonly token: string
  /** Certificates that are trusted instead of the system's, PEM. */
  readonly ca?: string
}

/** An address as people write it. @throws UserError BAD_FLAG */
export function meshUrl(address: string): URL {
  if (!URL.canParse(address) || !/^(https?|wss?):$/.test(new URL(address).protocol)) {
    throw new UserError('BAD_FLAG', `"${address}" is not the address of a node`, {
      hint: 'write it as ws://HOST:PORT, or wss://HOST:PORT with TLS',
      exitCode: 2,
    })
  }
  const url = new URL(address)
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:'
  url.pathname = meshPath
  url.search = ''
  url.hash = ''
  return url
}

/**
 * Opens a connection. The handshake of the mesh comes after it.
 *
 * @throws UserError FORBIDDEN when the token is refused; ClusterError UNAVAILABLE for everything else
 */
export async function dial(options: DialOptions, signal?: AbortSignal): Promise<Channel> {
  const url = meshUrl(options.address)
  signal?.throwIfAborted()
  const socket = new WebSocket(url, {
    ...socketOptions,
    handshakeTimeout: handshakeMs,
    followRedirects: false,
    headers: {Authorization: `Bearer ${options.token}`},
    ...(options.ca !== undefined && {ca: options.ca}),
  })
  // From the first moment on: what comes with the handshake must not be lost.
  const channel = socketChannel(socket, url.host)
  const {promise, resolve, reject} = Promise.withResolvers<Channel>()
  const abort = (): void => socket.terminate()
  signal?.addEventListener('abort', abort, {once: true})
  let status = 0
  socket.on('open', () => resolve(channel))
  socket.on('unexpected-response', (_request, response) => {
    status = response.statusCode ?? 0
    socket.terminate()
  })
  socket.on('error', error => {
    const isForbidden = status === 401 || status === 403
    reject(isForbidden ? forbidden(url.host) : unreachable(url, status, error))
  })
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

const forbidden = (host: string): UserError =>
  new UserError('FORBIDDEN', `${host} does not accept the token`, {
    hint: 'take a join token of that cluster: disco token join',
  })

function unreachable({host, protocol}: URL, status: number, cause: Error): ClusterError {
  const why = status === 0 ? messageOf(cause) : `it answered ${status}`
  return new ClusterError('UNAVAILABLE', `cannot reach ${host}: ${why || 'no answer'}${tlsAdvice(protocol, why)}`, {
    cause,
  })
}

/** One end speaks TLS and the other does not: what sockets say then helps nobody. */
function tlsAdvice(protocol: string, why: string): string {
  if (protocol === 'ws:' && why === 'socket hang up') return ' (if it has TLS, write wss://)'
  return protocol === 'wss:' && /wrong version number|packet length too long/i.test(why)
    ? ' (if it has no TLS, write ws://)'
    : ''
}
