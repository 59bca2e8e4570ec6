/** What functions of a rule get of a record. */
import type {Plan} from '../rules/index.ts'
import {readFields, recordFunctions, transformFunctions} from '../rules/index.ts'

/**
 * The fields that records are cut to before functions of the rule see them: those that the rule declares and those that it names
 * itself. Where only transforms are functions just the latter, for they see nothing else.
 *
 * So functions see the same whether the kernel made the record, which reads nothing else, or the row path.
 *
 * @returns undefined: functions get whole records, or there are none
 */
export function fieldsForFunctions(plan: Plan): readonly string[] | undefined {
  const isDeclared = plan.fields !== null && recordFunctions(plan).length > 0
  const hasTransforms = plan.format.format !== 'custom' && transformFunctions(plan).length > 0
  return isDeclared || hasTransforms ? (readFields(plan).fields ?? undefined) : undefined
}
