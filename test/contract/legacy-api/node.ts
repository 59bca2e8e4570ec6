/** A node with Disco's interface open, in this process, on free ports. */
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {homePaths} from '../../../src/client/index.ts'
import type {Master} from '../../../src/cluster/master/master.ts'
import {NodeProcess} from '../../../src/cluster/run/node-process.ts'

export interface LegacyNode {
  readonly url: string
  readonly name: string
  readonly ended: string[]
  readonly master: Master
  ask(method: string, path: string, body?: string | Buffer, headers?: Record<string, string>): Promise<Answered>
  /** By name of a scope. */
  readonly home: string
}

export interface Answered {
  readonly status: number
  readonly text: string
  readonly type: string | null
  readonly json: unknown
  readonly headers: Headers
}

export async function startLegacy(isOpen = true): Promise<LegacyNode> {
  const {node, close} = await startLegacyFor('n1', isOpen)
  onTestFinished(close)
  return node
}

/** For many tests: whoever starts it closes it. @param name - of the node */
export async function startLegacyFor(
  name: string,
  isOpen = true,
): Promise<{readonly node: LegacyNode; readonly close: () => Promise<void>}> {
  const home = await mkdtemp(join(tmpdir(), 'legacy-'))
  const ended: string[] = []
  const node = await NodeProcess.start({
    paths: homePaths(home),
    isMaster: true,
    isAgent: true,
    host: '127.0.0.1',
    port: 0,
    name,
    isInsecure: false,
    force: false,
    slotCount: 2,
    software: 'test',
    legacy: isOpen ? {putPort: 0} : undefined,
    openLog: () => () => undefined,
    onEnd: ({message, error}) => ended.push(`${message} ${String(error)}`),
  })
  const close = async (): Promise<void> => {
    await node.close()
    await rm(home, {recursive: true, force: true})
  }
  await takesData(node)
  const {master} = node
  if (master === undefined) throw new Error('it is a master')
  const {url} = node
  return {node: {url, name, ended, home, master, ask: (...call) => ask(url, ...call)}, close}
}

/** It says 503 before its agent has told what it holds; Disco's clients try that again. */
async function takesData({master}: NodeProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const isUp = master?.mesh.members().some(({state, status}) => state === 'up' && status !== undefined)
    if (isUp && [...(master?.jobs.driver.state.nodes.values() ?? [])].some(({state}) => state === 'up')) return
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error('the node is not up after 5 s')
}

export async function ask(
  url: string,
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const response = await fetch(path.startsWith('http') ? path : url + path, {
    method,
    headers,
    ...(body === undefined ? {} : {body: typeof body === 'string' ? body : new Uint8Array(body)}),
  })
  const text = await response.text()
  return {
    status: response.status,
    text,
    type: response.headers.get('content-type'),
    headers: response.headers,
    get json() {
      return JSON.parse(text) as unknown
    },
  }
}

export const basic = (token: string): {authorization: string} => ({
  authorization: `Basic ${Buffer.from(`token:${token}`).toString('base64')}`,
})
