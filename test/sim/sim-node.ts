/** An agent of the simulated cluster: a tag store, a disk that may be full, links to masters, copying from peers. */
import {MemoryTagStore} from '../../src/ddfs/index.ts'
import type {StoreRequest, TagHead, TagReply, TagRequest} from '../../src/protocol/index.ts'
import {compareVersions} from '../../src/protocol/index.ts'
import type {Cluster} from './cluster.ts'
import type {SimMaster} from './sim-master.ts'

/** Between the arrival of an order and its being durable; sometimes the disk is slow. */
const syncMaxMs = 4
const slowSyncMaxMs = 200
export const beatMs = 300
export const silenceMs = 1200

interface Link {
  readonly id: number
  lastHeardMs: number
}

interface Order {
  readonly request: StoreRequest
  readonly isCurrent: () => boolean
  readonly reply: (reply: TagReply) => void
}

export class SimNode {
  store = new MemoryTagStore()
  /** Changes when the folder is a new one. */
  folder: number
  isRunning = true
  isFull = false
  /** Changes with every start: what was begun in an earlier life is over. */
  life = 0
  readonly name: string
  readonly #cluster: Cluster
  readonly #links = new Map<SimMaster, Link>()
  readonly #copied = new WeakSet<TagRequest>()
  /** Arrived, not durable yet. */
  #unsynced: Order[] = []

  constructor(cluster: Cluster, name: string, folder: number) {
    this.#cluster = cluster
    this.name = name
    this.folder = folder
  }

  start(): void {
    this.isRunning = true
    this.life++
    this.#beat(this.life)
  }

  /** What was not durable is gone, or it was just durable and its reply is gone. */
  crash(): void {
    const {world} = this.#cluster
    this.isRunning = false
    this.life++
    this.#links.clear()
    this.store.close()
    for (const {request} of this.#unsynced.splice(0)) {
      const isKept = world.chance(0.5)
      world.count(isKept ? 'kept-unsynced' : 'lost-unsynced')
      if (!isKept) continue
      this.#handle(request)
    }
  }

  wipe(): void {
    this.store = new MemoryTagStore()
    this.folder++
  }

  onOrder(master: SimMaster, link: number, request: TagRequest, answer: (reply: TagReply) => void): void {
    if (!this.isRunning || this.#links.get(master)?.id !== link) return
    // An order is dropped with its link: what is done after the inventory of the next link would not be in it.
    const isCurrent = (): boolean => this.#links.get(master)?.id === link
    if (request.type === 'sync') {
      // Done once, however often it arrives: a second copying could end after the first was answered.
      if (this.#copied.has(request)) return
      this.#copied.add(request)
      this.#copy(request, isCurrent, answer)
    } else this.#enqueue(request, isCurrent, answer)
  }

  onBeatAnswer(master: SimMaster, link: number): void {
    const known = this.#links.get(master)
    if (known?.id === link) known.lastHeardMs = this.#cluster.world.nowMs
  }

  /** The master lets it in: promise to obey it, then tell what is here. */
  onWelcome(master: SimMaster, link: number, folder: number): void {
    if (!this.isRunning || folder !== this.folder) return
    const current = this.#links.get(master)
    if (current !== undefined && current.id > link) return
    const refused = this.store.promise(master.epoch)
    if (refused !== undefined) return
    this.#links.set(master, {id: link, lastHeardMs: this.#cluster.world.nowMs})
    const heads: TagHead[] = [...this.store.heads('', 1000)]
    this.#cluster.world.send(this.name, master.name, () => master.onInventory(this, link, folder, heads))
  }

  answerFetch(tag: string, answer: (reply: TagReply) => void): void {
    if (this.isRunning) answer(this.store.handle({type: 'fetch-tag', tag, after: 0}))
  }

  #beat(life: number): void {
    const {world, masters, beatFactor} = this.#cluster
    if (!this.isRunning || this.life !== life) return
    for (const [master, link] of this.#links) {
      const isSilent = world.nowMs > link.lastHeardMs + silenceMs * beatFactor
      if (isSilent || !masters.includes(master)) this.#links.delete(master)
    }
    for (const master of masters) {
      const link = this.#links.get(master)?.id
      const {folder} = this
      const epoch = this.store.epoch()
      world.send(this.name, master.name, () => master.onBeat(this, folder, link, epoch, life))
    }
    world.after(beatMs * beatFactor, () => this.#beat(life))
  }

  #enqueue(request: StoreRequest, isCurrent: () => boolean, reply: (reply: TagReply) => void): void {
    const {world} = this.#cluster
    this.#unsynced.push({request, isCurrent, reply})
    if (this.#unsynced.length > 1) return
    const {life} = this
    world.after(world.random.int(world.chance(0.05) ? slowSyncMaxMs : syncMaxMs), () => {
      if (!this.isRunning || this.life !== life) return
      for (const order of this.#unsynced.splice(0)) if (order.isCurrent()) order.reply(this.#handle(order.request))
    })
  }

  #handle(request: StoreRequest): TagReply {
    if (request.type === 'forget') this.#cluster.keepHistory(this, request)
    if (this.isFull && request.type === 'commit' && compareVersions(request.commit.base, request.commit.next) !== 0) {
      const refused = this.store.promise(request.epoch)
      return refused ?? {type: 'failed', code: 'DISK_FULL', message: `${this.name} is full`}
    }
    return this.store.handle(this.#cluster.mutation.onRequest?.(this, request) ?? request)
  }

  #copy(
    request: Extract<TagRequest, {type: 'sync'}>,
    isCurrent: () => boolean,
    answer: (reply: TagReply) => void,
  ): void {
    const refused = this.store.promise(request.epoch)
    if (refused !== undefined) {
      answer(refused)
      return
    }
    const from = this.#cluster.nodes.get(request.from)
    const {life} = this
    const {world} = this.#cluster
    const unreachable = (): void => answer({type: 'failed', code: 'UNREACHABLE', message: `${request.from} is silent`})
    if (from === undefined) {
      unreachable()
      return
    }
    let isOver = false
    world.after(2000, () => {
      if (isOver || this.life !== life) return
      isOver = true
      unreachable()
    })
    const back = (reply: TagReply): void => {
      if (isOver || !this.isRunning || this.life !== life || !isCurrent()) return
      isOver = true
      answer(this.#install(request, reply))
    }
    world.send(this.name, from.name, () =>
      from.answerFetch(request.tag, reply => world.send(from.name, this.name, () => back(reply))),
    )
  }

  /** Between the order and the copy another master may have been promised obedience. */
  #install(request: Extract<TagRequest, {type: 'sync'}>, reply: TagReply): TagReply {
    const refused = this.store.promise(request.epoch)
    if (refused !== undefined) return refused
    if (this.isFull) return {type: 'failed', code: 'DISK_FULL', message: `${this.name} is full`}
    if (reply.type !== 'tag-page' || reply.page === undefined) {
      return {type: 'failed', code: 'NOT_FOUND', message: `${request.from} does not have it`}
    }
    if (compareVersions(reply.page.head.version, request.atLeast) < 0) return {type: 'mismatch', head: reply.page.head}
    const result = this.store.install(reply.page, true)
    if (result.type === 'installed' || result.type === 'refused') return {type: 'synced', head: result.head}
    return {type: 'failed', code: 'STORAGE_BROKEN', message: `a page of ${request.tag} did not fit`}
  }
}
