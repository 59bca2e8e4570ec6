/** The rule's combiner: called for every pair of a map task and partition, and once more at the end of the task. */
import type {CombinerFunction, Params} from '../../rules/index.ts'
import {isFatal} from './hook-failure.ts'
import {checkIterable, checkPair} from './record-pair.ts'

export interface CombinerOptions {
  readonly combine: CombinerFunction
  readonly params: Params
  /** Takes what the combiner yields; it stays in the partition that the combiner was called for. */
  readonly emit: (partition: number, key: readonly unknown[], values: readonly unknown[]) => void
  /** An error costs what the call had not yielded yet; never the run. */
  readonly onError: (error: unknown) => void
}

/** A UserError or InvariantError that passes through the combiner is thrown on; every other error goes to `onError`. */
export class Combiner {
  readonly #options: CombinerOptions
  /** One buffer per partition that had a pair in this task. */
  readonly #buffers = new Map<number, Record<string, unknown>>()

  constructor(options: CombinerOptions) {
    this.#options = options
  }

  /** @returns false when the combiner threw */
  add(partition: number, key: readonly string[], values: readonly unknown[]): boolean {
    let buffer = this.#buffers.get(partition)
    if (buffer === undefined) {
      buffer = {}
      this.#buffers.set(partition, buffer)
    }
    return this.#call(partition, key, values, buffer, false)
  }

  /** Ends the task: by partition number, so that what is yielded has one order. */
  finish(): void {
    const buffers = [...this.#buffers].sort(([a], [b]) => a - b)
    for (const [partition, buffer] of buffers) this.#call(partition, null, null, buffer, true)
    this.#buffers.clear()
  }

  #call(
    partition: number,
    key: readonly string[] | null,
    values: readonly unknown[] | null,
    buffer: Record<string, unknown>,
    isDone: boolean,
  ): boolean {
    const {combine, params, emit, onError} = this.#options
    try {
      const pairs = combine(key, values, buffer, isDone, params)
      if (pairs === undefined || pairs === null) return true
      for (const pair of checkIterable(pairs)) {
        const [toKey, toValues] = checkPair(pair)
        emit(partition, toKey, toValues)
      }
      return true
    } catch (error) {
      if (isFatal(error)) throw error
      onError(error)
      return false
    }
  }
}
