/** `ddfs watch` as a person starts it: flags to options, lines to print, signals. */
import {createHash} from 'node:crypto'
import {statSync} from 'node:fs'
import {hostname} from 'node:os'
import {basename, join, resolve} from 'node:path'
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import {type ClusterChoice, chunkBytesMax, chunkBytesMin, homePaths, withCluster} from '../../client/index.ts'
import {openWatchLedger} from '../../storage/index.ts'
import {statisticsFields} from '../statistics.ts'
import {clusterTarget} from './chunk-target.ts'
import type {Report} from './events.ts'
import {type FollowOptions, followFolder, type LeftBehind} from './follow.ts'
import {lineOf, WatchTotals} from './report-text.ts'
import {compileSelection} from './select-files.ts'
import {compileTagTemplate} from './tag-template.ts'

export interface WatchFlags extends ClusterChoice {
  readonly tag: string
  /** Bytes. */
  readonly chunkBytes: number
  readonly recordBytesMax: number
  /** `60s`, `5m`. */
  readonly age: string
  readonly once?: boolean | undefined
  readonly pattern?: readonly string[] | undefined
  readonly match?: string | undefined
  readonly recursive?: boolean | undefined
  readonly 'from-end'?: boolean | undefined
  readonly timezone: string
  readonly poll?: boolean | undefined
  readonly ledger?: string | undefined
  readonly gzip?: boolean | undefined
  readonly plain?: boolean | undefined
  readonly csv?: boolean | undefined
  readonly separator?: string | undefined
  readonly 'no-header'?: boolean | undefined
  readonly statistics?: readonly string[] | undefined
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly replicas?: number | undefined
  readonly 'min-replicas'?: number | undefined
  readonly 'tag-token'?: string | undefined
}

/**
 * Follows `directory` until Ctrl-C or SIGTERM, which is a normal end, or with `once` until it is drained.
 *
 * @throws UserError BAD_FLAG, BAD_NAME, INPUT_NOT_FOUND, CANNOT_START before anything is pushed; at the end of a drain that had
 *   to leave something behind INPUT_UNREADABLE, or ClusterError UNAVAILABLE
 */
export async function runWatch(directory: string, flags: WatchFlags): Promise<void> {
  const folder = folderOf(directory)
  const totals = new WatchTotals()
  const onReport = (report: Report): void => {
    totals.add(report)
    print(report, flags)
  }
  const ledgerPath = resolve(flags.ledger ?? defaultLedger(flags.home, folder, flags.tag))
  const options = followOptions(folder, ledgerPath, flags, onReport)
  const ledger = await openWatchLedger(ledgerPath, folder)
  if (!flags.csv && flags.pattern?.some(pattern => tablePattern.test(pattern)))
    onReport({
      type: 'warning',
      message: 'tables are cut at line ends, and only the first chunk has their header; --csv repeats it',
    })
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  for (const signal of signals) process.once(signal, stop)
  try {
    if (!flags.once && !flags.quiet) process.stderr.write(`following ${folder}; Ctrl-C stops\n`)
    const failure = await withCluster(flags, client => {
      const onWarning = (message: string): void => onReport({type: 'warning', message})
      const {replicas: replicaCount, 'min-replicas': minReplicas, 'tag-token': tagToken} = flags
      return followFolder(
        options,
        ledger,
        clusterTarget(client, {replicaCount, minReplicas, tagToken, onWarning}),
        stopping.signal,
      )
    })
    if (!flags.quiet) process.stderr.write(`${totals.line()}\n`)
    if (failure !== undefined) throw errorOf(failure)
  } finally {
    for (const signal of signals) process.off(signal, stop)
    ledger.close()
  }
}

/** Names of tables, packed or not. */
const tablePattern = /\.[ct]sv(?:\.(?:gz|zst))?\*?$/i

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function errorOf({message, isAway}: LeftBehind): Error {
  const text = `not everything is pushed: ${message}`
  const hint = 'what was not pushed stays where it is: the next run goes on from there'
  return isAway ? new ClusterError('UNAVAILABLE', text, {hint}) : new UserError('INPUT_UNREADABLE', text, {hint})
}

