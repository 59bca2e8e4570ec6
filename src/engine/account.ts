/**
 * The account of a run: what came in and where it went, so that in = used + filtered + bad always holds.
 * Parts of the input keep accounts of their own; they are added up in input order, which makes samples deterministic.
 */
import {bigIntsAsDigits, compareText, excerptOf, messageOf} from '../base/index.ts'
import type {Account, BadSample} from './contracts.ts'

/** Samples kept per reason: enough to see a pattern, few enough to read. */
export const sampleCountMax = 5

/** Of no record yet. Whoever gets it may change it. */
export function emptyAccount(): Account {
  return {
    bytes: 0,
    in: 0,
    used: 0,
    filtered: 0,
    bad: 0,
    blank: 0,
    badByReason: {},
    filteredByReason: {},
    badSamples: [],
    dropped: {},
    coerced: {},
    hookErrors: {},
  }
}

/** Counts a bad record and keeps it as a sample while there are few of its reason. */
export function countBad(account: Account, sample: BadSample): void {
  account.bad++
  const count = (account.badByReason[sample.reason] ?? 0) + 1
  account.badByReason[sample.reason] = count
  if (count <= sampleCountMax) account.badSamples.push(sample)
}

/**
 * Counts a record that was read and is left out on purpose. `reason` is shown to people as it stands: one of a few fixed texts,
 * because nothing bounds how many different ones are kept.
 */
export function countFiltered(account: Account, reason: string): void {
  account.filtered++
  account.filteredByReason[reason] = (account.filteredByReason[reason] ?? 0) + 1
}

/** Counts an error of a hook that cost a part or a row, not the record. */
export function countHookError(account: Account, hook: string, message: string, sample: BadSample): void {
  const known = account.hookErrors[hook]
  if (known) known.count++
  else account.hookErrors[hook] = {count: 1, message, sample}
}

/** Counts a value that a column could not use, and keeps the first as the example. `label`: `keyset.column`. */
export function countCoercion(account: Account, label: string, value: unknown): void {
  const known = account.coerced[label]
  if (known) known.count++
  else account.coerced[label] = {count: 1, example: excerptOf(recordJson(value), exampleCharsMax)}
}

/** Characters of an example value: one line has to hold it. */
const exampleCharsMax = 60

/** A record as JSON text; integers beyond 2^53 with their digits. Never throws: it is called while reporting an error. */
export function recordJson(record: unknown): string {
  try {
    return JSON.stringify(record, bigIntsAsDigits) ?? ''
  } catch (error) {
    return `(record cannot be shown: ${messageOf(error)})`
  }
}

/**
 * Adds `part` to `total`. Call in input order: the first samples win.
 *
 * @param lineOffset - lines of the same file before this part; sample lines of parts count from the part's start
 */
export function addAccount(total: Account, part: Account, lineOffset = 0): void {
  total.bytes += part.bytes
  total.in += part.in
  total.used += part.used
  total.filtered += part.filtered
  total.bad += part.bad
  total.blank += part.blank
  addCounts(total.filteredByReason, part.filteredByReason)
  addCounts(total.dropped, part.dropped)
  const shift = (sample: BadSample): BadSample => ({...sample, line: sample.line + lineOffset})
  const sampled = new Map<string, number>()
  for (const sample of total.badSamples) sampled.set(sample.reason, (sampled.get(sample.reason) ?? 0) + 1)
  for (const sample of part.badSamples) {
    const count = (sampled.get(sample.reason) ?? 0) + 1
    sampled.set(sample.reason, count)
    if (count <= sampleCountMax) total.badSamples.push(shift(sample))
  }
  addCounts(total.badByReason, part.badByReason)
  for (const [name, {count, example}] of Object.entries(part.coerced)) {
    const known = total.coerced[name]
    if (known) known.count += count
    else total.coerced[name] = {count, example}
  }
  for (const [hook, {count, message, sample}] of Object.entries(part.hookErrors)) {
    const known = total.hookErrors[hook]
    if (known) known.count += count
    else total.hookErrors[hook] = {count, message, sample: shift(sample)}
  }
}

function addCounts(total: Record<string, number>, part: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count
}

/** The same with its reasons and labels in text order: which of them came first depends on the engine and the threads. */
export function inLabelOrder(account: Account): Account {
  const sorted = <T>(counts: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(counts).sort(([a], [b]) => compareText(a, b)))
  return {
    ...account,
    badByReason: sorted(account.badByReason),
    filteredByReason: sorted(account.filteredByReason),
    dropped: sorted(account.dropped),
    coerced: sorted(account.coerced),
    hookErrors: sorted(account.hookErrors),
  }
}
