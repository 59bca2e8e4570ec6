/** Which fields any record of a scan's inputs has: a rule of its own, for the kernel. */
import type {ResultRow} from '../../engine/index.ts'
import {compilePlan, defineRule, type FormatNode, type Plan, type Rule} from '../../rules/index.ts'
import {findInputs, LocalRun} from '../../worker/index.ts'
import {presenceSampleCount} from '../limits.ts'

/** One keyset for each field, which has a row when a record has the field. */
export function presenceRule(
  fields: readonly string[],
  format: FormatNode,
): {readonly rule: Rule; readonly plan: Plan} {
  const keysets = Object.fromEntries(fields.map((_, index) => [nameAt(index), {keyParts: [], valueParts: ['count']}]))
  const rule = defineRule({name: 'fields', keysets})
  const {plan} = compilePlan(rule)
  const withFields = plan.keysets.map((keyset, index) => ({
    ...keyset,
    steps: [
      {
        step: 'where' as const,
        condition: {expression: 'exists' as const, operand: {expression: 'field' as const, path: fields[index]!}},
      },
    ],
  }))
  return {rule, plan: {...plan, format, keysets: withFields}}
}

/** @param rows - of `presenceRule` with these fields @returns those that no record has */
export function fieldsWithoutRow(fields: readonly string[], rows: Iterable<ResultRow>): string[] {
  const found = new Set<string>()
  for (const {keyset} of rows) found.add(keyset)
  return fields.filter((_, index) => !found.has(nameAt(index)))
}

export interface PresenceScan {
  readonly inputs: readonly string[]
  readonly format: FormatNode
  readonly threads: number
  readonly memoryBytes: number
  readonly signal: AbortSignal
}

/**
 * Scans files once more; a field that is merely rare is found among the first records.
 *
 * @returns of these fields those that no record has
 */
export async function fieldsInNone(fields: readonly string[], scan: PresenceScan): Promise<string[]> {
  const among = async (wanted: readonly string[], sample?: number): Promise<string[]> => {
    if (wanted.length === 0) return []
    const {files} = findInputs(scan.inputs)
    const run = await LocalRun.start({
      ...scan,
      ...presenceRule(wanted, scan.format),
      address: null,
      params: {},
      files,
      sample,
    })
    try {
      return fieldsWithoutRow(wanted, run.rows())
    } finally {
      run.close()
    }
  }
  return await among(await among(fields, presenceSampleCount))
}

const nameAt = (index: number): string => `f${index}`
