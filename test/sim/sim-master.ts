/** A master of the simulated cluster: the shell around the core. */
import {
  checkTags,
  newTagsState,
  stepTags,
  type TagEffect,
  type TagError,
  type TagEvent,
  type TagQuery,
  type TagResult,
  type TagsState,
} from '../../src/ddfs/index.ts'
import type {TagHead, TagReply, TagRequest} from '../../src/protocol/index.ts'
import type {Cluster} from './cluster.ts'
import {type SimNode, silenceMs} from './sim-node.ts'

export type Outcome = {readonly result: TagResult} | {readonly error: TagError}
type Untimed = TagEvent extends infer E ? (E extends TagEvent ? Omit<E, 'nowMs' | 'wallMs'> : never) : never

interface Link {
  readonly id: number
  readonly node: SimNode
  readonly life: number
  lastHeardMs: number
  isJoined: boolean
}

export interface PendingCall {
  readonly node: string
  readonly request: TagRequest
}

export class SimMaster {
  readonly name: string
  readonly epoch: number
  readonly state: TagsState
  isPaused = false
  isStopped = false
  wallOffsetMs: number
  readonly pending = new Map<number, PendingCall>()
  readonly #cluster: Cluster
  readonly #links = new Map<string, Link>()
  readonly #clients = new Map<number, (outcome: Outcome) => void>()
  #held: (() => void)[] = []
  #nextRequest = 1

  constructor(cluster: Cluster, name: string, epoch: number, wallOffsetMs: number) {
    this.#cluster = cluster
    this.name = name
    this.epoch = epoch
    this.wallOffsetMs = wallOffsetMs
    const {list, settings, world} = cluster
    const members = [...list.members.values()]
    this.state = newTagsState({epoch, settings, members, floor: list.floor, nowMs: world.nowMs})
    this.step({type: 'tick'})
    this.#watch()
  }

  pause(): void {
    this.isPaused = true
  }

  /** What arrived meanwhile is looked at only now. */
  resume(): void {
    this.isPaused = false
    for (const run of this.#held.splice(0)) run()
  }

  stop(): void {
    this.isStopped = true
    this.#cluster.onMasterStopped(this)
  }

  ask(query: TagQuery, timeoutMs: number, onAnswer: (outcome: Outcome) => void): void {
    this.#whenAwake(() => {
      const id = this.#nextRequest++
      this.#clients.set(id, onAnswer)
      this.step({type: 'asked', id, query, deadlineMs: this.#cluster.world.nowMs + timeoutMs})
    })
  }

  onBeat(node: SimNode, folder: number, link: number | undefined, epoch: number, life: number): void {
    this.#whenAwake(() => {
      const {world, list} = this.#cluster
      if (epoch > this.epoch) return this.stop()
      const known = this.#links.get(node.name)
      if (known !== undefined && known.id === link) {
        known.lastHeardMs = world.nowMs
        const {id, isJoined} = known
        world.send(this.name, node.name, () =>
          isJoined ? node.onBeatAnswer(this, id) : node.onWelcome(this, id, folder),
        )
        return
      }
      if (list.removed.has(node.name)) return
      if (known !== undefined && world.nowMs < known.lastHeardMs + silenceMs && known.life === life) return
      const fresh: Link = {id: this.#cluster.nextLink++, node, life, lastHeardMs: world.nowMs, isJoined: false}
      if (known?.isJoined === true) this.#lose(node.name)
      this.#links.set(node.name, fresh)
      world.send(this.name, node.name, () => node.onWelcome(this, fresh.id, folder))
    })
  }

