/** Masters and agents in this process, on quick clocks, over memory or over real sockets. */
import {createServer, type Server} from 'node:http'
import {createServer as createSecureServer} from 'node:https'
import {expect} from 'vitest'
import type {UserError} from '../../../src/base/index.ts'
import {
  type AgentMesh,
  type AgentOptions,
  listenForLinks,
  type MasterMesh,
  type MasterOptions,
  type Member,
  type MeshListener,
  type MeshLogLine,
  openMesh,
} from '../../../src/mesh/index.ts'
import {
  type ClusterView,
  formatToken,
  hashToken,
  type MeshNotice,
  type MeshReply,
  type MeshRequest,
} from '../../../src/protocol/index.ts'
import {portOf} from './tcp-proxy.ts'

export const joinToken = formatToken(['join'], new Uint8Array(32).fill(7))
export const timings = {heartbeatMs: 100, lostAfterMs: 800, tombstoneMs: 86_400_000}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A port with whoever shares it. */
export class Port {
  readonly server: Server
  readonly logged: MeshLogLine[] = []
  #listener: MeshListener | undefined
  readonly #scheme: string

  private constructor(certificate?: Certificate) {
    this.server = certificate === undefined ? createServer() : createSecureServer(certificate)
    this.#scheme = certificate === undefined ? 'http' : 'https'
  }

  static async open(port = 0, certificate?: Certificate): Promise<Port> {
    const opened = new Port(certificate)
    await new Promise<void>((resolve, reject) => {
      opened.server.once('error', reject)
      opened.server.listen(port, '127.0.0.1', resolve)
    })
    return opened
  }

  get port(): number {
    return portOf(this.server.address())
  }

  get address(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  serve(hosts: {master?: MasterMesh; agent?: AgentMesh}): void {
    this.#listener = listenForLinks(this.server, {
      software: 'test 1',
      ...hosts,
      joinTokens: () => [hashToken('another token'), hashToken(joinToken)],
      hostNames: ['master.example'],
      log: line => this.logged.push(line),
    })
  }

  async close(): Promise<void> {
    this.#listener?.close()
    this.server.closeAllConnections()
    await new Promise<void>(resolve => {
      this.server.close(() => resolve())
    })
  }
}

export class TestMaster {
  readonly mesh: MasterMesh
  readonly logged: MeshLogLine[] = []
  readonly notices: {readonly node: string; readonly notice: MeshNotice}[] = []
  readonly changes: Member[] = []
  readonly bugs: unknown[] = []
  readonly superseded: number[] = []
  view: ClusterView | undefined

  constructor(given: Partial<MasterOptions> = {}) {
    this.mesh = openMesh({
      role: 'master',
      key: 'master-key',
      epoch: 1,
      newCluster: 'cluster-1',
      software: 'test 1',
      timings,
      takeEpoch: above => above + 1,
      onSuperseded: epoch => this.superseded.push(epoch),
      rememberView: view => {
        this.view = view
      },
      onMember: member => this.changes.push(member),
      onNotice: (node, notice) => {
        this.notices.push({node, notice})
        if (notice.type === 'inventory-end') this.mesh.markJoined(node)
      },
      onBug: error => this.bugs.push(error),
      log: line => this.logged.push(line),
      ...given,
    })
  }

  stateOf(node: string): string | undefined {
    return this.mesh.members().find(one => one.name === node)?.state
  }
}

export type Answer = (from: string, body: MeshRequest, signal: AbortSignal) => Promise<MeshReply>

export class TestAgent {
  readonly mesh: AgentMesh
  readonly address: string | undefined
  readonly logged: MeshLogLine[] = []
  readonly bugs: unknown[] = []
  readonly requests: {readonly from: string; readonly body: MeshRequest}[] = []
  readonly refusals: {readonly error: UserError; readonly isFinal: boolean}[] = []
  readonly promises: number[] = []
  /** As a folder would keep it, for the next life. */
  memory: AgentOptions['memory']
  answer: Answer = async () => ({type: 'forgotten'})

  constructor(name: string, master: string | MasterMesh, given: Partial<AgentOptions> = {}) {
    this.memory = given.memory ?? {epoch: 0}
    this.address = given.address
    this.mesh = openMesh({
      role: 'agent',
      name,
      key: `key-${name}`,
      pid: process.pid,
      slotCount: 1,
      software: 'test 1',
      master,
      token: joinToken,
      memory: this.memory,
      promiseEpoch: (epoch, epochOf) => {
        this.promises.push(epoch)
        this.memory = {...this.memory, epoch, epochOf}
        return true
      },
      rememberView: view => {
        this.memory = {...this.memory, view}
      },
      rememberContact: lastContactAtMs => {
        this.memory = {...this.memory, lastContactAtMs}
      },
      onRequest: (from, body, signal) => {
        this.requests.push({from, body})
        return this.answer(from, body, signal)
      },
      onLinked: () => {
        this.mesh.send({type: 'inventory-end'}).catch(() => undefined)
      },
      onRefused: (error, isFinal) => this.refusals.push({error, isFinal}),
      onBug: error => this.bugs.push(error),
      log: line => this.logged.push(line),
      ...given,
    })
  }
}

/** Waits for what the cluster reports, never for a time. */
export async function until(isTrue: () => boolean, what: string, withinMs = 10_000): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!isTrue()) {
    if (performance.now() > endMs) expect.fail(`not within ${withinMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** Closes in the reverse order of opening, whatever the test did. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = []

  add<T>(thing: T, close: (thing: T) => Promise<unknown>): T {
    this.#steps.push(() => close(thing))
    return thing
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }
}
