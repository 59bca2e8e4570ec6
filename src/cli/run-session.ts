/**
 * One run as a person sees it: progress while it scans, rows, and the account at the end. Shared by `inferno run` and
 * `inferno query`; the commands only say what is to be run.
 */
import {accessSync, closeSync, constants, openSync, renameSync, rmSync, statSync, writeSync} from 'node:fs'
import {dirname} from 'node:path'
import {messageOf, printable, UserError} from '../base/index.ts'
import type {Settings} from '../client/index.ts'
import type {Account, EngineChoice} from '../engine/index.ts'
import {
  checkHaving,
  checkTop,
  type Delivered,
  deliver,
  headersOf,
  type RowChoice,
  RowCounter,
  type RuleRun,
  type RunSettings,
  type RunSource,
  runRule,
} from '../project/index.ts'
import {type Cell, compilePlan, type Rule, subRulesOf} from '../rules/index.ts'
import {cellJson, type SinkFormat} from '../sinks/index.ts'
import {
  formatAccount,
  openProgress,
  type Phase,
  type ProgressDisplay,
  type ProgressSnapshot,
  progressStyle,
} from '../ui/index.ts'
import type {BadLine, ScanSnapshot} from '../worker/index.ts'
import {clockMs} from './clock.ts'
import {engineOf} from './engine-choice.ts'
import {havingOf, maxBadOf, memoryBytesOf, threadsOf, topOf} from './flag-values.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {missingFieldsText} from './missing-fields-text.ts'
import {peakMemoryBytes} from './peak-memory.ts'
import {repeatedNamesText} from './repeated-names-text.ts'
import {unusedFilesText} from './unused-files-text.ts'

/** The parsed flags of run-flags.ts that a session looks at. */
export interface SessionFlags {
  readonly format?: string | undefined
  readonly out?: string | undefined
  readonly rows: number
  readonly top?: string | undefined
  readonly having?: string | undefined
  readonly sample?: number | undefined
  readonly engine?: string | undefined
  readonly 'max-bad'?: string | undefined
  readonly 'bad-out'?: string | undefined
  readonly threads?: number | undefined
  readonly memory?: string | undefined
  readonly quiet: boolean
  readonly json?: boolean | undefined
}

export interface SessionRequest {
  readonly source: RunSource
  readonly inputs: readonly string[]
  readonly params: Readonly<Record<string, unknown>>
  readonly flags: SessionFlags
  readonly settings: Settings
  /** Takes the rows instead of standard output and files. */
  readonly sink?: SessionSink | undefined
  /** Runs the rule elsewhere than here. */
  readonly run?: ((settings: RunSettings) => Promise<RuleRun>) | undefined
}

/** A sink as a run over files needs it (file-sink.ts). */
export interface SessionSink {
  /** @returns what a person should know */
  prepare(signal: AbortSignal): Promise<string | undefined>
  deliver(run: RuleRun, signal: AbortSignal): Promise<Delivered>
  text(): string
}

/** What --json prints. */
export interface SessionResult {
  readonly rule: string
  readonly job: string
  readonly keysets:
    | Readonly<Record<string, {readonly columns: readonly string[]; readonly rows: readonly unknown[]}>>
    | undefined
  readonly rowCounts: Readonly<Record<string, number>>
  readonly estimates: Readonly<Record<string, number>>
  readonly files: readonly string[]
  readonly account: Account
  readonly seconds: number
  readonly bytes: number
  readonly peakMemoryBytes: number
  readonly threads: number
  readonly spilledBytes: number
}

/**
 * Runs one rule over files and tells of it on standard error. `ruleCleanup` is called last, after success only.
 *
 * @throws UserError BAD_FLAG, INTERRUPTED; what a run and its sink throw
 */
