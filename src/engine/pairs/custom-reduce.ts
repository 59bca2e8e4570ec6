/** A reduce function of the rule: lazily fed, its rows checked, its errors fatal and told with the key they happened at. */
import type {Pair, Params, ReduceFunction} from '../../rules/index.ts'
import {keyTextOf} from '../numbers/index.ts'
import {cellOf} from './cells.ts'
import {hookThrew, isFatal} from './hook-failure.ts'
import {checkIterable, checkPair} from './record-pair.ts'
import type {KeyedPair, ReducedGroup} from './reduce-groups.ts'

export interface CustomReduceOptions {
  readonly reduce: ReduceFunction
  /** Its label, `reduceFunction (top)`. */
  readonly hook: string
  /** `module.rule` */
  readonly rule: string
  readonly params: Params
}

const hint = 'a reduce function may not fail: mend it, or skip what it cannot use'

/**
 * Runs a rule's reduce over the pairs of one partition. It may stop early or not read at all; it reads on after a `break`.
 *
 * @throws UserError HOOK_FAILED when the function throws or yields something that is not [key, values]; an error of the
 * pairs themselves (a spilled run that cannot be read) passes unchanged
 */
export function* customReduce(
  pairs: Iterator<KeyedPair, unknown>,
  options: CustomReduceOptions,
): Generator<ReducedGroup, void> {
  const {reduce, hook, rule, params} = options
  const feed = new Feed(pairs)
  try {
    for (const row of checkIterable(reduce(feed, params))) {
      const [key, values] = checkPair(row)
      // Copies: the function may fill the same lists again for its next row.
      yield {key: key.map(rowKeyText), values: values.map(cellOf), approximate: []}
    }
  } catch (error) {
    if (feed.error !== undefined) throw feed.error
    throw isFatal(error) ? error : hookThrew({hook, rule, key: feed.key, hint}, error)
  }
}

/** The pairs as a rule's function sees them: no `return`, so that a loop it leaves does not end them. */
class Feed implements IterableIterator<Pair> {
  readonly #pairs: Iterator<KeyedPair, unknown>
  /** The key handed out last. */
  key: readonly unknown[] | undefined
  /** What reading threw: not the function's error, even when it was caught and wrapped there. */
  error: unknown

  constructor(pairs: Iterator<KeyedPair, unknown>) {
    this.#pairs = pairs
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<Pair, undefined> {
    try {
      const step = this.#pairs.next()
      if (step.done) return {done: true, value: undefined}
      const [key, values] = step.value
      this.key = key
      // A list of its own: pairs of one group share theirs inside the engine.
      return {done: false, value: [key.slice(), values]}
    } catch (error) {
      this.error = error
      throw error
    }
  }
}

function rowKeyText(part: unknown): string {
  if (part === undefined || part === null) return ''
  return typeof part === 'string' ? part : keyTextOf(part)
}
