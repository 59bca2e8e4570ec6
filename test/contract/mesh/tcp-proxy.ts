/** A TCP proxy that breaks connections the way networks do: cut, silent in one or both directions, closed to new ones. */
import {connect, createServer, type Socket} from 'node:net'

type Direction = 'up' | 'down'

export interface TcpProxy {
  readonly port: number
  /** Connections that go through it now. */
  readonly connectionCount: number
  /** Resets all connections. New ones are taken as before. */
  cut(): void
  /** Nothing gets through in these directions (`up` is towards the target) until `resume`; nobody is told. */
  stall(...directions: readonly Direction[]): void
  resume(): void
  /** Whether new connections are taken; otherwise they are reset. */
  open(isOpen: boolean): void
  /** Goes elsewhere from now on. */
  retarget(port: number): void
  close(): Promise<void>
}

export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const stalled = new Set<Direction>()
  let target = targetPort
  let isOpen = true

  const applyStall = (): void => {
    for (const [near, far] of pairs) {
      if (stalled.has('up')) near.pause()
      else near.resume()
      if (stalled.has('down')) far.pause()
      else far.resume()
    }
  }
  const server = createServer({noDelay: true}, near => {
    near.on('error', () => near.destroy())
    if (!isOpen) {
      near.resetAndDestroy()
      return
    }
    const far = connect({port: target, host: '127.0.0.1', noDelay: true})
    const pair = [near, far] as const
    pairs.add(pair)
    far.on('error', () => near.destroy())
    near.on('data', bytes => {
      if (!far.write(bytes)) near.pause()
    })
    far.on('data', bytes => {
      if (!near.write(bytes)) far.pause()
    })
    near.on('drain', applyStall)
    far.on('drain', applyStall)
    near.on('close', () => far.destroy())
    far.on('close', () => {
      near.destroy()
      pairs.delete(pair)
    })
    applyStall()
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }
  return {
    port: portOf(server.address()),
    get connectionCount() {
      return pairs.size
    },
    cut,
    stall(...directions) {
      for (const direction of directions) stalled.add(direction)
      applyStall()
    },
    resume() {
      stalled.clear()
      applyStall()
    },
    open(value) {
      isOpen = value
    },
    retarget(port) {
      target = port
    },
    close() {
      cut()
      return new Promise(resolve => {
        server.close(() => resolve())
      })
    },
  }
}

export function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}
