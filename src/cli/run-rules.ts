/** `inferno run`: finds the rules that are meant and runs them one after another, once or whenever something changes. */
import {formatBytes, printable, UserError} from '../base/index.ts'
import {
  type ClusterChoice,
  type ClusterClient,
  loadSettings,
  resolveParameters,
  type Settings,
} from '../client/index.ts'
import {
  type DryRun,
  dryRun,
  dryRunOnClickhouse,
  findRules,
  isEngineInput,
  type RuleTarget,
  type RunSource,
  readsTags,
  rulePathOf,
  type TagDryRun,
  watchUntilStopped,
} from '../project/index.ts'
import {engineOf} from './engine-choice.ts'
import type {FileSink, FileSinkRequest} from './file-sink.ts'
import type {EngineRun} from './run-on-clickhouse.ts'
import {runSession, type SessionResult} from './run-session.ts'
import type {TagFlags, TagSessionResult} from './run-tags.ts'
import {asksForTags} from './tag-flags.ts'
import {isReported, reported, reportOfFailure, reportOfFiles, writeReport} from './write-report.ts'

export interface RunRulesFlags extends TagFlags, RuleFlags, ClusterChoice {
  readonly input?: readonly string[] | undefined
  readonly 'dry-run': boolean
  readonly watch: boolean
  readonly report?: string | undefined
}

/** The parsed flags of run-flags.ts that say which rules and parameters are meant. */
export interface RuleFlags {
  readonly 'rules-directory': string
  readonly settings?: string | undefined
  readonly param?: readonly string[] | undefined
  readonly 'param-file'?: readonly string[] | undefined
  readonly 'data-file'?: string | undefined
}

export async function parametersOf(flags: RuleFlags): Promise<{settings: Settings; params: Record<string, unknown>}> {
  const settings = await loadSettings(flags.settings)
  const params = await resolveParameters({
    settings,
    files: flags['param-file'] ?? [],
    assignments: flags.param ?? [],
    dataFile: flags['data-file'],
  })
  return {settings, params}
}

export async function targetsOf(reference: string, flags: Pick<RuleFlags, 'rules-directory'>): Promise<RuleTarget[]> {
  return findRules(reference, flags['rules-directory'])
}

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
    const plans: (DryRun | TagDryRun)[] = []
    const texts: string[] = []
    for (const target of await targetsOf(reference, flags)) {
      if (onCluster(target)) {
        const {tagDryRunText, tagSessionDryRun} = await import('./run-tags.ts')
        const request = {source: sourceOf(target), client: await cluster.get(), params, flags, settings}
        const plan = await tagSessionDryRun(request)
        plans.push(plan)
        texts.push(tagDryRunText(plan))
      } else {
        const isElsewhere = engineOf(flags.engine, target.rule, settings).type === 'clickhouse'
        const plan = isElsewhere ? dryRunOnClickhouse(target, inputs, params) : dryRun(target, inputs, params)
        plans.push(plan)
        texts.push(dryRunText(plan))
      }
    }
    if (!flags.json) process.stdout.write(texts.join('\n'))
    return plans
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
    const result = await runSession({source, inputs, params, flags, settings, sink, run: elsewhere?.run})
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

export function sourceOf(target: RuleTarget): RunSource {
  const address = {file: target.module.file, path: [target.index]}
  return {rule: target.rule, module: target.module.name, keyset: target.keyset, address}
}

/**
 * A client of the cluster that the flags mean, loaded and made when it is needed: with it come TLS and the schemas of the protocol, half of the
 * start of a run over files, which needs neither.
 */
export function lazyClient(choice: ClusterChoice): {get: () => Promise<ClusterClient>} & AsyncDisposable {
  let client: Promise<ClusterClient> | undefined
  const open = async (): Promise<ClusterClient> => {
    const {ClusterClient: Client, findCluster} = await import('../client/index.ts')
    return new Client(findCluster(choice))
  }
  return {
    get: () => {
      client ??= open()
      return client
    },
    // Whoever asked has had the error.
    [Symbol.asyncDispose]: async () =>
      client?.then(
        opened => opened.close(),
        () => undefined,
      ),
  }
}

/** What to watch before the rule could be loaded: its file, or the folder of rules. */
function targetFile(reference: string, flags: RuleFlags): string {
  return rulePathOf(reference)?.path ?? flags['rules-directory']
}

function dryRunText({rule, innerRules, inputs, bytes, format, keysets}: DryRun): string {
  const size = bytes === null ? 'size not known before reading' : formatBytes(bytes)
  const lines = [
    `rule     ${rule}`,
    `format   ${format}`,
    ...innerRules.map(name => `first    ${name}, whose rows it reads`),
    `inputs   ${inputs.length} (${size})`,
    ...inputs
      .slice(0, 20)
      .map(
        input =>
          `         ${printable(input.name)}${input.bytes === null ? '' : `  ${formatBytes(input.bytes)}`}${input.compression === 'none' ? '' : `  ${input.compression}`}`,
      ),
    ...(inputs.length > 20 ? [`         … and ${inputs.length - 20} more`] : []),
    ...keysets.map(keyset => `keyset   ${keyset.name}: ${keyset.columns.join(', ')}`),
    'nothing was read; leave out --dry-run to run it',
  ]
  return `${lines.join('\n')}\n`
}
