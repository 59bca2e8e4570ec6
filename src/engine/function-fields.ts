/** What functions of a rule get of a record. */
import type {Plan} from '../rules/index.ts'
import {parsePath, readFields, recordFunctions, transformFunctions} from '../rules/index.ts'

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

/** The fields of records that a rule without functions looks at, by their first names; undefined: functions may look at more. */
export function fieldsSeen(plan: Plan): ReadonlySet<string> | undefined {
  if (plan.map !== null || recordFunctions(plan).length > 0 || transformFunctions(plan).length > 0) return undefined
  const {fields} = readFields(plan)
  return fields === null ? undefined : new Set(fields.map(path => parsePath(path)[0]!))
}
