/** Feeds the tag coordinator and performs its effects. Knows nothing of tags. */
import {ClusterError} from '../../base/index.ts'
import {
  newTagsState,
  stepTags,
  type TagEffect,
  type TagEvent,
  type TagQuery,
  type TagResult,
  type TagSettings,
  type TagsState,
} from '../../ddfs/index.ts'
import type {MasterMesh} from '../../mesh/index.ts'
import type {NodeName} from '../../protocol/index.ts'
import type {Log} from '../run/log.ts'
import {sendOrder, Waiters, Wake} from './calls.ts'
import {errorOf} from './refusal-error.ts'

/** A request of a client waits no longer. Milliseconds. */
const askDeadlineMs = 20_000

/** An event without its times: the driver's clocks give those. */
type Occurrence<E = TagEvent> = E extends TagEvent ? Omit<E, 'nowMs' | 'wallMs'> : never

export interface TagDriverOptions {
  readonly mesh: () => MasterMesh
  readonly epoch: number
  readonly settings: TagSettings
  readonly floor: number
  readonly log: Log
  readonly rememberFloor: (floor: number) => void
  readonly onNodeRestored: (node: NodeName) => void
  readonly onNodeGone: (node: NodeName) => void
  readonly onSuperseded: (epoch: number) => void
}

/** Of one epoch: the next one gets another. Ended by `stop`; who waits for an answer gets UNAVAILABLE. */
export class TagDriver {
  readonly state: TagsState
  readonly #options: TagDriverOptions
  readonly #waiters = new Waiters<TagResult>()
  readonly #wake = new Wake(() => this.step({type: 'tick'}))
  #isStopped = false

  constructor(options: TagDriverOptions) {
    this.#options = options
    const {epoch, settings, floor} = options
    this.state = newTagsState({epoch, settings, floor, nowMs: performance.now()})
  }

  /** @throws UserError or ClusterError with the code of the refusal */
  ask<T extends TagResult['type']>(query: TagQuery, type: T): Promise<Extract<TagResult, {type: T}>> {
    if (this.#isStopped) return Promise.reject(new ClusterError('UNAVAILABLE', 'the master stops'))
    const asked = this.#waiters.ask(id => {
      this.step({type: 'asked', id, query, deadlineMs: performance.now() + askDeadlineMs})
    })
    return asked.then(result => {
      if (result.type !== type) throw new ClusterError('PROTOCOL', `the answer to ${query.type} is ${result.type}`)
      return result as Extract<TagResult, {type: T}>
    })
  }

  step(occurrence: Occurrence): void {
    if (this.#isStopped) return
    const effects = stepTags(this.state, {...occurrence, nowMs: performance.now(), wallMs: Date.now()} as TagEvent)
    for (const effect of effects) this.#perform(effect)
  }

  stop(message: string): void {
    this.#isStopped = true
    this.#wake.stop()
    this.#waiters.rejectAll(message)
  }

  #perform(effect: TagEffect): void {
    switch (effect.type) {
      case 'send': {
        const {call} = effect
        sendOrder(
          this.#options.mesh(),
          effect,
          reply => this.step({type: 'replied', call, reply}),
          () => this.step({type: 'call-failed', call}),
        )
        break
      }
      case 'answer':
        this.#waiters.resolve(effect.id, effect.result)
        break
      case 'refuse':
        this.#waiters.reject(effect.id, errorOf(effect.error))
        break
      case 'wake':
        this.#wake.at(effect.atMs)
        break
      case 'remember-floor':
        this.#options.rememberFloor(effect.floor)
        break
      case 'node-restored':
        this.#options.onNodeRestored(effect.node)
        break
      case 'node-gone':
        this.#options.onNodeGone(effect.node)
        break
      case 'superseded':
        this.#options.onSuperseded(effect.epoch)
        break
      case 'log': {
        const {type: _, ...line} = effect
        this.#options.log(line)
        break
      }
    }
  }
}
