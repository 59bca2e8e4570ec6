/** Where the rows of a run go, and which of them, by flags, rule and settings. */
import {UserError} from '../base/index.ts'
import type {Settings} from '../client/index.ts'
import {
  checkHaving,
  checkTop,
  type Delivered,
  deliver,
  headersOf,
  isChoiceEmpty,
  type RowChoice,
  type RuleRun,
  type RunSource,
  shownHeaders,
} from '../project/index.ts'
import {compilePlan, type Rule} from '../rules/index.ts'
import type {SinkFormat} from '../sinks/index.ts'
import {havingOf, topOf} from './flag-values.ts'
import type {ChosenRowsFlags, SessionFlags} from './session-flags.ts'

/**
 * A part of the rows is for looking: a database or a processor that got it would never have the rest.
 *
 * @throws UserError BAD_FLAG
 */
export function checkChosenRows({rule, module, keyset}: RunSource, flags: SessionFlags, hasSink: boolean): void {
  const choice = choiceOfRows(flags)
  if (isChoiceEmpty(choice)) return
  const {percent, having, top} = choice
  const isShown = flags.format !== undefined || flags.out !== undefined || flags.json === true
  if (hasSink || (!isShown && rule.options.resultProcessor !== undefined)) {
    const flag = top !== undefined ? '--top' : having !== undefined ? '--having' : '--percent'
    throw new UserError('BAD_FLAG', `${flag} is for looking, and the rows go elsewhere`, {
      hint: 'show them with --format table',
      exitCode: 2,
    })
  }
  const headers = shownHeaders(headersOf(compilePlan(rule, {module, keyset}).plan), {percent})
  if (having !== undefined) checkHaving(headers, having)
  if (top !== undefined) checkTop(headers, top)
}

/** Those that --top and --having leave, with what --percent adds. @throws UserError BAD_FLAG, BAD_EXPRESSION */
export const choiceOfRows = ({percent, top, having}: ChosenRowsFlags): RowChoice => ({
  percent,
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
export function areText(rule: Rule, flags: SessionFlags, settings: Settings): boolean {
  const {format, out} = placeOf(rule, flags, settings)
  if (flags.json === true || out !== undefined || process.stdout.isTTY === true) return false
  if (!isChoiceEmpty(choiceOfRows(flags))) return false
  if (format === undefined && rule.options.resultProcessor !== undefined) return false
  return ['csv', 'ndjson'].includes(format ?? defaultFormatOf(settings))
}

/** What somebody typed is before the rule's own processor; a preference of the settings is behind it. */
function placeOf(rule: Rule, flags: SessionFlags, settings: Settings): Pick<SessionFlags, 'format' | 'out'> {
  const isOpen = flags.format === undefined && rule.options.resultProcessor === undefined
  const out = flags.out ?? (isOpen ? settings.out : undefined)
  return {out, format: flags.format ?? (out === undefined ? undefined : settings.format)}
}
