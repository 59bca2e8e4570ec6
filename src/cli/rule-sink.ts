/** The sink of a run, opened. */
import {printable, UserError} from '../base/index.ts'
import type {Settings} from '../client/index.ts'
import type {RunSource} from '../project/index.ts'
import {compilePlan, type Rule} from '../rules/index.ts'
import {openSink, type RowSink, type SinkMode, type SinkSpec, sinkSpecOf, tablesOf} from '../sinks/index.ts'

/** The parsed flags that say where rows go. */
export interface SinkFlags {
  readonly to?: string | undefined
  readonly mode?: string | undefined
  /** Asked for by the person: then rows go there, and not to the rule's sink. */
  readonly format?: string | undefined
  readonly out?: string | undefined
}

/** With either of them nothing is said of waiting. */
interface QuietFlags {
  readonly quiet?: boolean | undefined
  readonly json?: boolean | undefined
}

export interface RuleSinkOptions {
  readonly isDryRun?: boolean | undefined
  /** Hears of waiting for a database; default: standard error. */
  readonly onNote?: (line: string) => void
}

/**
 * @returns undefined when nobody named one, or rows were asked for as text or files. The caller closes it
 * @throws UserError BAD_FLAG for two places at once, BAD_SINK; ClusterError when it does not answer
 */
export async function openRuleSink(
  {rule, module, keyset}: RunSource,
  flags: SinkFlags & QuietFlags,
  settings: Settings,
  {isDryRun = false, onNote}: RuleSinkOptions = {},
): Promise<RowSink | undefined> {
  const isAsked = flags.format !== undefined || flags.out !== undefined
  if (isAsked && flags.to !== undefined) {
    throw new UserError('BAD_FLAG', 'rows go to one place: --to, or --format and --out', {
      exitCode: 2,
      hint: 'leave one out',
    })
  }
  const spec = isAsked ? undefined : sinkSpecOf(flags, rule, {sink: usualSink(rule, settings)})
  if (spec === undefined) return undefined
  const {plan} = compilePlan(rule, {module, keyset})
  const isQuiet = flags.quiet === true || flags.json === true
  const say = onNote ?? ((line: string): unknown => process.stderr.write(`${printable(line)}\n`))
  return openSink(spec, tablesOf(plan), {isDryRun, ...(isQuiet ? {} : {onNote: say})})
}

/** That of the settings is for rules that do not say where their rows go. The mode is checked when it is opened. */
function usualSink({options}: Rule, {sink}: Settings): SinkSpec | undefined {
  if (sink?.to === undefined || options.resultProcessor !== undefined) return undefined
  return {to: sink.to, mode: sink.mode as SinkMode | undefined, tablePrefix: sink.tablePrefix}
}
