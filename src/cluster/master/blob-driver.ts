/** Feeds the blob core and performs its effects. Knows nothing of blobs. */
import {ClusterError} from '../../base/index.ts'
import {
  type BlobAnswer,
  type BlobClientRequest,
  type BlobEffect,
  type BlobEvent,
  type BlobSettings,
  type BlobState,
  type Coverage,
  type Deletion,
  makeBlobState,
  stepBlobs,
} from '../../ddfs/index.ts'
import type {MasterMesh} from '../../mesh/index.ts'
import type {NodeName} from '../../protocol/index.ts'
import type {Log} from '../run/log.ts'
import {sendOrder, Waiters, Wake} from './calls.ts'
import {errorOf} from './refusal-error.ts'

/** An event without its time: the driver's clock gives that. */
type Occurrence<E = BlobEvent> = E extends BlobEvent ? Omit<E, 'nowMs'> : never

/** Deletions of the last round that are kept for `ddfs gc --dry-run`. */
const deletionsKeptMax = 10_000

export interface BlobDriverOptions {
  readonly mesh: () => MasterMesh
  readonly epoch: number
  readonly members: readonly NodeName[]
  readonly coverage: Coverage
  readonly settings: Partial<BlobSettings>
  readonly seed: number
  readonly log: Log
  readonly onSuperseded: (epoch: number) => void
}

/** Of one epoch: the next one gets another. Ended by `stop`; who waits for an answer gets UNAVAILABLE. */
export class BlobDriver {
  readonly state: BlobState
  readonly #options: BlobDriverOptions
  readonly #waiters = new Waiters<BlobAnswer>()
  readonly #wake = new Wake(() => this.step({type: 'tick'}))
  #isStopped = false
  #round: {number: number; isDryRun: boolean; deletions: Deletion[]; count: number} | undefined

  constructor(options: BlobDriverOptions) {
    this.#options = options
    const {coverage, seed, settings, epoch, members} = options
    this.state = makeBlobState({coverage, seed, settings})
    this.step({type: 'master-started', epoch, members})
  }

  /** What the last round of collection removed, or would have removed. */
  get lastDeletions():
    | {readonly isDryRun: boolean; readonly deletions: readonly Deletion[]; readonly count: number}
    | undefined {
    return this.#round
  }

  /** @throws UserError or ClusterError with the code of the refusal */
  async ask<T extends BlobAnswer['type']>(
    request: BlobClientRequest,
    type: T,
  ): Promise<Extract<BlobAnswer, {type: T}>> {
    if (this.#isStopped) throw new ClusterError('UNAVAILABLE', 'the master stops')
    const answer = await this.#waiters.ask(id => this.step({type: 'request', id, request}))
    if (answer.type === 'refused') throw errorOf(answer)
    if (answer.type !== type)
      throw errorOf({code: 'PROTOCOL', message: `the answer to ${request.type} is ${answer.type}`})
    return answer as Extract<BlobAnswer, {type: T}>
  }

  step(occurrence: Occurrence): void {
    if (this.#isStopped) return
    const effects = stepBlobs(this.state, {...occurrence, nowMs: performance.now()} as BlobEvent)
    for (const effect of effects) this.#perform(effect)
  }

  stop(message: string): void {
    this.#isStopped = true
    this.#wake.stop()
    this.#waiters.rejectAll(message)
  }

  #perform(effect: BlobEffect): void {
    switch (effect.type) {
      case 'send': {
        const {call} = effect
        sendOrder(
          this.#options.mesh(),
          effect,
          reply => this.step({type: 'reply', call, reply}),
          message => this.step({type: 'call-failed', call, message}),
        )
        break
      }
      case 'answer':
        this.#waiters.resolve(effect.id, effect.answer)
        break
      case 'wake':
        this.#wake.at(effect.atMs)
        break
      case 'gc-deletions':
        this.#noteDeletions(effect)
        break
      case 'gc-ended':
        this.#options.log({level: 'info', msg: 'collection ended', round: effect.round})
        break
      case 'deposed':
        this.#options.onSuperseded(effect.epoch)
        break
      case 'log': {
        const {type: _, ...line} = effect
        this.#options.log(line)
        break
      }
    }
  }

  #noteDeletions({round, isDryRun, deletions}: Extract<BlobEffect, {type: 'gc-deletions'}>): void {
    if (this.#round?.number !== round) this.#round = {number: round, isDryRun, deletions: [], count: 0}
    this.#round.count += deletions.length
    const room = deletionsKeptMax - this.#round.deletions.length
    if (room > 0) this.#round.deletions.push(...deletions.slice(0, room))
    if (isDryRun) return
    for (const {blob, node, bytes} of deletions)
      this.#options.log({level: 'debug', msg: 'blob removed', blob, node, bytes})
  }
}
