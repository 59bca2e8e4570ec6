/** `inferno run --dry-run`: what a run would read and print. A file of its own, loaded for that flag only. */
import {formatBytes, printable} from '../base/index.ts'
import type {ClusterClient, Settings} from '../client/index.ts'
import {
  type DryRun,
  dryRun,
  dryRunOnClickhouse,
  engineTarget,
  type RowsWay,
  type RuleTarget,
  rowsWay,
  rowsWayText,
  type TagDryRun,
} from '../project/index.ts'
import {engineOf} from './engine-choice.ts'
import {openRuleSink} from './rule-sink.ts'
import {sourceOf} from './rule-targets.ts'
import type {TagFlags} from './run-tags.ts'

interface DryRunRequest {
  readonly targets: readonly RuleTarget[]
  /** Of --input. */
  readonly inputs: readonly string[]
  readonly onCluster: (target: RuleTarget) => boolean
  readonly client: () => Promise<ClusterClient>
  readonly params: Record<string, unknown>
  readonly flags: TagFlags
  readonly settings: Settings
}

/** Prints the plans, unless they are asked for as JSON. */
export async function dryRunRules(request: DryRunRequest): Promise<(DryRun | TagDryRun)[]> {
  const {targets, inputs, onCluster, client, params, flags, settings} = request
  const plans: (DryRun | TagDryRun)[] = []
  const texts: string[] = []
  for (const target of targets) {
    if (onCluster(target)) {
      const {tagDryRunText, tagSessionDryRun} = await import('./dry-run-over-tags.ts')
      const found = await tagSessionDryRun({source: sourceOf(target), client: await client(), params, flags, settings})
      const way = await rowsWayOf(target, flags, settings)
      plans.push(way === undefined ? found : {...found, rows: rowsWayText(way)})
      texts.push(tagDryRunText(found) + (way === undefined ? '' : `rows     ${rowsWayText(way)}\n`))
    } else {
      const way = await rowsWayOf(target, flags, settings)
      const plan = way ? dryRunOnClickhouse(target, inputs, params, way) : dryRun(target, inputs, params)
      plans.push(plan)
      texts.push(dryRunText(plan))
    }
  }
  if (!flags.json) process.stdout.write(texts.join('\n'))
  return plans
}

/** Where the rows of a run on another engine would go; undefined for a run here. @throws as openRuleSink */
async function rowsWayOf(target: RuleTarget, flags: TagFlags, settings: Settings): Promise<RowsWay | undefined> {
  const engine = engineOf(flags.engine, target.rule, settings)
  if (engine.type === 'here') return undefined
  const {target: server} = engineTarget(engine.address, process.env)
  const sink = await openRuleSink(sourceOf(target), flags, settings, {isDryRun: true})
  try {
    return await rowsWay({rule: target.rule, sink, resultTag: flags['result-tag']}, server)
  } finally {
    await sink?.close()
  }
}

function dryRunText({rule, innerRules, inputs, bytes, format, keysets, rows}: DryRun): string {
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
    ...(rows === undefined ? [] : [`rows     ${rows}`]),
    'nothing was read; leave out --dry-run to run it',
  ]
  return `${lines.join('\n')}\n`
}