  /** A node that has promised to obey this master tells what it holds: now it is a member. */
  onInventory(node: SimNode, link: number, folder: number, heads: readonly TagHead[]): void {
    this.#whenAwake(() => {
      const known = this.#links.get(node.name)
      if (known?.id !== link || known.isJoined) return
      known.isJoined = true
      known.lastHeardMs = this.#cluster.world.nowMs
      this.#join(known, this.#cluster.admit(this, node.name, folder))
      const half = this.#cluster.world.random.int(heads.length + 1)
      this.step({type: 'inventory', node: node.name, heads: heads.slice(0, half)})
      this.step({type: 'inventory', node: node.name, heads: heads.slice(half)})
      this.step({type: 'inventory-ended', node: node.name})
    })
  }

  remove(node: string): void {
    this.#links.delete(node)
    this.#failCalls(node)
    this.step({type: 'member-removed', node})
  }

  setDraining(node: string, isDraining: boolean): void {
    const sim = this.#cluster.nodes.get(node)!
    this.step({type: 'member-changed', node, isPlaceable: !sim.isFull, isDraining})
  }

  step(event: Untimed): void {
    if (this.isStopped) return
    const {nowMs} = this.#cluster.world
    const effects = stepTags(this.state, {...event, nowMs, wallMs: nowMs + this.wallOffsetMs} as TagEvent)
    checkTags(this.state)
    for (const effect of effects) this.#perform(effect)
  }

  reply(call: number, reply: TagReply): void {
    this.pending.delete(call)
    this.step({type: 'replied', call, reply})
  }

  /** As if it came over the network, without it. */
  later(run: () => void): void {
    this.#cluster.world.after(1, () => this.#whenAwake(run))
  }

  #join({node}: Link, isWiped: boolean): void {
    this.step({type: 'member-joined', node: node.name, isPlaceable: !node.isFull, isWiped})
    const isDraining = this.#cluster.list.members.get(node.name)?.isDraining === true
    this.setDraining(node.name, isDraining)
  }

  #perform(effect: TagEffect): void {
    const {world} = this.#cluster
    switch (effect.type) {
      case 'send':
        this.#send(effect)
        return
      case 'wake':
        world.after(effect.atMs - world.nowMs, () => this.#whenAwake(() => this.step({type: 'tick'})))
        return
      case 'answer':
        this.#answer(effect.id, {result: effect.result})
        return
      case 'refuse':
        this.#answer(effect.id, {error: effect.error})
        return
      case 'superseded':
        this.stop()
        return
      case 'log':
        return
      default:
        this.#cluster.remember(this, effect)
        return
    }
  }

  #send(effect: Extract<TagEffect, {type: 'send'}>): void {
    const {world} = this.#cluster
    const {call, node, request} = effect
    const link = this.#links.get(node)
    if (link?.isJoined !== true) return
    this.pending.set(call, {node, request})
    world.after(effect.deadlineMs - world.nowMs, () => {
      this.#whenAwake(() => {
        if (this.pending.delete(call)) this.step({type: 'call-failed', call})
      })
    })
    if (this.#cluster.mutation.onSend?.(this, call, node, request) === true) return
    const back = (reply: TagReply): void =>
      world.send(node, this.name, () =>
        this.#whenAwake(() => {
          if (this.#links.get(node)?.id !== link.id) return
          this.#cluster.mutation.onReply?.(this, call, reply)
          this.reply(call, reply)
        }),
      )
    world.send(this.name, node, () => link.node.onOrder(this, link.id, request, back))
  }

  #answer(id: number, outcome: Outcome): void {
    const client = this.#clients.get(id)
    this.#clients.delete(id)
    client?.(outcome)
  }

  #watch(): void {
    const {world} = this.#cluster
    this.#whenAwake(() => {
      for (const link of [...this.#links.values()]) {
        if (world.nowMs > link.lastHeardMs + silenceMs * this.#cluster.beatFactor) {
          this.#links.delete(link.node.name)
          if (link.isJoined) this.#lose(link.node.name)
        }
      }
    })
    if (!this.isStopped) world.after((silenceMs / 3) * this.#cluster.beatFactor, () => this.#watch())
  }

  #lose(node: string): void {
    this.#failCalls(node)
    this.step({type: 'member-lost', node})
  }

  #failCalls(node: string): void {
    for (const [call, pending] of [...this.pending]) {
      if (pending.node === node && this.pending.delete(call)) this.step({type: 'call-failed', call})
    }
  }

  #whenAwake(run: () => void): void {
    if (this.isStopped) return
    if (this.isPaused) this.#held.push(() => this.#whenAwake(run))
    else run()
  }
}
