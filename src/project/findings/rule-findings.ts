/**
 * What a run should say beside its rows: no errors, but hardly what somebody meant. Inputs of which nothing was used, columns of one
 * name, fields that no record has.
 *
 * Of each rule of a run by itself: a rule among the sources of another reads inputs, the other one its rows.
 */
import type {Account} from '../../engine/index.ts'
import {compilePlan, type Plan, type Rule, readFields, readsOnlyRules, subRulesOf} from '../../rules/index.ts'
import {firstBytesOf, type InputFile, type UnusedFiles} from '../../worker/index.ts'
import {repeatedNames} from '../infer/guess-format.ts'
import {headerBytes} from '../limits.ts'
import {partHeaders} from '../run/part-headers.ts'
import {
  areFieldsKnown,
  type FirstRecords,
  missingKeyLines,
  missingStepLines,
  missingValueLines,
  readFirst,
  readsValues,
  stepFieldsLacking,
  valuesLacking,
} from './missing-fields.ts'

/** What there is to say of one rule of a run; what there is not is absent. */
export interface RuleFindings {
  /** `module.rule` */
  readonly rule: string
  /** Inputs that gave nothing while others did. */
  readonly unusedInputs?: UnusedFiles
  /** Columns of the first input that share a name with another: a record has the last one. Only those that the rule reads. */
  readonly repeatedNames?: {readonly input: string; readonly names: readonly string[]}
  /** Sentences for people, safe to print. */
  readonly missingFields?: readonly string[]
}

/** A rule that was run, with what its scan counted. */
export interface ScannedRule {
  readonly rule: Rule
  readonly plan: Plan
  readonly account: Account
  readonly unusedFiles?: UnusedFiles | undefined
}

/** How the inputs of a rule can be looked at once more. */
export interface InputLook<Scanned extends ScannedRule> {
  /** The first input, or its beginning; undefined where there is none that can be looked at. Rows of other rules are none. */
  first(scanned: Scanned): Promise<InputFile | undefined>
  /** May read all inputs again. @returns of these fields those that certainly no record has */
  inNone(scanned: Scanned, fields: readonly string[]): Promise<readonly string[]>
}

/**
 * @param run - its rules, innermost first
 * @param look - undefined: only what is known without looking
 * @returns those rules of which there is something to say
 * @throws what looking throws
 */
export async function findingsOf<Scanned extends ScannedRule>(
  run: readonly Scanned[],
  look: InputLook<Scanned> | undefined,
): Promise<RuleFindings[]> {
  const found: RuleFindings[] = []
  for (const scanned of run) {
    const {plan, account, unusedFiles} = scanned
    const unused = unusedFiles !== undefined && unusedFiles.count > 0 && account.used > 0 ? unusedFiles : undefined
    const isLooked =
      look !== undefined &&
      !readsOnlyRules(scanned.rule) &&
      (headerDelimiterOf(plan) !== undefined || isWorthALook(plan, account))
    const first = isLooked ? await look.first(scanned) : undefined
    const twice = first && (await repeatedNamesOf(plan, first))
    const lines = look === undefined ? [] : await missingFieldsOf(scanned, first, look)
    if (unused === undefined && twice === undefined && lines.length === 0) continue
    found.push({
      rule: plan.rule,
      ...(unused === undefined ? {} : {unusedInputs: unused}),
      ...(twice === undefined ? {} : {repeatedNames: twice}),
      ...(lines.length === 0 ? {} : {missingFields: lines}),
    })
  }
  return found
}

/** Of a plan whose inputs begin with the names of their columns. */
function headerDelimiterOf({format}: Plan): string | undefined {
  return format.format === 'csv' && format.fields === 'header' ? format.delimiter : undefined
}

/** Names that stand more than once in the header and that the rule reads: any, when functions read whole records. */
async function repeatedNamesOf(plan: Plan, input: InputFile): Promise<RuleFindings['repeatedNames']> {
  const delimiter = headerDelimiterOf(plan)
  if (delimiter === undefined) return undefined
  const {fields} = readFields(plan)
  const names = repeatedNames(await firstBytesOf(input, headerBytes), delimiter)
  const read = names.filter(name => fields === null || fields.includes(name))
  return read.length === 0 ? undefined : {input: input.name, names: read}
}

async function missingFieldsOf<Scanned extends ScannedRule>(
  scanned: Scanned,
  input: InputFile | undefined,
  look: InputLook<Scanned>,
): Promise<string[]> {
  const {plan, account, rule} = scanned
  if (!isWorthALook(plan, account)) return []
  const rows = rowFieldsOf(scanned)
  const own = input === undefined ? undefined : await readFirst(input, plan.format)
  const isOfRows = readsOnlyRules(rule)
  if (own === undefined && !isOfRows) return []
  const first: FirstRecords = isOfRows
    ? {fields: rows, count: 0, owner: ownerOf(scanned)}
    : {fields: [...own!.fields, ...rows], count: own!.count}
  const inNone = async (fields: readonly string[]): Promise<readonly string[]> =>
    isOfRows || fields.length === 0 ? fields : look.inNone(scanned, fields)
  const lines = isWithoutKeys(account) ? missingKeyLines(plan, first) : []
  if (account.used > 0) lines.push(...missingValueLines(plan, first, await inNone(valuesLacking(plan, first))))
  if (isWithoutPassing(account))
    lines.push(...missingStepLines(plan, first, await inNone(stepFieldsLacking(plan, first))))
  return lines
}

/** What rows of the rules among the sources have, as records. */
function rowFieldsOf({rule}: ScannedRule): FirstRecords['fields'] {
  const rules = subRulesOf(rule)
  if (rules.length === 0) return []
  const columns = rules.flatMap(inner => partHeaders(compilePlan(inner).plan).flatMap(header => header.columns))
  return [...new Set([...columns, '_keyset'])].map(name => ({name, type: 'text', role: 'other', examples: []}))
}

const ownerOf = ({rule}: ScannedRule): string =>
  `rows of ${[...new Set(subRulesOf(rule))].map(({options}) => options.name).join(' and ')}`

/** Every record lacked a key, most often because its name is spelt differently; or records were used, and values may be missing. */
const isWithoutKeys = ({used, filteredByReason}: Account): boolean =>
  used === 0 && (filteredByReason['key part missing'] ?? 0) > 0

/** Steps let no record pass: most often a field that a condition reads is spelt differently. */
const isWithoutPassing = ({used, filteredByReason}: Account): boolean =>
  used === 0 && (filteredByReason['preprocess'] ?? 0) > 0

/** Whether records could lack a field that the plan reads. */
const isWorthALook = (plan: Plan, account: Account): boolean =>
  areFieldsKnown(plan) &&
  (isWithoutKeys(account) || isWithoutPassing(account) || (account.used > 0 && readsValues(plan)))
