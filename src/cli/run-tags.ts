/** One run over tags as a person sees it. What `run-session.ts` is for files. */
import {formatBytes, printable} from '../base/index.ts'
import {type ClusterClient, runVariable, type Settings} from '../client/index.ts'
import {
  type Delivered,
  type Delivery,
  findingsOf,
  type RunReport,
  type RunSource,
  runOverTags,
  skippedText,
  type TagRun,
} from '../project/index.ts'
import {checkFolderOf, writeBadLines} from './bad-out.ts'
import {closingText} from './closing-text.ts'
import {checkChosenRows, deliverRows} from './deliver-rows.ts'
import {engineOf} from './engine-choice.ts'
import {sinkText} from './file-sink.ts'
import {findingsText} from './findings-text.ts'
import {maxBadOf, memoryBytesOf, threadsOf} from './flag-values.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {lookAtTags, type ScannedTagRule} from './look-at-tags.ts'
import {openRuleSink, type SinkFlags} from './rule-sink.ts'
import {ScanProgress} from './scan-progress.ts'
import {scanner} from './scanner.ts'
import {type SessionFlags, wantsFindings} from './session-flags.ts'
import {collectRows, resultOf, type SessionResult} from './session-result.ts'
import {overridesOf, type SourceFlags} from './tag-flags.ts'
import {openTagProgress} from './tag-progress.ts'

/** The parsed flags of run-flags.ts that a run over tags looks at. */
export interface TagFlags extends SessionFlags, SourceFlags, SinkFlags {
  readonly cluster?: boolean | undefined
  readonly 'result-tag'?: string | undefined
  /** undefined where the flag was not given, as oclif leaves it. */
  readonly force?: boolean | undefined
  readonly 'no-cache'?: boolean | undefined
  readonly 'allow-missing'?: boolean | undefined
}

export interface TagSessionRequest {
  readonly source: RunSource
  readonly client: ClusterClient
  readonly params: Readonly<Record<string, unknown>>
  readonly flags: TagFlags
  readonly settings: Settings
}

/** What --json prints; of a run that did not read anything only the report. */
export interface TagSessionResult extends Partial<SessionResult> {
  readonly rule: string
  readonly report: RunReport
}

/** What a run ended with: the report in every case, and what is to be thrown when it failed. */
export interface TagSessionEnd {
  readonly result: TagSessionResult
  readonly error?: unknown
}

/**
 * Runs one rule over tags and tells of it on standard error. A run that failed is returned as its report with the error.
 *
 * @throws what is wrong before there is a run: flags, the engine, the sink
 */
export async function tagSession(request: TagSessionRequest): Promise<TagSessionEnd> {
  const {flags, source, client, settings} = request
  const startedMs = performance.now()
  if (flags['bad-out'] !== undefined) checkFolderOf(flags['bad-out'])
  const chosen = engineOf(flags.engine, source.rule, settings)
  await using elsewhere =
    chosen.type === 'here'
      ? undefined
      : await (await import('./run-on-clickhouse.ts')).openEngineScan(source.rule, chosen.address, flags)
  // Before anything is shown or scanned: what is wrong with it is told at once.
  const {stderr} = process
  let tell = (line: string): unknown => stderr.write(`${line}\n`)
  const sink = await openRuleSink(source, flags, settings, {onNote: line => tell(printable(line))})
  const {signal, release} = interruptSignal('interrupted; what was not delivered comes with the next run')
  const isQuiet = flags.quiet || flags.json === true
  const display = openTagProgress(stderr, process.env, isQuiet)
  tell = line => display.note(line)
  const show = new ScanProgress(display, startedMs)
  let session: SessionResult | undefined
  let keysets: SessionResult['keysets']
  let delivered: Delivered | undefined
  let scanned: readonly ScannedTagRule[] = []
  const isOfDaemon = process.env[runVariable] !== undefined
  try {
    checkChosenRows(source, flags, sink !== undefined)
    const outcome = await runOverTags({
      source,
      params: request.params,
      cluster: client,
      overrides: overridesOf(flags),
      resultTag: flags['result-tag'],
      // Nobody looks at the jobs of a daemon one by one: they would only pile up.
      keepsJob: !isOfDaemon,
      force: flags.force === true,
      usesCache: flags['no-cache'] !== true && settings.cache !== false,
      allowsMissing: flags['allow-missing'] === true,
      engine: chosen.type === 'here' ? chosen.choice : 'auto',
      memoryBytes: memoryBytesOf(flags.memory),
      threads: threadsOf(flags.threads),
      maxBad: maxBadOf(flags['max-bad']),
      keepsBad: flags['bad-out'] !== undefined,
      sink,
      scan:
        elsewhere?.scan({
          rule: source.rule,
          sink,
          resultTag: flags['result-tag'],
          onNote: line => display.note(printable(line)),
        }) ?? scanner,
      deliver: async run => {
        show.phase('merge')
        if (flags.json === true && flags.out === undefined) {
          const rows = collectRows(run, flags)
          keysets = rows.keysets
          delivered = rows.delivered
        } else {
          await display.close()
          delivered = await deliverRows(run, flags, settings, signal)
        }
        return {rowCounts: delivered.rowCounts, to: placeOf(delivered, flags.out ?? settings.out)}
      },
      onDelivered: async (run, delivery) => {
        if (flags['bad-out'] !== undefined) writeBadLines(flags['bad-out'], run.badLines())
        const told = delivered ?? throughSink(delivery)
        session = resultOf(run, told, keysets, (performance.now() - startedMs) / 1000)
        await display.close()
        if (!isQuiet) stderr.write(deliveryText(run, delivery) + scanText(run) + closingText(run, told, session, flags))
        scanned = [...run.inner, run].map(scannedOf)
      },
      clockMs: Date.now,
      onProgress: snapshot => show.scan(snapshot),
      onJob: (info, isOutermost) => display.job(info, isOutermost),
      onNote: line => display.note(printable(line)),
      signal,
    })
    await display.close()
    if (!isQuiet) stderr.write(endText(outcome.report, session !== undefined))
    // A batch of the daemon's may well lack what others have, and nobody waits for advice there.
    const look = isOfDaemon || !wantsFindings(flags) ? undefined : lookAtTags(client, flags, signal)
    const findings = outcome.report.state === 'done' ? await findingsOf(scanned, look) : []
    if (!isQuiet && !isOfDaemon) stderr.write(findingsText(findings, outcome.report.rule))
    const report = outcome.report.state === 'done' ? {...outcome.report, findings} : outcome.report
    const result: TagSessionResult = {...session, findings, rule: report.rule, report}
    return outcome.error === undefined ? {result} : {result, error: outcome.error}
  } finally {
    await display.close()
    await sink?.close()
    release()
  }
}

