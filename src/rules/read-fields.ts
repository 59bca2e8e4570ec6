/** Which fields of its records a rule reads: what a scan may leave out is the rest. */
import {parsePath} from './paths.ts'
import type {ExpressionNode, FunctionRef, KeysetPlan, Plan, StepNode, TransformNode} from './plan.ts'

export type ReadFields =
  | {
      /** Paths, for compileSelect. */
      readonly fields: readonly string[]
    }
  /** Not known; `reader` is what may read any field, undefined for records that are pairs. */
  | {readonly fields: null; readonly reader: FunctionRef | undefined}

/**
 * The fields that the steps, keys and values of a plan name, and those that it declares for its functions.
 *
 * A record cut to them gives the same groups. Functions see nothing else of it when the rule declares fields.
 */
export function readFields(plan: Plan): ReadFields {
  if (plan.map === 'pairs') return {fields: null, reader: undefined}
  const reader = recordFunctions(plan)[0]
  if (reader !== undefined && plan.fields === null) return {fields: null, reader}
  const declared = reader === undefined ? [] : (plan.fields ?? [])
  const named =
    plan.map === null
      ? [
          ...plan.steps.flatMap(fieldsOfStep),
          ...plan.transforms.map(({field}) => field),
          ...plan.keysets.flatMap(ofKeyset),
        ]
      : []
  return {fields: [...new Set([...declared, ...named])].flatMap(untilPosition)}
}

/** Functions of a rule that get whole records; transforms and what comes after the map get values. */
export function recordFunctions(plan: Plan): readonly FunctionRef[] {
  if (plan.map !== null) return plan.map === 'pairs' ? [] : [plan.map]
  return [...plan.steps, ...plan.keysets.flatMap(({steps}) => steps)].filter(step => step.step === 'function')
}

/** Functions of a rule that work on values of a record. */
export function transformFunctions(plan: Plan): readonly FunctionRef[] {
  if (plan.map !== null) return []
  const chains: readonly (readonly TransformNode[])[] = [
    ...plan.transforms.map(({chain}) => chain),
    ...plan.keysets.flatMap(({keyParts}) => keyParts.map(({transforms}) => transforms)),
  ]
  return chains.flat().flatMap(node => (node.transform === 'function' ? [node.ref] : []))
}

function ofKeyset({steps, keyParts, values}: KeysetPlan): string[] {
  const paths = [
    ...steps.flatMap(fieldsOfStep),
    ...keyParts.map(({field}) => field),
    ...values.flatMap(node => [...(node.field === null ? [] : [node.field]), ...('by' in node ? [node.by] : [])]),
  ]
  // The keyset's name is set, not read.
  return paths.filter(path => path !== '_keyset')
}

/** The paths that a step reads; of a function unknown. */
export function fieldsOfStep(step: StepNode): readonly string[] {
  switch (step.step) {
    case 'where':
      return fieldsOfExpression(step.condition)
    case 'derive':
      return step.fields.flatMap(({value}) => fieldsOfExpression(value))
    case 'explode':
    case 'splitWords':
    case 'parseJson':
    case 'lookup':
      return [step.field]
    case 'select':
      // Leaves fields out; who reads the others names them.
      return []
    case 'function':
      return []
  }
}

/** The paths that an expression reads. */
export function fieldsOfExpression(node: ExpressionNode): readonly string[] {
  switch (node.expression) {
    case 'field':
      return [node.path]
    case 'param':
    case 'literal':
      return []
    case 'compare':
    case 'arithmetic':
      return [...fieldsOfExpression(node.left), ...fieldsOfExpression(node.right)]
    case 'and':
    case 'or':
      return node.operands.flatMap(fieldsOfExpression)
    default:
      return fieldsOfExpression(node.operand)
  }
}

/** Lists are kept whole; the path itself stays, since a field may have that very name. */
function untilPosition(path: string): readonly string[] {
  const segments = parsePath(path)
  const position = segments.findIndex((segment, index) => index > 0 && /^\d+$/.test(segment))
  if (position < 0) return [path]
  const [first, ...inner] = segments.slice(0, position)
  return [[first, ...inner.map(segment => `["${segment}"]`)].join(''), path]
}
