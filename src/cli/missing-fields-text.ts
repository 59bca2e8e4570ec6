/** What a run says of fields that no record has: keys without which there are no rows, values that add up to 0. */
import type {Account} from '../engine/index.ts'
import {
  areFieldsKnown,
  type FirstRecords,
  fieldsInNone,
  firstRecordsOf,
  missingKeyLines,
  missingStepLines,
  missingValueLines,
  type RuleRun,
  readsValues,
  stepFieldsLacking,
  valuesLacking,
} from '../project/index.ts'
import type {Plan} from '../rules/index.ts'
import {memoryBytesOf, threadsOf} from './flag-values.ts'

export interface ScanFlags {
  readonly memory?: string | undefined
  readonly threads?: number | undefined
}

/** Lines below the account, or nothing. Reads files of the run again when that is needed to be sure; standard input cannot be. */
export async function missingFieldsText(
  {plan}: RuleRun,
  account: Account,
  {inputs, flags}: {readonly inputs: readonly string[]; readonly flags: ScanFlags},
  signal: AbortSignal,
): Promise<string> {
  if (!isWorthALook(plan, account)) return ''
  const first = await firstRecordsOf(plan, inputs)
  if (first === undefined) return ''
  const limits = {threads: threadsOf(flags.threads), memoryBytes: memoryBytesOf(flags.memory)}
  return await missingText(plan, account, first, fields =>
    inputs.includes('-') ? [] : fieldsInNone(fields, {inputs, format: plan.format, ...limits, signal}),
  )
}

/** Every record lacked a key, most often because its name is spelt differently; or records were used, and values may be missing. */
const isWithoutKeys = ({used, filteredByReason}: Account): boolean =>
  used === 0 && (filteredByReason['key part missing'] ?? 0) > 0

/** Steps let no record pass: most often a field that a condition reads is spelt differently. */
const isWithoutPassing = ({used, filteredByReason}: Account): boolean =>
  used === 0 && (filteredByReason['preprocess'] ?? 0) > 0

/** Whether records could lack a field that the plan reads. */
export const isWorthALook = (plan: Plan, account: Account): boolean =>
  areFieldsKnown(plan) &&
  (isWithoutKeys(account) || isWithoutPassing(account) || (account.used > 0 && readsValues(plan)))

/**
 * Lines of a person's interest, or nothing.
 *
 * @param inNone - of these fields those that no record has
 */
export async function missingText(
  plan: Plan,
  account: Account,
  first: FirstRecords,
  inNone: (fields: readonly string[]) => readonly string[] | Promise<readonly string[]>,
): Promise<string> {
  const lines = isWithoutKeys(account) ? missingKeyLines(plan, first) : []
  const lacking = account.used > 0 ? valuesLacking(plan, first) : []
  if (lacking.length > 0) lines.push(...missingValueLines(plan, first, await inNone(lacking)))
  const unread = isWithoutPassing(account) ? stepFieldsLacking(plan, first) : []
  if (unread.length > 0) lines.push(...missingStepLines(plan, first, await inNone(unread)))
  return lines.map(line => `  ${line}\n`).join('')
}