/** What the flags say. A flag that was not given is undefined, also a boolean one. @throws UserError BAD_FLAG, BAD_NAME */
export function followOptions(
  folder: string,
  ledgerPath: string,
  flags: WatchFlags,
  onReport: (report: Report) => void,
): FollowOptions {
  const {chunkBytes, recordBytesMax, separator = ','} = flags
  if (chunkBytes < chunkBytesMin || chunkBytes > chunkBytesMax) {
    throw new UserError('BAD_FLAG', `--size must be from ${chunkBytesMin} to ${chunkBytesMax} bytes`, {exitCode: 2})
  }
  if (Buffer.byteLength(separator) !== 1) {
    throw new UserError('BAD_FLAG', `--separator must be one ASCII character, not "${separator}"`, {exitCode: 2})
  }
  const match = flags.match === undefined ? undefined : regexOf(flags.match)
  const timeZone = zoneOf(flags.timezone)
  return {
    folder,
    chunkBytes,
    recordBytesMax,
    ageMs: ageMsOf(flags.age),
    isOnce: flags.once === true,
    isFromEnd: flags['from-end'] === true,
    isPolling: flags.poll === true,
    isRecursive: flags.recursive === true,
    isWanted: compileSelection(flags.pattern ?? [], match),
    tagOf: compileTagTemplate(flags.tag, {host: hostname(), folderName: basename(folder), timeZone, match}),
    codec: flags.plain ? 'plain' : flags.gzip ? 'gzip' : 'zstd',
    format: flags.csv ? {type: 'csv', separator: separator.charCodeAt(0)} : {type: 'lines'},
    hasHeader: flags.csv === true && flags['no-header'] !== true,
    statistics: statisticsFields(flags.statistics),
    spoolFolder: `${ledgerPath}.spool`,
    onReport,
  }
}

/** One a folder and tag: the same logs can go to two tags. */
function defaultLedger(home: string | undefined, folder: string, tag: string): string {
  const key = createHash('sha256')
    .update(JSON.stringify([folder, tag]))
    .digest('hex')
    .slice(0, 16)
  return join(homePaths(home).home, 'watch', `${basename(folder).replace(/[^\w.-]/g, '_')}-${key}.sqlite`)
}

function folderOf(directory: string): string {
  const folder = resolve(directory)
  if (statSync(folder, {throwIfNoEntry: false})?.isDirectory() === true) return folder
  throw new UserError('INPUT_NOT_FOUND', `${directory} is not a folder`)
}

const unitsMs: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000}

/** @throws UserError BAD_FLAG */
export function ageMsOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)$/.exec(text.trim())
  if (match !== null) return Math.round(Number(match[1]) * (unitsMs[match[2] ?? ''] ?? 0))
  throw new UserError('BAD_FLAG', `--age: "${text}" is not a time`, {hint: 'write it as 60s, 5m or 1h', exitCode: 2})
}

function regexOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new UserError('BAD_FLAG', `--match: ${messageOf(error)}`, {cause: error, exitCode: 2})
  }
}

function zoneOf(text: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', {timeZone: text}).resolvedOptions().timeZone
  } catch (error) {
    throw new UserError('BAD_FLAG', `--timezone: there is no time zone "${text}"`, {
      cause: error,
      hint: 'zones have IANA names such as Europe/Berlin',
      exitCode: 2,
    })
  }
}

function print(report: Report, {json, quiet}: WatchFlags): void {
  if (report.type === 'pushed') {
    const {tag, entry, file, from, to} = report
    if (json) {
      const {blob, name, bytes, recordCount, rawBytes} = entry
      process.stdout.write(`${JSON.stringify({tag, blob, name, file, from, to, bytes, recordCount, rawBytes})}\n`)
    } else if (!quiet) process.stdout.write(`${entry.blob}\t${tag}\t${entry.name}\n`)
    return
  }
  const isError = report.type === 'unreadable' || report.type === 'lost'
  if (!quiet || isError) process.stderr.write(`${lineOf(report)}\n`)
}
