/** Runs the core against a world in memory, one event at a time. */
import {checkState} from '../../../../src/daemon/watch/check.ts'
import type {WatchEffect, WatchEvent} from '../../../../src/daemon/watch/events.ts'
import {step} from '../../../../src/daemon/watch/plan.ts'
import {newState, type WatchOptions, type WatchState} from '../../../../src/daemon/watch/state.ts'
import type {World} from './world.ts'

export class Killed extends Error {}

export interface Faults {
  /** Throws `Killed` when this is the process's last moment. */
  dies(): void
  fails(): boolean
}

/** More than any folder here needs. */
const stepCountMax = 20_000

const noFaults: Faults = {dies: () => undefined, fails: () => false}

/** One life of the process. */
export class CoreRun {
  readonly state: WatchState
  readonly #world: World
  readonly #faults: Faults
  #next: WatchEvent | undefined
  wakeAtMs = Number.POSITIVE_INFINITY

  constructor(world: World, options: WatchOptions, faults: Faults = noFaults) {
    this.#world = world
    this.#faults = faults
    this.state = newState(options)
    this.#next = {type: 'started', ledger: world.load(), nowMs: world.nowMs}
  }

  /** Takes the event that is due; a tick when nothing else is. @returns whether something was under way */
  step(): boolean {
    const event = this.#next ?? {type: 'tick', nowMs: this.#world.nowMs}
    const wasUnderWay = this.#next !== undefined
    this.#next = undefined
    const effects = step(this.state, {...event, nowMs: this.#world.nowMs})
    checkState(this.state)
    for (const effect of effects) {
      this.#faults.dies()
      this.#perform(effect)
    }
    return wasUnderWay || this.#next !== undefined
  }

  /** Lets time pass until everything that is due is done. */
  settle(ms: number, tickMs = 250): void {
    const end = this.#world.nowMs + ms
    let stepCount = 0
    while (this.#world.nowMs < end && !this.state.isFinished) {
      if (++stepCount > stepCountMax) throw new Error(`it never rests: ${JSON.stringify(this.#next)}`)
      if (!this.step()) this.#world.nowMs += tickMs
    }
  }

  #perform(effect: WatchEffect): void {
    const world = this.#world
    const {nowMs} = world
    switch (effect.type) {
      case 'list':
        this.#next = {type: 'listed', files: world.list(), nowMs}
        break
      case 'probe':
        this.#next = {type: 'probed', path: effect.path, result: world.probe(effect.path, effect.windows), nowMs}
        break
      case 'cut': {
        const result = world.cut(effect.order, this.state.options.chunkBytes)
        this.#next = {type: 'cut', file: effect.order.row.id, result, nowMs}
        break
      }
      case 'push':
        this.#next = world.push(effect.intent, this.#faults.dies, this.#faults.fails)
        break
      case 'wake':
        this.wakeAtMs = effect.atMs
        break
      case 'finished':
        break
      default:
        world.persist(effect)
    }
  }
}
