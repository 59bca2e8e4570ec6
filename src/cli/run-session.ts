/**
 * One run as a person sees it: progress while it scans, rows, and the account at the end. Shared by `inferno run` and
 * `inferno query`; the commands only say what is to be run.
 */
import {printable, UserError} from '../base/index.ts'
import type {Settings} from '../client/index.ts'
import type {EngineChoice} from '../engine/index.ts'
import {type Delivered, findingsOf, type RuleRun, type RunSettings, type RunSource, runRule} from '../project/index.ts'
import {subRulesOf} from '../rules/index.ts'
import {openProgress} from '../ui/index.ts'
import {checkFolderOf, writeBadLines} from './bad-out.ts'
import {clockMs} from './clock.ts'
import {closingText} from './closing-text.ts'
import {areText, checkChosenRows, deliverRows} from './deliver-rows.ts'
import {engineOf} from './engine-choice.ts'
import {findingsText} from './findings-text.ts'
import {maxBadOf, memoryBytesOf, threadsOf} from './flag-values.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {lookAtFiles} from './look-at-files.ts'
import {ScanProgress} from './scan-progress.ts'
import {type SessionFlags, wantsFindings} from './session-flags.ts'
import {collectRows, resultOf, type SessionResult} from './session-result.ts'

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
  const isSilent = flags.quiet || flags.json === true
  // Lines that are elsewhere cannot be looked at.
  const looks = request.run === undefined && wantsFindings(flags) ? await lookAtFiles(request) : undefined
  const {signal, release} = interruptSignal('interrupted; nothing was written')
  const stderr = process.stderr
  const display = openProgress({
    stream: stderr,
    isTty: stderr.isTTY === true,
    env: process.env,
    quiet: isSilent,
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
      rowsAreText: sink === undefined && areText(source.rule, flags, request.settings),
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
    if (!isSilent) {
      stderr.write((sink?.text() ?? '') + closingText(run, delivered, result, flags))
      if (result.account.in === 0 && readsPipe(request))
        stderr.write('  standard input was empty; name files with --input\n')
    }
    const scanned = [...run.inner, run].map(({plan, rule, unusedFiles, account}) => ({
      plan,
      rule,
      unusedFiles,
      account: account(),
    }))
    const findings = looks === undefined ? [] : await findingsOf(scanned, looks.during(signal))
    if (!isSilent) stderr.write(findingsText(findings, run.plan.rule))
    await run.cleanUp()
    // Put onto it: a copy would ask for the name of its job.
    return Object.assign(result, {findings})
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
