/** Whatever a stranger, or a peer gone mad, can send to a node's port. */
import {connect, type Socket} from 'node:net'
import {WebSocket} from 'ws'
import {meshPath} from '../../../src/protocol/index.ts'
import {joinToken} from './cluster.ts'

export interface UpgradeChanges {
  readonly method?: string
  readonly path?: string
  /** null takes a header out. */
  readonly headers?: Readonly<Record<string, string | null>>
}

/** The bytes of an upgrade that would be accepted, with these changes. */
export function upgradeRequest(port: number, changes: UpgradeChanges = {}): string {
  const headers: Record<string, string | null> = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    Authorization: `Bearer ${joinToken}`,
    ...changes.headers,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return [`${changes.method ?? 'GET'} ${changes.path ?? meshPath} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** Goes away in the middle of a request. */
export function sendAndEnd(port: number, bytes: string): Promise<void> {
  return new Promise(resolve => {
    const socket = connect({port, host: '127.0.0.1'})
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve())
    socket.resume()
    socket.end(bytes)
  })
}

/** Sends bytes and waits until the other side ends the connection. @returns what it said */
export function exchange(port: number, bytes: string | Buffer, then?: (socket: Socket) => void): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({port, host: '127.0.0.1'})
    let said = ''
    socket.on('data', chunk => {
      if (said === '') then?.(socket)
      said += chunk.toString('latin1')
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(said))
    socket.write(bytes)
  })
}

/** A frame as a client sends it: masked with zeros, so that the payload stays readable. */
export function clientFrame(firstByte: number, payload: Buffer | string, lengthBytes?: Buffer): Buffer {
  const body = Buffer.from(payload)
  const length =
    lengthBytes ??
    (body.length < 126 ? Buffer.from([0x80 | body.length]) : Buffer.from([0xfe, body.length >> 8, body.length & 0xff]))
  return Buffer.concat([Buffer.from([firstByte]), length, Buffer.alloc(4), body])
}

/** A WebSocket that speaks the mesh by hand. */
export class HandMadeNode {
  readonly socket: WebSocket
  readonly received: {readonly type: string; readonly [name: string]: unknown}[] = []
  isClosed = false

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${meshPath}`, {headers: {Authorization: `Bearer ${joinToken}`}})
    this.socket.on('message', data => this.received.push(JSON.parse(String(data))))
    this.socket.on('error', () => this.socket.terminate())
    this.socket.on('close', () => {
      this.isClosed = true
    })
  }

  async opened(): Promise<this> {
    await new Promise(resolve => this.socket.once('open', resolve))
    return this
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  hello(node: string, changes: Readonly<Record<string, unknown>> = {}): void {
    this.send({
      type: 'hello',
      to: 'master',
      protocol: {min: 1, max: 1},
      software: 'by hand',
      node,
      key: `key-${node}`,
      pid: 1,
      slotCount: 1,
      epoch: 0,
      nowMs: 0,
      ...changes,
    })
  }
}