export async function runSession(request: SessionRequest): Promise<SessionResult> {
  const {flags, source} = request
  const startedMs = clockMs()
  if (flags['bad-out'] !== undefined) checkFolderOf(flags['bad-out'])
  checkChosenRows(source, flags, request.sink !== undefined)
  const {signal, release} = interruptSignal('interrupted; nothing was written')
  const stderr = process.stderr
  const display = openProgress({
    stream: stderr,
    isTty: stderr.isTTY === true,
    env: process.env,
    quiet: flags.quiet || flags.json === true,
  })
  const show = new ScanProgress(display, startedMs)
  let run: RuleRun | undefined
  try {
    const {sink} = request
    const note = await sink?.prepare(signal)
    if (note !== undefined) display.note(note)
    const runIt = request.run ?? ((settings: RunSettings) => runRule(source, settings))
    const engine = request.run === undefined ? choiceOf(request) : undefined
    run = await runIt({
      inputs: request.inputs,
      params: request.params,
      threads: threadsOf(flags.threads),
      memoryBytes: memoryBytesOf(flags.memory),
      sample: flags.sample,
      engine,
      maxBad: maxBadOf(flags['max-bad']),
      keepsBad: flags['bad-out'] !== undefined,
      rowsAreText: sink === undefined && areText(request),
      onProgress: snapshot => show.scan(snapshot),
      onNote: line => display.note(printable(line)),
      signal,
    })
    show.phase('merge')
    const isData = flags.json === true && flags.out === undefined && sink === undefined
    const rows = isData ? collectRows(run, flags) : undefined
    if (rows === undefined) await display.close()
    const delivered =
      rows?.delivered ??
      (await (sink === undefined ? deliverRows(run, flags, request.settings, signal) : sink.deliver(run, signal)))
    if (flags['bad-out'] !== undefined) writeBadLines(flags['bad-out'], run.badLines())
    const seconds = (clockMs() - startedMs) / 1000
    const result = resultOf(run, delivered, rows?.keysets, seconds)
    await display.close()
    if (!flags.quiet && flags.json !== true) {
      stderr.write((sink?.text() ?? '') + closingText(run, delivered, result, flags))
      if (result.account.in === 0 && readsPipe(request))
        stderr.write('  standard input was empty; name files with --input\n')
      // Lines that are elsewhere cannot be looked at.
      if (request.run === undefined) {
        stderr.write(unusedFilesText(run, result.account))
        stderr.write(await repeatedNamesText(run, request.inputs))
        stderr.write(await missingFieldsText(run, result.account, request, signal))
      }
    }
    await run.cleanUp()
    return result
  } finally {
    await display.close()
    run?.close()
    release()
  }
}

/** Nobody named an input, and the rule names none: what came was what stood at standard input, in a script often nothing. */
const readsPipe = ({inputs, source: {rule}}: SessionRequest): boolean =>
  inputs.length === 0 && (rule.options.sourceUrls ?? []).length === 0 && subRulesOf(rule).length === 0

/**
 * What scans here. Another engine of the settings is for rules: what is not run there is run here.
 *
 * @throws UserError BAD_FLAG where another engine was asked for, and nothing can be run there
 */
function choiceOf({flags, source, settings}: SessionRequest): EngineChoice {
  const chosen = engineOf(flags.engine, source.rule, settings)
  if (chosen.type === 'here') return chosen.choice
  if (flags.engine === undefined) return 'auto'
  throw new UserError('BAD_FLAG', 'another engine runs rules only', {
    hint: 'write a rule and use: inferno run RULE --engine clickhouse=ADDRESS; or leave it out with: --engine auto',
    exitCode: 2,
  })
}

/**
 * A part of the rows is for looking: a database or a processor that got it would never have the rest.
 *
 * @throws UserError BAD_FLAG
 */
export function checkChosenRows({rule, module, keyset}: RunSource, flags: SessionFlags, hasSink: boolean): void {
  const {top, having} = choiceOfRows(flags)
  if (top === undefined && having === undefined) return
  const isShown = flags.format !== undefined || flags.out !== undefined || flags.json === true
  if (hasSink || (!isShown && rule.options.resultProcessor !== undefined)) {
    throw new UserError(
      'BAD_FLAG',
      `${top === undefined ? '--having' : '--top'} is for looking, and the rows go elsewhere`,
      {
        hint: 'show them with --format table',
        exitCode: 2,
      },
    )
  }
  const headers = headersOf(compilePlan(rule, {module, keyset}).plan)
  if (having !== undefined) checkHaving(headers, having)
  if (top !== undefined) checkTop(headers, top)
}

