/** Runs that are under way. Millions pass through, some thousands are in at a time: no step may pay for the others. */
import type {RunId} from './events.ts'
import type {Run} from './state.ts'

/** A map is tidied when as many entries were taken out as are left: with thousands of them that takes some 100 µs. */
const partCount = 64

/** All runs by their numbers. */
export class RunTable {
  readonly #parts = Array.from({length: partCount}, () => new Map<RunId, Run>())
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: RunId): Run | undefined {
    return this.#partOf(id).get(id)
  }

  has(id: RunId): boolean {
    return this.#partOf(id).has(id)
  }

  add(run: Run): void {
    const part = this.#partOf(run.id)
    this.#size += part.has(run.id) ? 0 : 1
    part.set(run.id, run)
  }

  delete(run: Run): void {
    if (this.#partOf(run.id).delete(run.id)) this.#size--
  }

  *[Symbol.iterator](): Generator<Run> {
    for (const part of this.#parts) yield* part.values()
  }

  #partOf(id: RunId): Map<RunId, Run> {
    return this.#parts[id % partCount]!
  }
}

/** Neighbours of a run among those of its stage. */
export interface RunLinks {
  before: Run | undefined
  after: Run | undefined
  isIn: boolean
}

export const makeLinks = (): RunLinks => ({before: undefined, after: undefined, isIn: false})

/** Runs of one stage, in the order of their starts. Runs may be taken out while somebody goes through it. */
export class RunList {
  #first: Run | undefined
  #last: Run | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  has(run: Run): boolean {
    return run.links.isIn
  }

  add(run: Run): void {
    run.links.isIn = true
    run.links.before = this.#last
    if (this.#last === undefined) this.#first = run
    else this.#last.links.after = run
    this.#last = run
    this.#size++
  }

  delete({links}: Run): void {
    if (!links.isIn) return
    const {before, after} = links
    if (before === undefined) this.#first = after
    else before.links.after = after
    if (after === undefined) this.#last = before
    else after.links.before = before
    // Who stands on it still finds its way by `after`.
    links.isIn = false
    this.#size--
  }

  *[Symbol.iterator](): Generator<Run> {
    let run = this.#first
    while (run !== undefined) {
      if (run.links.isIn) yield run
      run = run.links.after
    }
  }
}
