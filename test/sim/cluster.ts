/** The simulated cluster: nodes, masters, what outlives them (the member list), and what tests may twist. */
import {defaultTagSettings, type MemberSeed, type TagEffect, type TagSettings} from '../../src/ddfs/index.ts'
import type {TagLogLine, TagReply, TagRequest} from '../../src/protocol/index.ts'
import {compareVersions, isSameVersion} from '../../src/protocol/index.ts'
import {SimMaster} from './sim-master.ts'
import {SimNode} from './sim-node.ts'
import type {World} from './world.ts'

/** Places where a test makes the protocol wrong, to see that the checkers notice. */
export interface Mutation {
  /** @returns true when the order was taken care of and is not to be sent */
  onSend?(master: SimMaster, call: number, node: string, request: TagRequest): boolean
  onReply?(master: SimMaster, call: number, reply: TagReply): void
  onRequest?<T extends TagRequest>(node: SimNode, request: T): T
}

type Remembered = Extract<TagEffect, {type: 'remember-floor' | 'node-restored' | 'node-gone'}>

/** As the real shells keep it: with the nodes, by majority, changed by the latest master only. */
interface MemberList {
  epoch: number
  floor: number
  readonly members: Map<string, MemberSeed>
  readonly folders: Map<string, number>
  readonly removed: Set<string>
}

export class Cluster {
  readonly world: World
  readonly nodes = new Map<string, SimNode>()
  masters: SimMaster[] = []
  readonly list: MemberList = {epoch: 0, floor: 1, members: new Map(), folders: new Map(), removed: new Set()}
  readonly settings: TagSettings
  readonly mutation: Mutation
  nextLink = 1
  /** Heartbeats are this many times rarer, to pass quiet time quickly. */
  beatFactor = 1
  /** Histories of tags that were forgotten. */
  readonly forgotten = new Map<string, TagLogLine[]>()
  #nextEpoch = 1
  #nextNode = 1

  constructor(world: World, settings: Partial<TagSettings>, mutation: Mutation) {
    this.world = world
    this.settings = {...defaultTagSettings, ...settings}
    this.mutation = mutation
  }

  addNode(): SimNode {
    const name = `n${this.#nextNode++}`
    const node = new SimNode(this, name, 1)
    this.nodes.set(name, node)
    node.start()
    return node
  }

  /** On an empty folder it asks the nodes for the member list, which comes to the same here. */
  startMaster(wallOffsetMs: number): SimMaster {
    const epoch = this.#nextEpoch++
    const master = new SimMaster(this, `m${epoch}`, epoch, wallOffsetMs)
    this.masters.push(master)
    return master
  }

  onMasterStopped(master: SimMaster): void {
    this.masters = this.masters.filter(each => each !== master)
  }

  /** A node joins. @returns whether its folder is not the one that was known, or still lacks what that one had */
  admit(master: SimMaster, node: string, folder: number): boolean {
    const {list} = this
    const known = list.folders.get(node)
    const isWiped = (known !== undefined && known !== folder) || list.members.get(node)?.isWiped === true
    if (master.epoch < list.epoch) return isWiped
    list.epoch = master.epoch
    list.folders.set(node, folder)
    const seed = list.members.get(node) ?? {node, isDraining: false, isRemoved: false, isWiped: false}
    list.members.set(node, {...seed, isWiped: seed.isWiped || isWiped})
    return isWiped
  }

  remember(master: SimMaster, effect: Remembered): void {
    const {list} = this
    if (master.epoch < list.epoch) return
    if (effect.type === 'remember-floor') list.floor = effect.floor
    else if (effect.type === 'node-gone') list.members.delete(effect.node)
    else this.setMember(effect.node, {isWiped: false})
  }

  setMember(node: string, change: Partial<MemberSeed>): void {
    const seed = this.list.members.get(node)
    if (seed !== undefined) this.list.members.set(node, {...seed, ...change})
  }

  /** Before a tombstone is forgotten its history is kept, for the checks at the end. */
  keepHistory(node: SimNode, request: Extract<TagRequest, {type: 'forget'}>): void {
    const {tag, upTo} = request
    const reply = node.store.handle({type: 'fetch-tag', tag, after: 0})
    const page = reply.type === 'tag-page' ? reply.page : undefined
    if (page === undefined || page.head.isPurged !== true || !isSameVersion(page.head.version, upTo)) return
    if (!page.head.replicas.includes(node.name)) return
    this.forgotten.set(tag, mergeHistories(this.forgotten.get(tag) ?? [], page.log))
  }
}

export function mergeHistories(left: readonly TagLogLine[], right: readonly TagLogLine[]): TagLogLine[] {
  const merged = new Map<string, TagLogLine>()
  for (const line of [...left, ...right]) merged.set(`${line.version.epoch}.${line.version.counter}`, line)
  return [...merged.values()].sort((one, other) => compareVersions(one.version, other.version))
}