/** @throws UserError BAD_FLAG, BAD_EXPRESSION */
const choiceOfRows = ({top, having}: Pick<SessionFlags, 'top' | 'having'>): RowChoice => ({
  top: topOf(top),
  having: havingOf(having),
})

/**
 * To where flags, rule and settings say. Without a format: a table on a terminal, else CSV.
 *
 * @throws as `deliver`
 */
export function deliverRows(
  run: RuleRun,
  flags: SessionFlags,
  settings: Settings,
  signal: AbortSignal,
): Promise<Delivered> {
  const isTty = process.stdout.isTTY === true
  const {format, out} = placeOf(run.rule, flags, settings)
  return deliver(run, process.stdout, {
    format: format as SinkFormat | undefined,
    defaultFormat: defaultFormatOf(settings),
    out,
    ...choiceOfRows(flags),
    signal,
    ...(isTty ? {width: process.stdout.columns} : {}),
    ...(flags.rows > 0 ? {rowLimit: flags.rows} : {}),
  })
}

const defaultFormatOf = ({format}: Settings): SinkFormat =>
  (format as SinkFormat | undefined) ?? (process.stdout.isTTY === true ? 'table' : 'csv')

/** Whether rows leave as the text that they are merged to: see `deliver`. */
function areText({flags, source: {rule}, settings}: SessionRequest): boolean {
  const {format, out} = placeOf(rule, flags, settings)
  if (flags.json === true || out !== undefined || process.stdout.isTTY === true) return false
  const {top, having} = choiceOfRows(flags)
  if (top !== undefined || having !== undefined) return false
  if (format === undefined && rule.options.resultProcessor !== undefined) return false
  return ['csv', 'ndjson'].includes(format ?? defaultFormatOf(settings))
}

/** What somebody typed is before the rule's own processor; a preference of the settings is behind it. */
function placeOf(rule: Rule, flags: SessionFlags, settings: Settings): Pick<SessionFlags, 'format' | 'out'> {
  const isOpen = flags.format === undefined && rule.options.resultProcessor === undefined
  const out = flags.out ?? (isOpen ? settings.out : undefined)
  return {out, format: flags.format ?? (out === undefined ? undefined : settings.format)}
}

/** Rows as data, for --json; numbers keep their digits. */
export function collectRows(
  run: RuleRun,
  flags: Pick<SessionFlags, 'top' | 'having'>,
): {keysets: NonNullable<SessionResult['keysets']>; delivered: Delivered} {
  const keysets = Object.fromEntries(
    run.headers.map(header => [header.name, {columns: header.columns, rows: [] as unknown[]}]),
  )
  const counter = new RowCounter(run, choiceOfRows(flags))
  for (const {keyset, key, values} of counter.counted()) {
    keysets[keyset] ??= {columns: [], rows: []}
    keysets[keyset].rows.push([...key, ...values.map(jsonValue)])
  }
  return {keysets, delivered: {...counter.counts(), files: [], to: 'stream'}}
}

/** A cell as JSON.stringify should write it. */
function jsonValue(cell: Cell): unknown {
  if (cell === null || typeof cell === 'string' || typeof cell === 'boolean') return cell
  if (Array.isArray(cell)) return cell.map(jsonValue)
  const text = cellJson(cell)
  if (!text.startsWith('{')) return JSON.rawJSON(text)
  return Object.fromEntries(
    Object.entries(cell as Record<string, Cell>).map(([name, value]) => [name, jsonValue(value)]),
  )
}

/**
 * @param keysets - the rows, when `--json` prints them
 * @param seconds - from the start of the command until the rows are where they belong
 */
export function resultOf(
  run: RuleRun,
  delivered: Delivered,
  keysets: SessionResult['keysets'],
  seconds: number,
): SessionResult {
  const account = run.account()
  return {
    rule: run.plan.rule,
    get job() {
      return run.jobId
    },
    keysets,
    rowCounts: delivered.rowCounts,
    estimates: delivered.estimates,
    files: delivered.files,
    account,
    seconds,
    bytes: account.bytes,
    peakMemoryBytes: peakMemoryBytes(),
    threads: run.threads,
    spilledBytes: run.spilledBytes,
  }
}

