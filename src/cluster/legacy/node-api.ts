/** Nodes, their table, blacklists, settings; and what DDFS says of its garbage collection and of where tags lie. */
import {UserError} from '../../base/index.ts'
import {
  type BlobId,
  expandTable,
  isObject,
  type LegacyGcStats,
  type LegacyNode,
  type NodeName,
  type NodeRow,
  pageSizeMax,
  type TagHead,
} from '../../protocol/index.ts'
import {listNodes} from '../../scheduler/index.ts'
import {maintenanceOf} from '../master/api/maintenance.ts'
import type {Master} from '../master/master.ts'
import {Refusal, sendJsonText} from './answers.ts'
import {readControl} from './bodies.ts'
import type {LegacyCall} from './call.ts'
import type {LegacyFile} from './state.ts'
import type {TagFlow} from './tag-flow.ts'
import {localTime} from './times.ts'

/** Disco's sentences for our phases. */
const phases = {
  list: 'GC is scanning DDFS (phase build_map).',
  find: 'GC is scanning DDFS (phase map_wait).',
  drop: 'GC is performing garbage collection (phase gc).',
  wait: 'GC is initializing (phase start).',
  idle: '',
} as const

/** Answers in Disco's words; settings of Disco that this cluster has under another name are translated. */
export class NodeApi {
  readonly #master: Master
  readonly #file: LegacyFile
  readonly #flow: TagFlow
  /** When a round of collection was first seen to have ended: the core's clock is no wall clock. */
  readonly #endedAtMs = new Map<number, number>()

  constructor(master: Master, file: LegacyFile, flow: TagFlow) {
    this.#master = master
    this.#file = file
    this.#flow = flow
    this.#holdNodes()
  }

  /** Nodes that get no tasks and no new data. */
  heldNodes(): readonly NodeName[] {
    const {blacklist, table} = this.#file.memory
    const hosts = table === undefined ? undefined : expandTable(table)
    const idle = hosts instanceof Map ? [...hosts].filter(([, workers]) => workers === 0).map(([host]) => host) : []
    return [...new Set([...blacklist, ...idle])]
  }

