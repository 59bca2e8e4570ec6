/** What hooks and records hand over as pairs, checked: rules in plain JavaScript have no compiler to do it. */
import type {Pair} from '../../rules/index.ts'

/**
 * The pair that a record is, for rules without a map step (`mapFunction: null`): an object with the lists `key` and
 * `values`, or a list of the two, as a reader of the rule's own may hand it out.
 *
 * @throws TypeError when it is neither
 */
export function pairOfRecord(record: unknown): Pair {
  if (Array.isArray(record)) return checkPair(record)
  const {key, values} = record as {key?: unknown; values?: unknown}
  if (Array.isArray(key) && Array.isArray(values)) return [key, values]
  throw new TypeError('the record is no pair: without a map function it must be {"key": […], "values": […]}')
}

/** @throws TypeError when `pair` is not a list of two lists */
export function checkPair(pair: unknown): Pair {
  if (Array.isArray(pair) && Array.isArray(pair[0]) && Array.isArray(pair[1])) return [pair[0], pair[1]]
  throw new TypeError('what was yielded is no pair: it must be [key, values], two lists')
}

/** @throws TypeError when a hook returned something that cannot be iterated */
export function checkIterable(result: unknown): Iterable<unknown> {
  if (typeof result === 'object' && result !== null && Symbol.iterator in result) return result as Iterable<unknown>
  const what = result === undefined || result === null ? 'nothing' : `a ${typeof result}`
  throw new TypeError(`returned ${what}: write it as function* that yields, or return a list (an empty one for none)`)
}

/** The key as texts (spec 5.5); the index of the first element that is absent or null when there is one. */
export function castKey(key: readonly unknown[], textOf: (value: unknown) => string): string[] | number {
  const texts: string[] = []
  for (let index = 0; index < key.length; index++) {
    const part = key[index]
    if (part === undefined || part === null) return index
    texts.push(typeof part === 'string' ? part : textOf(part))
  }
  return texts
}
