/**
 * Appends that may wait a second, so that many of them become one change.
 *
 * One buffer a tag and set of options. What came last is in front, as if the requests had been carried out one by one. A
 * buffer is committed a second after its first request, or as soon as anything else is asked about its tag.
 */
import type {ReplicaSet} from '../../protocol/index.ts'
import {delayedMs} from './limits.ts'

interface Buffered<Result> {
  sets: ReplicaSet[]
  readonly commit: (sets: readonly ReplicaSet[]) => Promise<Result>
  readonly done: PromiseWithResolvers<Result>
  readonly timer: NodeJS.Timeout
}

/** What waits is committed by `flushAll` at the end. */
export class DelayedAppends<Result> {
  readonly #buffers = new Map<string, Map<string, Buffered<Result>>>()

  /**
   * @param options - appends with the same are committed together
   * @returns what their commit gives
   */
  async add(
    tag: string,
    options: string,
    sets: readonly ReplicaSet[],
    commit: Buffered<Result>['commit'],
  ): Promise<Result> {
    const ofTag = this.#buffers.get(tag) ?? new Map<string, Buffered<Result>>()
    this.#buffers.set(tag, ofTag)
    const known = ofTag.get(options)
    if (known !== undefined) {
      known.sets = [...sets, ...known.sets]
      return await known.done.promise
    }
    const timer = setTimeout(() => void this.flush(tag), delayedMs)
    const buffered = {sets: [...sets], commit, done: Promise.withResolvers<Result>(), timer}
    // Whoever asked hears of it; the flush itself needs not.
    buffered.done.promise.catch(() => undefined)
    ofTag.set(options, buffered)
    return await buffered.done.promise
  }

  /** Commits what waits for a tag, one buffer behind the other. */
  async flush(tag: string): Promise<void> {
    const ofTag = this.#buffers.get(tag)
    if (ofTag === undefined) return
    this.#buffers.delete(tag)
    for (const {sets, commit, done, timer} of ofTag.values()) {
      clearTimeout(timer)
      try {
        done.resolve(await commit(sets))
      } catch (error) {
        done.reject(error)
      }
    }
  }

  async flushAll(): Promise<void> {
    for (const tag of [...this.#buffers.keys()]) await this.flush(tag)
  }
}
