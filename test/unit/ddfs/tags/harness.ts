/** A coordinator with stores behind it: orders are delivered at once, unless a test holds a node back. */
import {
  checkTags,
  defaultTagSettings,
  MemoryTagStore,
  newTagsState,
  stepTags,
  type TagEffect,
  type TagError,
  type TagEvent,
  type TagQuery,
  type TagResult,
  type TagSettings,
  type TagsState,
} from '../../../../src/ddfs/index.ts'
import type {TagChange, TagEntry, TagReply, TagRequest} from '../../../../src/protocol/index.ts'

type Untimed = TagEvent extends infer E ? (E extends TagEvent ? Omit<E, 'nowMs' | 'wallMs'> : never) : never
export type Answer = {readonly result?: TagResult; readonly error?: TagError}
type Send = Extract<TagEffect, {type: 'send'}>

export class Harness {
  readonly state: TagsState
  readonly stores: Map<string, MemoryTagStore>
  nowMs = 0
  wallMs = 1_000_000
  readonly sent: Send[] = []
  readonly held: Send[] = []
  readonly other: TagEffect[] = []
  /** Nodes that do not answer, those with a full disk, and those that cannot copy. */
  readonly silent = new Set<string>()
  readonly full = new Set<string>()
  readonly uncopying = new Set<string>()
  /** Their copies are made when they are released. */
  readonly slow = new Set<string>()
  readonly #answers = new Map<number, Answer>()
  readonly #underWay: Send[] = []
  #nextId = 1

  constructor(
    nodes: readonly string[],
    options: {
      epoch?: number
      settings?: Partial<TagSettings>
      stores?: Map<string, MemoryTagStore>
      floor?: number
    } = {},
  ) {
    const settings = {...defaultTagSettings, ...options.settings}
    this.state = newTagsState({
      epoch: options.epoch ?? 1,
      settings,
      nowMs: 0,
      ...(options.floor === undefined ? {} : {floor: options.floor}),
    })
    this.stores = options.stores ?? new Map()
    for (const node of nodes) this.join(node)
  }

  join(node: string, isWiped = false): void {
    const store = this.stores.get(node) ?? new MemoryTagStore()
    this.stores.set(node, store)
    store.promise(this.state.epoch)
    this.step({type: 'member-joined', node, isPlaceable: true, isWiped})
    this.step({type: 'inventory', node, heads: store.heads('', 1000)})
    this.step({type: 'inventory-ended', node})
  }

  step(event: Untimed): void {
    const effects = stepTags(this.state, {...event, nowMs: this.nowMs, wallMs: this.wallMs} as TagEvent)
    checkTags(this.state)
    for (const effect of effects) this.#perform(effect)
  }

  start(query: TagQuery): number {
    const id = this.#nextId++
    this.step({type: 'asked', id, query, deadlineMs: this.nowMs + 5000})
    return id
  }

  answerTo = (id: number): Answer | undefined => this.#answers.get(id)

  ask(query: TagQuery): Answer {
    const id = this.start(query)
    for (let count = 0; count < 20 && !this.#answers.has(id); count++) this.pass(50)
    return this.#answers.get(id) ?? {}
  }

  change(tag: string, change: TagChange, more: object = {}): Answer {
    return this.ask({type: 'change', tag, change, by: 'test', ...more})
  }

  append(tag: string, ...names: string[]): Answer {
    return this.change(tag, {type: 'append', entries: names.map(blob), unique: 'none'})
  }

  names(tag: string): string[] | undefined {
    const {result} = this.ask({type: 'entries', tag, after: 0, count: 1000, includeDeleted: false})
    if (result?.type !== 'entries') return undefined
    return result.entries.map(({entry}) => (entry.type === 'blob' ? entry.name : entry.type))
  }

  /** Time passes in ticks. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    const stepMs = Math.max(50, ms / 50)
    while (this.nowMs < untilMs) {
      this.nowMs += stepMs
      this.wallMs += stepMs
      this.step({type: 'tick'})
    }
  }

  release(): void {
    this.#enqueue(...this.held.splice(0))
  }

  holders(tag: string): string[] {
    return [...this.stores]
      .filter(([, store]) => store.heads('', 1000).some(head => head.tag === tag))
      .map(([node]) => node)
      .sort()
  }

  head(tag: string, node: string) {
    return this.stores
      .get(node)!
      .heads('', 1000)
      .find(head => head.tag === tag)
  }

  types(): string[] {
    return this.sent.map(({request}) => (request.type === 'commit' ? request.commit.change.type : request.type))
  }

  #perform(effect: TagEffect): void {
    if (effect.type === 'answer') this.#answers.set(effect.id, {result: effect.result})
    else if (effect.type === 'refuse') this.#answers.set(effect.id, {error: effect.error})
    else if (effect.type === 'send') {
      this.sent.push(effect)
      const isHeld = this.silent.has(effect.node) || (this.slow.has(effect.node) && effect.request.type === 'sync')
      if (isHeld) this.held.push(effect)
      else this.#enqueue(effect)
    } else this.other.push(effect)
  }

  /** In order, as a link does. */
  #enqueue(...effects: Send[]): void {
    const isDelivering = this.#underWay.length > 0
    this.#underWay.push(...effects)
    if (isDelivering) return
    while (this.#underWay.length > 0) {
      this.#deliver(this.#underWay[0]!)
      this.#underWay.shift()
    }
  }

  #deliver({call, node, request}: Send): void {
    this.step({type: 'replied', call, reply: this.#reply(node, request)})
  }

  #reply(node: string, request: TagRequest): TagReply {
    const store = this.stores.get(node)!
    if (this.full.has(node) && request.type === 'commit') {
      return {type: 'failed', code: 'DISK_FULL', message: `${node} is full`}
    }
    if (request.type !== 'sync') return store.handle(request)
    if (this.uncopying.has(node)) return {type: 'failed', code: 'UNREACHABLE', message: `${request.from} is away`}
    const reply = this.stores.get(request.from)!.handle({type: 'fetch-tag', tag: request.tag, after: 0})
    if (reply.type !== 'tag-page' || reply.page === undefined) return {type: 'mismatch'}
    const result = store.install(reply.page, true)
    return result.type === 'installed' || result.type === 'refused'
      ? {type: 'synced', head: result.head}
      : {type: 'mismatch'}
  }
}

export const blob = (name: string): TagEntry => ({
  type: 'blob',
  blob: Buffer.from(name).toString('hex').padStart(64, '0'),
  name,
  bytes: 10,
})
