/** Breaks things. Which kinds of breaking exist in a run is drawn from its seed. */
import type {Cluster} from './cluster.ts'
import type {SimMaster} from './sim-master.ts'
import type {SimNode} from './sim-node.ts'
import type {World} from './world.ts'

const hourMs = 3_600_000

export class Nemesis {
  readonly #cluster: Cluster
  readonly #world: World
  readonly #plans: readonly (() => void)[]
  #isOver = false
  #masterOffsetMs = 0

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#world = cluster.world
    const all = [
      () => this.#trouble(),
      () => this.#partition(),
      () => this.#crashMaster(),
      () => this.#twoMasters(),
      () => this.#crashNode(),
      () => this.#crashNode(),
      () => this.#fillDisk(),
      () => this.#jumpClock(),
      () => this.#wipeNode(),
      () => this.#removeNode(),
      () => this.#addNode(),
      () => this.#drainNode(),
    ]
    this.#plans = all.filter(() => this.#world.chance(0.45))
  }

  start(meanMs: number): void {
    if (this.#isOver) return
    this.#world.after(1 + this.#world.random.int(2 * meanMs), () => {
      if (this.#isOver) return
      if (this.#plans.length > 0) this.#world.random.pick(this.#plans)()
      this.start(meanMs)
    })
  }

  /** Everything works again, and stays so. */
  heal(): void {
    this.#isOver = true
    this.#world.healNetwork()
    for (const node of this.#cluster.nodes.values()) {
      node.isFull = false
      if (!node.isRunning && !this.#cluster.list.removed.has(node.name)) node.start()
    }
    for (const master of this.#cluster.masters) if (master.isPaused) master.resume()
    for (const name of this.#cluster.list.members.keys()) this.#setDraining(name, false)
    if (this.#cluster.masters.length === 0) this.#cluster.startMaster(this.#masterOffsetMs)
  }

  #trouble(): void {
    const {random} = this.#world
    this.#world.network = {loss: random.next() * 0.15, duplicate: random.next() * 0.2, slow: random.next() * 0.2}
    this.#later(4000, () => {
      this.#world.network = {loss: 0, duplicate: 0, slow: 0}
    })
  }

  #partition(): void {
    const world = this.#world
    const all = [...this.#cluster.nodes.keys(), ...this.#cluster.masters.map(master => master.name)]
    const isOneWay = world.chance(0.4)
    world.count(isOneWay ? 'partition-one-way' : 'partition')
    const left = world.chance(0.6) ? [world.random.pick(all)] : all.filter(() => world.chance(0.5))
    for (const one of left) {
      for (const other of all.filter(each => !left.includes(each))) {
        world.block(one, other)
        if (!isOneWay) world.block(other, one)
      }
    }
    this.#later(5000, () => world.healNetwork())
  }

  #crashMaster(): void {
    const master = this.#pickMaster()
    if (master === undefined) return
    const isEmpty = this.#world.chance(0.5)
    this.#world.count(isEmpty ? 'master-crash-empty' : 'master-crash')
    master.stop()
    this.#later(2000, () => this.#ensureMaster())
  }

  /** The old one stands still, a new one is started, the old one goes on. */
  #twoMasters(): void {
    const master = this.#pickMaster()
    if (master === undefined || master.isPaused) return
    this.#world.count('two-masters')
    master.pause()
    this.#later(1500, () => this.#cluster.startMaster(this.#masterOffsetMs))
    this.#later(5000, () => master.resume())
  }

  #crashNode(): void {
    const node = this.#pickNode()
    if (node === undefined) return
    this.#world.count('node-crash')
    node.crash()
    this.#later(6000, () => this.#startNode(node))
  }

  #fillDisk(): void {
    const node = this.#pickNode()
    if (node === undefined) return
    this.#world.count('disk-full')
    node.isFull = true
    this.#later(5000, () => {
      node.isFull = false
    })
  }

  #jumpClock(): void {
    const master = this.#pickMaster()
    if (master === undefined) return
    this.#world.count('clock-jump')
    const {random} = this.#world
    const jumpMs = (random.next() - 0.5) * random.pick([2 * hourMs, 20 * 365 * 24 * hourMs])
    this.#masterOffsetMs += Math.round(jumpMs)
    master.wallOffsetMs = this.#masterOffsetMs
  }

  #wipeNode(): void {
    const node = this.#pickNode()
    if (node === undefined || !this.#canLose(node)) return
    this.#world.count('node-wipe')
    node.crash()
    node.wipe()
    this.#later(3000, () => this.#startNode(node))
  }

  #removeNode(): void {
    const node = this.#pickNode()
    const master = this.#pickMaster()
    if (node === undefined || master === undefined || master.isPaused || !this.#canLose(node)) return
    if (this.#cluster.masters.length > 1 || this.#cluster.list.members.size < 4) return
    this.#world.count('node-remove')
    node.crash()
    this.#cluster.list.removed.add(node.name)
    this.#cluster.setMember(node.name, {isRemoved: true})
    master.remove(node.name)
  }

  #addNode(): void {
    if (this.#cluster.nodes.size >= 7) return
    this.#world.count('node-add')
    this.#cluster.addNode()
  }

  #drainNode(): void {
    const node = this.#pickNode()
    if (node === undefined || this.#cluster.list.members.size < 3) return
    this.#world.count('node-drain')
    this.#setDraining(node.name, true)
    this.#later(9000, () => this.#setDraining(node.name, false))
  }

  #setDraining(node: string, isDraining: boolean): void {
    this.#cluster.setMember(node, {isDraining})
    for (const master of this.#cluster.masters) {
      if (!master.isPaused && master.state.members.has(node)) master.setDraining(node, isDraining)
    }
  }

  /** One disk may be lost at a time, and none of a tag that has too few copies: that much is promised, not more. */
  #canLose(node: SimNode): boolean {
    const {list, nodes} = this.#cluster
    for (const member of list.members.values()) {
      const isBroken =
        member.isWiped || member.isRemoved || nodes.get(member.node)!.folder !== list.folders.get(member.node)
      if (isBroken) return false
    }
    const heads = [...nodes.values()].flatMap(each => each.store.heads('', 1000))
    return list.members.has(node.name) && list.floor >= 3 && heads.every(head => head.replicas.length >= 3)
  }

  #startNode(node: SimNode): void {
    if (!node.isRunning && !this.#cluster.list.removed.has(node.name)) node.start()
  }

  #ensureMaster(): void {
    if (!this.#cluster.masters.some(master => !master.isPaused)) this.#cluster.startMaster(this.#masterOffsetMs)
  }

  #pickMaster(): SimMaster | undefined {
    return this.#cluster.masters.at(-1)
  }

  #pickNode(): SimNode | undefined {
    const running = [...this.#cluster.nodes.values()].filter(node => node.isRunning)
    return running.length === 0 ? undefined : this.#world.random.pick(running)
  }

  #later(maxMs: number, run: () => void): void {
    this.#world.after(100 + this.#world.random.int(maxMs), () => {
      if (!this.#isOver) run()
    })
  }
}
