/** Where rows go, as flags, rule and settings say it. */
import type {Rule} from '../../rules/index.ts'
import type {SinkMode} from '../row-sink.ts'

export interface SinkOptions {
  /** An address; see docs/sinks.md. */
  readonly to: string
  readonly mode?: SinkMode | undefined
  /** Before the name of every table. */
  readonly tablePrefix?: string | undefined
}
export type SinkSpec = string | SinkOptions

export interface SinkFlags {
  /** `--to` */
  readonly to?: string | undefined
  /** `--mode` */
  readonly mode?: string | undefined
}

/**
 * The sink of a run: the flag's before the rule's before the settings' one. A mode on the command line goes with whichever
 * it is; the rule's mode and table prefix do not go with another address, which was chosen for another purpose.
 *
 * @returns undefined when nobody named one; the mode is not checked here, `openSink` does that
 */
export function sinkSpecOf(
  flags: SinkFlags,
  rule: Rule,
  settings: {readonly sink?: SinkSpec | undefined} = {},
): SinkOptions | undefined {
  const chosen = flags.to ?? rule.options.sink ?? settings.sink
  if (chosen === undefined) return undefined
  const options = typeof chosen === 'string' ? {to: chosen} : chosen
  return flags.mode === undefined ? options : {...options, mode: flags.mode as SinkMode}
}