/** What standard error says after the rows: where they are, what was approximate, and the account. */
export function closingText(run: RuleRun, delivered: Delivered, result: SessionResult, flags: SessionFlags): string {
  const style = progressStyle({stream: process.stderr, isTty: process.stderr.isTTY === true, env: process.env})
  const approximations = Object.entries(delivered.estimates).map(([column, groupCount]) => ({
    column,
    method: 'HyperLogLog ±0.8 %',
    groupCount,
  }))
  const noZero = run.plan.keysets.flatMap(({name, values}) =>
    values.flatMap(node => (node.aggregate === 'sum' ? [] : [`${name}.${node.column}`])),
  )
  const lines: string[] = delivered.files.map(file => `wrote ${file}\n`)
  if (delivered.to === 'nowhere')
    lines.push('the rule says resultProcessor: null, so its rows go nowhere; --format shows them\n')
  const rowCount = Object.values(delivered.rowCounts).reduce((sum, count) => sum + count, 0)
  if (rowCount === 0 && delivered.to !== 'nowhere' && result.account.used > 0) lines.push('no rows: nothing matched\n')
  if (flags['bad-out'] !== undefined) lines.push(`bad records are in ${flags['bad-out']}\n`)
  const account = formatAccount(result.account, result, {
    color: style === 'screen',
    approximations,
    columnsWithoutZero: new Set(noZero),
    // Only a rule of a file says where it stands.
    isQuery: run.rule.definedAt === undefined,
  })
  return lines.join('') + account
}

/** Found out before an hour of scanning rather than after it. */
export function checkFolderOf(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    throw new UserError('OUTPUT_FAILED', `cannot write bad records to ${printable(path)}: ${messageOf(error)}`, {
      cause: error,
      hint: 'name a file in a folder that exists and that you may write to',
    })
  }
}

/** All bad records, or none and an error. They may be many: written as they are read, under another name until complete. */
export function writeBadLines(path: string, lines: Iterable<BadLine>): void {
  const isOrdinary = statSync(path, {throwIfNoEntry: false})?.isFile() ?? true
  const target = isOrdinary ? `${path}.part` : path
  try {
    const file = openSync(target, 'w')
    try {
      for (const line of lines) writeSync(file, `${JSON.stringify(line)}\n`)
    } finally {
      closeSync(file)
    }
    if (isOrdinary) renameSync(target, path)
  } catch (error) {
    if (isOrdinary) rmSync(target, {force: true})
    throw new UserError('OUTPUT_FAILED', `cannot write bad records to ${printable(path)}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** Scan snapshots as the progress display wants them. */
export class ScanProgress {
  readonly #display: ProgressDisplay
  readonly #startedMs: number
  #last: ProgressSnapshot = {
    phase: 'scan',
    elapsedMs: 0,
    bytesDone: 0,
    bytesTotal: null,
    records: 0,
    bad: 0,
    threads: [],
  }

  constructor(display: ProgressDisplay, startedMs: number) {
    this.#display = display
    this.#startedMs = startedMs
  }

  scan({sourceBytes, sourceBytesTotal, records, bad, scanners}: ScanSnapshot): void {
    const threads = scanners.map(({bytes, isBusy}) => ({
      bytesDone: bytes,
      state: isBusy ? ('busy' as const) : ('idle' as const),
    }))
    this.#update({
      phase: 'scan',
      elapsedMs: 0,
      bytesDone: sourceBytes,
      bytesTotal: sourceBytesTotal,
      records,
      bad,
      threads,
    })
  }

  phase(phase: Phase): void {
    this.#update({...this.#last, phase})
  }

  #update(snapshot: ProgressSnapshot): void {
    this.#last = {...snapshot, elapsedMs: clockMs() - this.#startedMs}
    this.#display.update(this.#last)
  }
}
