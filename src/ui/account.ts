/** The account at the end of a run: every record is used, filtered or bad, and the reasons are named. */
import {formatBytes, groupDigits, printable} from '../base/index.ts'
import type {Account} from '../engine/index.ts'
import {emptyResultLines} from './account-warning.ts'
import {listCountMax, sampleShownCountMax, speedBytesMin} from './limits.ts'
import {paint} from './paint.ts'
import {durationText, speedText} from './progress-text.ts'

export interface RunTiming {
  readonly seconds: number
  /** Resident memory of the whole process at its highest. */
  readonly peakMemoryBytes: number
  readonly threads: number
}

/** Groups of a column whose cell is an estimate. */
export interface Approximation {
  /** `keyset.column` */
  readonly column: string
  /** How, and how wrong it may be: `HyperLogLog ±0.8 %`. */
  readonly method: string
  readonly groupCount: number
}

export interface AccountOptions {
  readonly color: boolean
  readonly approximations?: readonly Approximation[]
  /** Columns (`keyset.column`) where a value that is not a number is left out, not added as 0: all but the sums. */
  readonly columnsWithoutZero?: ReadonlySet<string>
  /** The rule was made of flags: advice names them. */
  readonly isQuery?: boolean
}

/**
 * The account as text for stderr: one line of sums, then what went wrong, with reasons, counts and the first examples.
 *
 * @returns lines, each with its line end; safe to print whatever the data holds
 */
export function formatAccount(account: Account, timing: RunTiming, options: AccountOptions): string {
  const lines = [
    sumsLine(account, timing),
    ...badLines(account),
    ...reasonLines('filtered', account.filteredByReason),
    ...droppedLines(account),
    ...coercedLines(account, options.columnsWithoutZero ?? new Set()),
    ...hookLines(account),
    ...approximationLines(options.approximations ?? []),
  ]
  const warning = emptyResultLines(account, options.isQuery === true).map(line => paint(line, 'yellow', options.color))
  return [...lines, ...warning].map(line => `${line}\n`).join('')
}

function sumsLine(account: Account, {seconds, peakMemoryBytes, threads}: RunTiming): string {
  const {used, filtered, bad, blank, bytes} = account
  const sums = `in ${groupDigits(account.in)} = used ${groupDigits(used)} + filtered ${groupDigits(filtered)} + bad ${groupDigits(bad)}`
  const parts = [sums]
  if (blank > 0) parts.push(`${counted(blank, 'blank line')} apart`)
  parts.push(durationText(seconds * 1000))
  if (bytes > 0 && (seconds >= 1 || (seconds > 0 && bytes >= speedBytesMin))) parts.push(speedText(bytes / seconds))
  parts.push(`peak ${formatBytes(peakMemoryBytes)}`, counted(threads, 'thread'))
  return parts.join(' · ')
}

function badLines({bad, badByReason, badSamples}: Account): string[] {
  const shown = badSamples.slice(0, sampleShownCountMax)
  const lines = reasonLines('bad', badByReason)
  for (const {file, line, reason, detail, excerpt} of shown) {
    const why = detail === undefined ? reason : `${reason}: ${detail}`
    lines.push(`  ${placeOf(file, line)}  ${printable(why)}`)
    if (excerpt !== '') lines.push(`    ${printable(excerpt)}`)
  }
  if (shown.length > 0 && bad > shown.length) lines.push(`  … and ${groupDigits(bad - shown.length)} more`)
  return lines
}

/** `filtered: 12 preprocess, 3 key part missing`, the most frequent first. */
function reasonLines(title: string, counts: Readonly<Record<string, number>>): string[] {
  const reasons = mostFrequent(Object.entries(counts), count => count)
  if (reasons.length === 0) return []
  const texts = reasons.slice(0, listCountMax).map(([reason, count]) => `${groupDigits(count)} ${printable(reason)}`)
  if (reasons.length > listCountMax) texts.push(`… and ${counted(reasons.length - listCountMax, 'more reason')}`)
  return [`${title}: ${texts.join(', ')}`]
}

function droppedLines({dropped}: Account): string[] {
  return limited(mostFrequent(Object.entries(dropped), count => count)).map(entry =>
    typeof entry === 'string' ? entry : `${shortName(entry[0])} was missing or null in ${counted(entry[1], 'record')}`,
  )
}

function coercedLines({coerced}: Account, columnsWithoutZero: ReadonlySet<string>): string[] {
  return limited(mostFrequent(Object.entries(coerced), ({count}) => count)).map(entry => {
    if (typeof entry === 'string') return entry
    const [column, {count, example}] = entry
    const what = count === 1 ? '1 value is not a number' : `${groupDigits(count)} values are not numbers`
    const effect = columnsWithoutZero.has(column) ? 'left out' : 'counted as 0'
    const shown = example === '' ? '' : `, for example ${printable(example)}`
    return `${shortName(column)}: ${what}, ${effect}${shown}`
  })
}

function hookLines({hookErrors}: Account): string[] {
  return limited(mostFrequent(Object.entries(hookErrors), ({count}) => count)).flatMap(entry => {
    if (typeof entry === 'string') return [entry]
    const [hook, {count, message, sample}] = entry
    const times = count === 1 ? 'once' : `${groupDigits(count)} times`
    const lines = [
      `${printable(hook)} failed ${times}: ${printable(message)}`,
      `  first at ${placeOf(sample.file, sample.line)}`,
    ]
    if (sample.excerpt !== '') lines.push(`    ${printable(sample.excerpt)}`)
    return lines
  })
}

function approximationLines(approximations: readonly Approximation[]): string[] {
  return limited(approximations).map(entry =>
    typeof entry === 'string'
      ? entry
      : `${shortName(entry.column)}: estimates (${entry.method}) in ${counted(entry.groupCount, 'group')}`,
  )
}

/** Most frequent first, then by name: the same on every run. */
function mostFrequent<T>(
  entries: readonly (readonly [string, T])[],
  countOf: (value: T) => number,
): (readonly [string, T])[] {
  return entries
    .filter(([, value]) => countOf(value) > 0)
    .sort(([a, x], [b, y]) => countOf(y) - countOf(x) || (a < b ? -1 : 1))
}

function limited<T>(entries: readonly T[]): (T | string)[] {
  if (entries.length <= listCountMax) return [...entries]
  return [...entries.slice(0, listCountMax), `… and ${groupDigits(entries.length - listCountMax)} more`]
}

/** `keyset.column`, without the keyset when a rule names none (Inferno calls it `_default`). */
function shortName(name: string): string {
  return printable(name.replace(/^_default\./, ''))
}

function placeOf(file: string, line: number): string {
  return `${printable(file)}:${line}`
}

function counted(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`
}