/** What is looked at when the run is closed. */
const scannedOf = ({plan, rule, unusedFiles, account, inputs, scan}: TagRun): ScannedTagRule => ({
  plan,
  rule,
  unusedFiles,
  account: account(),
  inputs,
  isWhole: scan.missing.length === 0,
})

function placeOf({to}: Delivered, out: string | undefined): string {
  if (to === 'files') return `files in ${out}`
  if (to === 'processor') return 'resultProcessor'
  return to === 'stream' ? 'stdout' : 'nowhere'
}

const throughSink = ({rowCounts}: Delivery): Delivered => ({rowCounts, estimates: {}, files: [], to: 'processor'})

function deliveryText({staged}: TagRun, {receipt, rowCounts, to}: Delivery): string {
  if (receipt === undefined) return ''
  if (receipt.isRepeat) return `the rows are in ${to} already\n`
  return sinkText(to, rowCounts, staged !== undefined)
}

function scanText(run: TagRun): string {
  const {cached, missing, skipped} = run.scan
  const lines = [
    ...(cached.length > 0 ? [`inputs kept from earlier runs: ${cached.length}`] : []),
    ...(skipped.length > 0 ? [skippedLine(run)] : []),
    ...(missing.length > 0 ? [missingText(run)] : []),
  ]
  return lines.map(line => `${line}\n`).join('')
}

function skippedLine({inputs, scan: {skipped}}: TagRun): string {
  const bytes = skipped.reduce((sum, {input}) => sum + (inputs[input]?.bytes ?? 0), 0)
  return `skipped by their statistics: ${skippedText(skipped, bytes, `${inputs.length} inputs`)}`
}

/** How much is missing: of how many, of how many bytes, and which. */
function missingText({inputs, scan: {missing}}: TagRun): string {
  const gone = missing.map(number => inputs[number]!)
  const size = (some: TagRun['inputs']): string => formatBytes(some.reduce((sum, {bytes = 0}) => sum + bytes, 0))
  const names = gone.slice(0, missingShownMax).map(({name}) => printable(name))
  const more = gone.length > names.length ? `, and ${gone.length - names.length} more` : ''
  const count = `${gone.length} of ${inputs.length} (${size(gone)} of ${size(inputs)} stored)`
  return `blobs that could not be read, missing in the rows: ${count}: ${names.join(', ')}${more}`
}

/** Blobs that are missing and told by name; the report has all of them. */
const missingShownMax = 5

/** @param wasTold - the delivery has been told of */
function endText({state, reason, rule, backlog, isRepeat, job}: RunReport, wasTold: boolean): string {
  if (state === 'skipped') return `${rule} was skipped: ${reason}\n`
  if (state !== 'done') return ''
  const lines = [
    ...(isRepeat && job === null ? ['the rows were there already; only what was done is marked\n'] : []),
    ...(isRepeat && job !== null && !wasTold ? ['the rows were there already; nothing was written twice\n'] : []),
    ...(backlog.blobs > 0 ? [`blobs that wait for the next run: ${backlog.blobs}\n`] : []),
  ]
  return lines.join('')
}
