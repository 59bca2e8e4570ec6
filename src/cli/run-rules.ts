/** `inferno run`: finds the rules that are meant and runs them one after another, once or whenever something changes. */
import {UserError} from '../base/index.ts'
import type {ClusterChoice} from '../client/index.ts'
import {
  type DryRun,
  isEngineInput,
  type RuleTarget,
  type RunSettings,
  type RunSource,
  readsTags,
  rulePathOf,
  type TagDryRun,
  watchUntilStopped,
} from '../project/index.ts'
import {engineOf} from './engine-choice.ts'
import type {FileSink, FileSinkRequest} from './file-sink.ts'
import {lazyClient, parametersOf, type RuleFlags, sourceOf, targetsOf} from './rule-targets.ts'
import type {EngineRun} from './run-on-clickhouse.ts'
import {runSession} from './run-session.ts'
import type {TagFlags, TagSessionResult} from './run-tags.ts'
import type {SessionResult} from './session-result.ts'
import {asksForTags} from './tag-flags.ts'
import {isReported, reported, reportOfFailure, reportOfFiles, writeReport} from './write-report.ts'

export interface RunRulesFlags extends TagFlags, RuleFlags, ClusterChoice {
  readonly input?: readonly string[] | undefined
  readonly 'dry-run': boolean
  readonly watch: boolean
  readonly report?: string | undefined
}

/**
 * Runs the rules that are named one after another, each over files or over tags. With `--report` a run that fails has one, too.
 *
 * @returns a result for each rule; undefined after `--watch`
 * @throws the first error: rules after it are not run
 */
export async function runRules(
  reference: string,
  flags: RunRulesFlags,
): Promise<(SessionResult | TagSessionResult | DryRun | TagDryRun)[] | undefined> {
  const startedAtMs = Date.now()
  try {
    return await runWithReport(reference, flags)
  } catch (error) {
    // A run that came so far as to have a report of its own has written it.
    if (flags.report !== undefined && !isReported(error)) {
      writeReport(flags.report, reportOfFailure(reference, error, startedAtMs))
    }
    throw error
  }
}

async function runWithReport(
  reference: string,
  flags: RunRulesFlags,
): Promise<(SessionResult | TagSessionResult | DryRun | TagDryRun)[] | undefined> {
  const {settings, params} = await parametersOf(flags)
  const inputs = flags.input ?? []
  const onCluster = (target: RuleTarget): boolean =>
    inputs.length === 0 && (asksForTags(flags) || readsTags(target.rule))
  await using cluster = lazyClient(flags)
  if (flags['dry-run']) {
    const {dryRunRules} = await import('./dry-run-rules.ts')
    const targets = await targetsOf(reference, flags)
    return dryRunRules({targets, inputs, onCluster, client: cluster.get, params, flags, settings})
  }
  const engineFor = async (source: RunSource): Promise<EngineRun | undefined> => {
    const chosen = engineOf(flags.engine, source.rule, settings)
    if (chosen.type === 'here') return checkInputs(inputs)
    const {openEngineRun} = await import('./run-on-clickhouse.ts')
    return openEngineRun({source, address: chosen.address, inputs, params, flags, settings})
  }
  const runOne = async (target: RuleTarget): Promise<SessionResult | TagSessionResult> => {
    const source = sourceOf(target)
    if (onCluster(target)) {
      checkTagFlags(flags)
      const {tagSession} = await import('./run-tags.ts')
      const {result, error} = await tagSession({source, client: await cluster.get(), params, flags, settings})
      if (flags.report !== undefined) writeReport(flags.report, result.report)
      if (error !== undefined) throw reported(error)
      return result
    }
    const startedAtMs = Date.now()
    await using elsewhere = await engineFor(source)
    await using sink = await sinkOfFiles({source, inputs, params, flags, settings, batch: elsewhere?.batch})
    const run = elsewhere && ((asked: RunSettings) => elsewhere.run(asked, sink?.sink))
    const result = await runSession({source, inputs, params, flags, settings, sink, run})
    if (flags.report !== undefined) {
      writeReport(flags.report, reportOfFiles(source, result, {out: flags.out, sink}, startedAtMs))
    }
    return result
  }
  const runAll = async (): Promise<{
    results: (SessionResult | TagSessionResult)[]
    targets: readonly RuleTarget[]
  }> => {
    const targets = await targetsOf(reference, flags)
    if (flags.report !== undefined && targets.length > 1) {
      throw badFlag('--report is of one rule', `name one: ${targets.map(({rule}) => rule.options.name).join(', ')}`)
    }
    if (flags.param !== undefined && !flags.quiet && flags.json !== true) {
      const {strayParamsText} = await import('./stray-params.ts')
      process.stderr.write(
        strayParamsText(
          targets.map(({rule}) => rule),
          flags.param,
        ),
      )
    }
    const results: (SessionResult | TagSessionResult)[] = []
    for (const target of targets) results.push(await runOne(target))
    return {results, targets}
  }
  if (!flags.watch) return (await runAll()).results
  if (inputs.includes('-')) throw badFlag('--watch cannot read standard input again', 'name files or folders')
  await watchUntilStopped({
    run: async () => (await runAll()).targets.flatMap(target => target.module.modulesRead),
    ruleFiles: async () => [targetFile(reference, flags)],
    inputs,
  })
  return undefined
}

/** @throws UserError BAD_FLAG for inputs that only another engine reads */
function checkInputs(inputs: readonly string[]): undefined {
  const found = inputs.find(isEngineInput)
  if (found === undefined) return undefined
  throw badFlag(`${found} is read by another engine only`, 'name one: --engine clickhouse=http://HOST:8123/DATABASE')
}

/** Loaded only where there is one: most runs over files print their rows. */
async function sinkOfFiles(request: FileSinkRequest): Promise<FileSink | undefined> {
  const {flags, source, settings} = request
  const {to = source.rule.options.sink ?? settings.sink?.to} = flags
  if (to === undefined) return undefined
  const {FileSink: Sink} = await import('./file-sink.ts')
  return Sink.open(request)
}

/** @throws UserError BAD_FLAG for what only a run over files can do */
function checkTagFlags(flags: RunRulesFlags): void {
  const reason = 'the rule reads the tags of a cluster; name files with --input'
  if (flags.watch) throw badFlag('--watch is for files', reason)
  if (flags.sample !== undefined) throw badFlag('--sample is for files', reason)
}

function badFlag(message: string, hint: string): UserError {
  return new UserError('BAD_FLAG', message, {hint, exitCode: 2})
}

/** What to watch before the rule could be loaded: its file, or the folder of rules. */
function targetFile(reference: string, flags: RuleFlags): string {
  return rulePathOf(reference)?.path ?? flags['rules-directory']
}
