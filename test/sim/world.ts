/**
 * The simulated world: one clock, one queue of things to happen, one network. Everything random comes from one seed, so
 * a run can be repeated. Knows nothing about what its inhabitants say to each other.
 */
import {type Random, seededRandom} from '../../src/base/index.ts'

export const faultKinds = [
  'loss',
  'delay',
  'duplicate',
  'reorder',
  'partition',
  'partition-one-way',
  'master-crash',
  'master-crash-empty',
  'two-masters',
  'node-crash',
  'lost-unsynced',
  'kept-unsynced',
  'disk-full',
  'clock-jump',
  'node-wipe',
  'node-remove',
  'node-add',
  'node-drain',
] as const
export type FaultKind = (typeof faultKinds)[number]

interface Happening {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

export class World {
  nowMs = 0
  /** Things that have happened so far: names a moment of a run. */
  tick = 0
  readonly random: Random
  readonly faults = new Map<FaultKind, number>()
  /** How the network is now. Probabilities of one message. */
  network = {loss: 0, duplicate: 0, slow: 0}
  readonly #blocked = new Set<string>()
  readonly #heap: Happening[] = []
  #order = 0
  readonly #lastArrival = new Map<string, number>()

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  count(kind: FaultKind): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1)
  }

  chance(probability: number): boolean {
    return this.random.next() < probability
  }

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap
    heap.push({atMs: this.nowMs + delayMs, order: this.#order++, run})
    let index = heap.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (isBefore(heap[parent]!, heap[index]!)) break
      swap(heap, index, parent)
      index = parent
    }
  }

  /** Lets things happen until `untilMs`, or until `isDone`. */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= untilMs && !isDone()) {
      const next = this.#pop()
      this.nowMs = next.atMs
      this.tick++
      next.run()
    }
    if (!isDone()) this.nowMs = Math.max(this.nowMs, untilMs)
  }

  block(from: string, to: string): void {
    this.#blocked.add(`${from}>${to}`)
  }

  healNetwork(): void {
    this.#blocked.clear()
    this.network = {loss: 0, duplicate: 0, slow: 0}
  }

  /** A message: may be lost, late, doubled or overtaken. `deliver` must look whether it is still wanted. */
  send(from: string, to: string, deliver: () => void): void {
    if (this.#blocked.has(`${from}>${to}`)) return
    if (this.chance(this.network.loss)) {
      this.count('loss')
      return
    }
    this.#deliver(from, to, deliver)
    if (!this.chance(this.network.duplicate)) return
    this.count('duplicate')
    this.#deliver(from, to, deliver)
  }

  #deliver(from: string, to: string, deliver: () => void): void {
    const isSlow = this.chance(this.network.slow)
    if (isSlow) this.count('delay')
    const delayMs = isSlow ? 20 + this.random.int(3000) : 1 + this.random.int(8)
    const link = `${from}>${to}`
    if (this.nowMs + delayMs < (this.#lastArrival.get(link) ?? 0)) this.count('reorder')
    this.#lastArrival.set(link, Math.max(this.#lastArrival.get(link) ?? 0, this.nowMs + delayMs))
    this.after(delayMs, () => {
      if (!this.#blocked.has(link)) deliver()
    })
  }

  #pop(): Happening {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    heap[0] = last
    for (let index = 0; ; ) {
      const left = 2 * index + 1
      if (left >= heap.length) return first
      const right = left + 1
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
      if (isBefore(heap[index]!, heap[child]!)) return first
      swap(heap, index, child)
      index = child
    }
  }
}

const isBefore = (left: Happening, right: Happening): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order)

function swap(heap: Happening[], left: number, right: number): void {
  const kept = heap[left]!
  heap[left] = heap[right]!
  heap[right] = kept
}
