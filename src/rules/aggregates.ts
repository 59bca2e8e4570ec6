/**
 * Aggregates of value parts: `valueParts: {revenue: sum('price'), slow: p95('ms')}`. Plain data; nothing is checked here,
 * checkRule does that together with everything else.
 */
import {collectDefault, distinctExactUpTo, topKDefault} from './limits.ts'
import type {Aggregate, WithoutColumn} from './types.ts'

function aggregate(node: WithoutColumn): Aggregate {
  return Object.freeze({kind: 'aggregate', node: Object.freeze(node)})
}

/** The exact sum; absent and null add 0. */
export function sum(field: string): Aggregate {
  return aggregate({aggregate: 'sum', field, absent: 0})
}

/** Counts records; with a field, those in which it is neither absent nor null. */
export function count(field?: string): Aggregate {
  return aggregate({aggregate: 'count', field: field ?? null})
}

/** The smallest value: numbers by value, text after them by code point; null when no record has one. */
export function min(field: string): Aggregate {
  return aggregate({aggregate: 'min', field})
}

/** The largest value: numbers by value, text after them by code point; null when no record has one. */
export function max(field: string): Aggregate {
  return aggregate({aggregate: 'max', field})
}

/** The mean of the numbers; null when no record has one. */
export function avg(field: string): Aggregate {
  return aggregate({aggregate: 'avg', field})
}

/** The sample standard deviation (n - 1) of the numbers; null with fewer than two. */
export function stddev(field: string): Aggregate {
  return aggregate({aggregate: 'stddev', field})
}

/** The value of the record whose `by` field (a time, a counter) is the smallest. */
export function first(field: string, options: {readonly by: string}): Aggregate {
  return aggregate({aggregate: 'first', field, by: options?.by})
}

/** The value of the record whose `by` field (a time, a counter) is the largest. */
export function last(field: string, options: {readonly by: string}): Aggregate {
  return aggregate({aggregate: 'last', field, by: options?.by})
}

/** How many different values there are: exact up to `exactUpTo`, then an estimate, which the output says. */
export function distinct(field: string, options: {readonly exactUpTo?: number} = {}): Aggregate {
  return aggregate({aggregate: 'distinct', field, exactUpTo: options.exactUpTo ?? distinctExactUpTo})
}

/**
 * The value below which the share `q` (0 to 1) of the numbers lies, at most 0.4 % away from it: from a mergeable sketch. Null when no
 * record has a number.
 */
export function quantile(field: string, q: number): Aggregate {
  return aggregate({aggregate: 'quantile', field, q})
}

/** `quantile(field, 0.5)`: half of the numbers lie below it. */
export function median(field: string): Aggregate {
  return quantile(field, 0.5)
}

/** `quantile(field, 0.5)`: half of the numbers lie below it. */
export function p50(field: string): Aggregate {
  return quantile(field, 0.5)
}

/** `quantile(field, 0.75)`: three quarters of the numbers lie below it. */
export function p75(field: string): Aggregate {
  return quantile(field, 0.75)
}

/** `quantile(field, 0.9)`: nine tenths of the numbers lie below it. */
export function p90(field: string): Aggregate {
  return quantile(field, 0.9)
}

/** `quantile(field, 0.95)`: 95 % of the numbers lie below it. */
export function p95(field: string): Aggregate {
  return quantile(field, 0.95)
}

/** `quantile(field, 0.99)`: 99 % of the numbers lie below it. */
export function p99(field: string): Aggregate {
  return quantile(field, 0.99)
}

/** The `k` most frequent values with their counts, equal counts by text. */
export function topK(field: string, k: number = topKDefault): Aggregate {
  return aggregate({aggregate: 'topK', field, k})
}

/** Counts per bucket: below the first bound, from each to the next, from the last one on. Bounds ascend. */
export function histogram(field: string, bounds: readonly number[]): Aggregate {
  return aggregate({aggregate: 'histogram', field, bounds})
}

/** The different values themselves in order of their text, at most `max` of them. */
export function collect(field: string, options: {readonly max?: number} = {}): Aggregate {
  return aggregate({aggregate: 'collect', field, max: options.max ?? collectDefault})
}