  #holdNodes(): void {
    this.#master.jobs.holdNodes(this.heldNodes())
  }

  /** GET /disco/ctrl/nodeinfo */
  info({response}: LegacyCall): void {
    const work = new Map(listNodes(this.#master.jobs.driver.state).map(node => [node.node, node]))
    const held = this.#file.memory.blacklist
    const nodes = this.#master.mesh
      .members()
      .filter(member => member.state !== 'removed')
      .map(({name, state, slotCount, status}): [NodeName, LegacyNode] => {
        const {jobs = [], done = 0, failed = 0} = work.get(name) ?? {}
        return [
          name,
          {
            ...(jobs.length === 0 ? {} : {tasks: jobs}),
            job_ok: done,
            data_error: failed,
            error: 0,
            max_workers: slotCount,
            connected: state === 'up' || state === 'draining',
            blacklisted: held.includes(name),
            ...(status === undefined
              ? {}
              : {diskfree: Math.floor(status.freeBytes / 1024), diskused: Math.floor(status.usedBytes / 1024)}),
          },
        ]
      })
    sendJsonText(response, 200, Object.fromEntries(nodes))
  }

  /** GET /disco/ctrl/load_config_table: rows as they were saved, or the nodes that have joined. */
  table({response}: LegacyCall): void {
    const joined = this.#master.mesh
      .members()
      .filter(member => member.state !== 'removed')
      .map(({name, slotCount}): NodeRow => [name, String(slotCount)])
    sendJsonText(response, 200, this.#file.memory.table ?? joined)
  }

  /** POST /disco/ctrl/save_config_table */
  async saveTable(call: LegacyCall): Promise<void> {
    const rows = (await readControl(call, {list: {parts: ['string', 'string']}})) as NodeRow[]
    const hosts = expandTable(rows)
    if (typeof hosts === 'string') throw new Refusal(400, hosts, true)
    const blacklist = this.#file.memory.blacklist.filter(host => hosts.has(host))
    this.#file.remember({table: rows, blacklist})
    this.#holdNodes()
    sendJsonText(call.response, 200, 'table saved!')
  }

  /** GET /disco/ctrl/get_blacklist */
  blacklist({response}: LegacyCall): void {
    sendJsonText(response, 200, this.#file.memory.blacklist)
  }

  /** POST /disco/ctrl/blacklist, whitelist: no tasks and no new data; what is there can be read. */
  async setBlacklisted(call: LegacyCall, isHeld: boolean): Promise<void> {
    const node = (await readControl(call, 'string')) as string
    const others = this.#file.memory.blacklist.filter(one => one !== node)
    const isKnown = this.#master.memberNames().includes(node)
    this.#file.remember({blacklist: isHeld && isKnown ? [...others, node].sort() : others})
    this.#holdNodes()
    sendJsonText(call.response, 200, '')
  }

  /** GET /disco/ctrl/get_gc_blacklist: nodes that are being drained. */
  gcBlacklist({response}: LegacyCall): void {
    const members = this.#master.mesh.members()
    const draining = members.filter(({isDraining, state}) => isDraining && state !== 'removed')
    sendJsonText(response, 200, draining.map(({name}) => name).sort())
  }

  /** POST /disco/ctrl/gc_blacklist, gc_whitelist */
  async setDraining(call: LegacyCall, isDraining: boolean): Promise<void> {
    const node = (await readControl(call, 'string')) as string
    if (this.#master.memberNames().includes(node)) {
      this.#master.drain(node, isDraining)
      this.#holdNodes()
    }
    sendJsonText(call.response, 200, '')
  }

  /** GET /ddfs/ctrl/safe_gc_blacklist */
  async safeGcBlacklist({response}: LegacyCall): Promise<void> {
    const {status} = await this.#master.blobs.ask({type: 'status'}, 'status')
    const safe = status.drains.filter(drain => drain.isSafe).map(({node}) => node)
    sendJsonText(response, 200, safe.sort())
  }

  /** GET /disco/ctrl/get_settings */
  settings({response}: LegacyCall): void {
    const {taskFailures} = this.#master.settings.numbers()
    const accepts = this.#file.memory.acceptsJobs ? 1 : 0
    sendJsonText(response, 200, {max_failure_rate: taskFailures, accept_new_jobs: accepts})
  }

  /** POST /disco/ctrl/save_settings: values are texts of whole numbers; unknown ones are no concern. */
  async saveSettings(call: LegacyCall): Promise<void> {
    const body = await readControl(call, 'object')
    if (!isObject(body)) return
    for (const name of ['max_failure_rate', 'accept_new_jobs']) {
      const value = body[name]
      if (value === undefined) continue
      if (typeof value !== 'string' || !/^\d{1,9}$/.test(value.trim())) throw new Refusal(500, 'Internal server error')
      if (name === 'accept_new_jobs') this.#file.remember({acceptsJobs: Number(value) !== 0})
      else this.#setFailures(Number(value))
    }
    sendJsonText(call.response, 200, 'Settings saved')
  }

  #setFailures(count: number): void {
    try {
      this.#master.settings.set('taskFailures', count)
    } catch (error) {
      if (error instanceof UserError) throw new Refusal(400, error.message, true)
      throw error
    }
  }

  /** GET /ddfs/ctrl/gc_status */
  async gcStatus({response}: LegacyCall): Promise<void> {
    const {gc, repair} = await maintenanceOf(this.#master)
    const isCopying = gc.phase === 'idle' && repair.inFlightCount > 0
    sendJsonText(response, 200, isCopying ? 'GC is re-replicating blobs (phase rr_blobs).' : phases[gc.phase])
  }

  /** GET /ddfs/ctrl/gc_start */
  async startGc({response}: LegacyCall): Promise<void> {
    await this.#master.blobs.ask({type: 'gc-start', isDryRun: false}, 'gc-started')
    sendJsonText(response, 200, 'GC has started')
  }

  /** GET /ddfs/ctrl/gc_stats: `""` before the first round has ended. Tags are rows of a database: they have no bytes. */
  async gcStats({response}: LegacyCall): Promise<void> {
    const {status} = await this.#master.blobs.ask({type: 'status'}, 'status')
    const {last} = status.collection
    if (last === undefined) return sendJsonText(response, 200, '')
    if (!this.#endedAtMs.has(last.number)) {
      this.#endedAtMs.clear()
      this.#endedAtMs.set(last.number, Date.now())
    }
    const {total, deleted} = await this.#master.tags.ask({type: 'stats', prefix: ''}, 'stats')
    const used = this.#master.mesh.members().reduce((sum, {status: disk}) => sum + (disk?.usedBytes ?? 0), 0)
    const stats: LegacyGcStats = {
      timestamp: localTime(this.#endedAtMs.get(last.number) ?? Date.now()),
      stats: {
        'Tags kept': [total.tagCount, 0],
        'Tags deleted': [deleted.tagCount, 0],
        'Blobs kept': [status.blobCount, used],
        'Blobs deleted': last.isDryRun ? [0, 0] : [last.counts.droppedCount, last.counts.droppedBytes],
      },
    }
    sendJsonText(response, 200, stats)
  }

  /** POST /ddfs/ctrl/hosted_tags: those with a replica there, of themselves or of anything below them. */
  async hostedTags(call: LegacyCall): Promise<void> {
    const node = (await readControl(call, 'string')) as string
    if (!this.#master.memberNames().includes(node)) throw new Refusal(404, 'Unknown host.')
    const heads = new Map<string, TagHead>()
    for (let after = ''; ; ) {
      const query = {type: 'list', prefix: '', after, count: pageSizeMax, includeDeleted: false} as const
      const list = await this.#master.tags.ask(query, 'list')
      for (const head of list.heads) heads.set(head.tag, head)
      if (list.next === undefined) break
      after = list.next
    }
    const hosted = new Set<string>()
    const links = new Map<string, string[]>()
    for (const head of heads.values()) {
      call.signal.throwIfAborted()
      const entries = await this.#flow.entriesOf(head)
      const blobs = entries.flatMap(entry => (entry.type === 'blob' ? [entry.blob] : []))
      for (const entry of entries) {
        if (entry.type === 'tag') links.set(entry.tag, [...(links.get(entry.tag) ?? []), head.tag])
      }
      if (head.replicas.includes(node) || (await this.#hasOneOf(node, blobs))) hosted.add(head.tag)
    }
    // Whoever links to a hosted tag is one, too.
    for (const tag of hosted) for (const parent of links.get(tag) ?? []) hosted.add(parent)
    sendJsonText(call.response, 200, [...hosted].sort())
  }

  async #hasOneOf(node: NodeName, blobs: readonly BlobId[]): Promise<boolean> {
    for (let at = 0; at < blobs.length; at += pageSizeMax) {
      const page = blobs.slice(at, at + pageSizeMax)
      const located = await this.#master.blobs.ask({type: 'locate', blobs: page}, 'located')
      if (located.blobs.some(({nodes, lostNodes}) => [...nodes, ...lostNodes].includes(node))) return true
    }
    return false
  }
}
