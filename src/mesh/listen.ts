/** Takes mesh links at a server that also serves HTTP. Nobody without a join token gets as far as a WebSocket. */
import type {IncomingMessage, Server} from 'node:http'
import type {Duplex} from 'node:stream'
import {WebSocketServer} from 'ws'
import {messageOf} from '../base/index.ts'
import {
  bearerOf,
  commonVersion,
  findToken,
  type Hello,
  meshPath,
  parseFrame,
  parseGreeting,
  protocolRangeOf,
  protocolRefusal,
  type Refused,
  type TokenHash,
} from '../protocol/index.ts'
import {type Channel, nextText} from './channel.ts'
import type {MeshLog} from './counters.ts'
import {isOwnHost} from './host-check.ts'
import {handshakeMs} from './limits.ts'
import {socketChannel, socketOptions} from './socket-channel.ts'

/** Whoever answers a hello: a master, or an agent for its peers. Owns the channel from then on. */
export interface MeshHost {
  accept(channel: Channel, hello: Hello): void
}

export interface MeshHosts {
  /** Name and version of this program. */
  readonly software: string
  readonly master?: MeshHost
  readonly agent?: MeshHost
}

export interface ListenOptions extends MeshHosts {
  /** Asked at every upgrade: tokens come and go while the server runs. */
  readonly joinTokens: () => readonly TokenHash[]
  /** Names of this server, without port. Addresses and `localhost` are always accepted. */
  readonly hostNames: readonly string[]
  readonly log: MeshLog
  /** Slows down those who try tokens; without it nobody is. */
  readonly attempts?: {
    mayTry(address: string, token: string, nowMs: number): boolean
    noteWrong(address: string, token: string, nowMs: number): unknown
    noteGood(token: string): void
  }
}

export interface MeshListener {
  /** Links that are up stay; their meshes close them. */
  close(): void
}

/**
 * Takes upgrades at `meshPath` from an http or https server, and refuses all others. The server belongs to the caller, who has
 * set its time limits for headers and connections.
 */
export function listenForLinks(server: Server, options: ListenOptions): MeshListener {
  const greeting = new Set<Channel>()
  const sockets = new WebSocketServer({...socketOptions, noServer: true, clientTracking: false})
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Until the WebSocket has its own: a peer that resets the connection must not end the process.
    const onError = (error: Error): void => options.log({level: 'debug', msg: 'upgrade failed', text: error.message})
    socket.on('error', onError)
    const status = refusalStatus(request, options)
    if (status !== undefined) {
      options.log({level: 'warn', msg: 'upgrade refused', code: String(status), text: remoteOf(request)})
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
      return
    }
    sockets.handleUpgrade(request, socket, head, opened => {
      const channel = socketChannel(opened, remoteOf(request))
      greeting.add(channel)
      void receiveHello(channel, options, options.log).then(() => greeting.delete(channel))
    })
  }
  server.on('upgrade', onUpgrade)
  return {
    close() {
      server.off('upgrade', onUpgrade)
      sockets.close()
      for (const channel of greeting) channel.destroy('the server stops')
    },
  }
}

/** @returns the status line's end that refuses; undefined: welcome */
function refusalStatus(request: IncomingMessage, options: ListenOptions): string | undefined {
  if (!isOwnHost(request.headers.host, options.hostNames)) return '421 Misdirected Request'
  // Only browsers send an origin, and no page has business here.
  if (request.headers.origin !== undefined) return '403 Forbidden'
  if (request.url !== meshPath) return '404 Not Found'
  const token = bearerOf(request.headers.authorization)
  if (token === undefined) return '401 Unauthorized'
  const {attempts} = options
  const address = request.socket.remoteAddress ?? ''
  if (attempts?.mayTry(address, token, performance.now()) === false) return '429 Too Many Requests'
  const isGood = findToken(token, options.joinTokens()) !== -1
  if (isGood) attempts?.noteGood(token)
  else attempts?.noteWrong(address, token, performance.now())
  return isGood ? undefined : '401 Unauthorized'
}

const remoteOf = (request: IncomingMessage): string =>
  `${request.socket.remoteAddress ?? 'unknown'}:${request.socket.remotePort ?? 0}`

/** Waits for the hello and hands it to whom it is for. Never throws. */
export async function receiveHello(channel: Channel, hosts: MeshHosts, log: MeshLog): Promise<void> {
  let text: string
  try {
    text = await nextText(channel, handshakeMs)
  } catch (error) {
    log({level: 'debug', msg: 'no hello', text: messageOf(error)})
    return
  }
  const frame = parseFrame(text)
  if (frame.type === 'hello' && commonVersion(protocolRangeOf(hosts.software), frame.protocol) !== undefined) {
    const host = frame.to === 'master' ? hosts.master : hosts.agent
    if (host !== undefined) host.accept(channel, frame)
    else refuseChannel(channel, notHere(frame.to))
    return
  }
  const problem = frame.type === 'bad-frame' ? frame.message : `it is a ${frame.type}`
  log({level: 'warn', msg: 'bad hello', text: problem})
  refuseChannel(channel, refusalOf(text, problem, hosts.software))
}

/** The other side may speak a version whose hello we cannot read. */
function refusalOf(text: string, problem: string, software: string): Refused {
  const greeting = parseGreeting(text)
  if (greeting !== undefined && commonVersion(protocolRangeOf(software), greeting.protocol) === undefined) {
    return protocolRefusal(software, greeting)
  }
  return {type: 'refused', code: 'PROTOCOL', message: `a link begins with a hello: ${problem}`}
}

/** Says why, then goodbye. */
export function refuseChannel(channel: Channel, refused: Refused): void {
  channel.send(JSON.stringify(refused))
  void channel.close(refused.message)
}

const notHere = (wanted: Hello['to']): Refused => ({
  type: 'refused',
  code: 'NOT_HERE',
  message: wanted === 'master' ? 'there is no master at this address' : 'there is no agent at this address',
  hint: 'check the address that was given',
})
