/** `inferno run`: finds the rules that are meant and runs them one after another, once or whenever something changes. */
import {formatBytes, printable, UserError} from '../base/index.ts'
import {loadSettings, resolveParameters, type Settings} from '../client/index.ts'
import {
  type DryRun,
  defaultRulesDirectory,
  dryRun,
  findRules,
  type RuleTarget,
  rulePathOf,
  watchUntilStopped,
} from '../project/index.ts'
import {runSession, type SessionFlags, type SessionResult} from './run-session.ts'

export interface RunRulesFlags extends SessionFlags, RuleFlags {
  readonly input?: readonly string[] | undefined
  readonly 'dry-run': boolean
  readonly watch: boolean
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

/** A rules directory in the settings counts when the flag was left at its default. */
export function rulesDirectoryOf(flags: Pick<RuleFlags, 'rules-directory'>, settings: Settings): string {
  const directory = flags['rules-directory']
  return directory === defaultRulesDirectory ? (settings.rulesDirectory ?? directory) : directory
}

export async function targetsOf(
  reference: string,
  flags: Pick<RuleFlags, 'rules-directory'>,
  settings: Settings,
): Promise<RuleTarget[]> {
  return findRules(reference, rulesDirectoryOf(flags, settings))
}

export async function runRules(
  reference: string,
  flags: RunRulesFlags,
): Promise<SessionResult[] | DryRun[] | undefined> {
  const {settings, params} = await parametersOf(flags)
  const inputs = flags.input ?? []
  if (flags['dry-run']) {
    const plans = (await targetsOf(reference, flags, settings)).map(target => dryRun(target, inputs, params))
    if (!flags.json) process.stdout.write(plans.map(dryRunText).join('\n'))
    return plans
  }
  const runAll = async (): Promise<{results: SessionResult[]; targets: readonly RuleTarget[]}> => {
    const targets = await targetsOf(reference, flags, settings)
    const results: SessionResult[] = []
    for (const target of targets) {
      const address = {file: target.module.file, path: [target.index]}
      const source = {rule: target.rule, module: target.module.name, keyset: target.keyset, address}
      results.push(await runSession({source, inputs, params, flags, settings}))
    }
    return {results, targets}
  }
  if (!flags.watch) return (await runAll()).results
  if (inputs.includes('-'))
    throw new UserError('BAD_FLAG', '--watch cannot read standard input again', {
      hint: 'name files or folders',
      exitCode: 2,
    })
  await watchUntilStopped({
    run: async () => (await runAll()).targets.flatMap(target => target.module.modulesRead),
    ruleFiles: async () => [targetFile(reference, flags, settings)],
    inputs,
  })
  return undefined
}

/** What to watch before the rule could be loaded: its file, or the folder of rules. */
function targetFile(reference: string, flags: RuleFlags, settings: Settings): string {
  return rulePathOf(reference)?.path ?? rulesDirectoryOf(flags, settings)
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
