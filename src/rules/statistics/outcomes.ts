/**
 * Whether a condition can be true, or false, for any record, when it is only known what its fields are in all of them.
 *
 * The row evaluator (expressions/compile.ts) is the reference: where a field has few values it is asked itself, with each of them;
 * where values lie in a range, interval arithmetic says no more than that one would. What is not known counts as "may be both".
 */
import {compareText} from '../../base/index.ts'
import {compileCondition, mirrored} from '../expressions/index.ts'
import type {Comparison, ExpressionNode} from '../plan.ts'
import type {Params} from '../types.ts'
import {numberOfText, setField} from '../values.ts'
import type {FieldFacts, FieldRange} from './facts.ts'
import {bucketRange} from './time-range.ts'

/** What a condition can come to over all records. */
export interface Outcomes {
  readonly canBeTrue: boolean
  readonly canBeFalse: boolean
}

/** @returns what the field at a path is in all records; undefined: not known */
export type FactsOf = (path: string) => FieldFacts | undefined

const either: Outcomes = {canBeTrue: true, canBeFalse: true}
const always: Outcomes = {canBeTrue: true, canBeFalse: false}
const never: Outcomes = {canBeTrue: false, canBeFalse: true}

/**
 * @param params - as they are after the rule's mapInitFunction
 * @returns both for a condition that calls a function of the rule, or reads a parameter that is not there
 */
export function outcomesOf(node: ExpressionNode, factsOf: FactsOf, params: Params): Outcomes {
  return isComputable(node, params) ? joinedOutcomes(node, factsOf, params) : either
}

function joinedOutcomes(node: ExpressionNode, factsOf: FactsOf, params: Params): Outcomes {
  const [path, ...others] = pathsIn(node)
  const facts = path === undefined ? {values: [null], isOptional: false} : factsOf(path)
  if (others.length === 0 && facts !== undefined && facts.range === undefined)
    return evaluated(node, path, facts, params)
  const of = (inner: ExpressionNode): Outcomes => joinedOutcomes(inner, factsOf, params)
  switch (node.expression) {
    case 'and': {
      const all = node.operands.map(of)
      return {canBeTrue: all.every(one => one.canBeTrue), canBeFalse: all.some(one => one.canBeFalse)}
    }
    case 'or': {
      const all = node.operands.map(of)
      return {canBeTrue: all.some(one => one.canBeTrue), canBeFalse: all.every(one => one.canBeFalse)}
    }
    case 'not':
      return opposite(of(node.operand))
    default: {
      if (others.length > 0 || facts?.range === undefined) return either
      const [listed, ranged] = [evaluated(node, path, facts, params), inRange(node, facts.range, params)]
      return {
        canBeTrue: listed.canBeTrue || ranged.canBeTrue,
        canBeFalse: listed.canBeFalse || ranged.canBeFalse,
      }
    }
  }
}

/** Asks the row evaluator, for each value that is listed and for none. */
function evaluated(
  node: ExpressionNode,
  path: string | undefined,
  {values, isOptional}: FieldFacts,
  params: Params,
): Outcomes {
  const holds = compileCondition(node, params)
  let [canBeTrue, canBeFalse] = [false, false]
  const take = (record: Record<string, unknown>): void => {
    if (holds(record)) canBeTrue = true
    else canBeFalse = true
  }
  for (const value of values) {
    const record = {}
    if (path !== undefined) setField(record, path, value)
    take(record)
  }
  if (isOptional) take({})
  return {canBeTrue, canBeFalse}
}

/** A condition on one field, over the values that lie in a range. */
function inRange(node: ExpressionNode, range: FieldRange, params: Params): Outcomes {
  switch (node.expression) {
    case 'exists':
      return rangeOf(node.operand, range) === undefined ? either : always
    case 'in': {
      const values = rangeOf(node.operand, range)
      if (values === undefined) return either
      const all = node.values.map(value => compared('==', values, value))
      return {canBeTrue: all.some(one => one.canBeTrue), canBeFalse: all.every(one => one.canBeFalse)}
    }
    case 'compare': {
      const left = rangeOf(node.left, range)
      if (left !== undefined) return comparedWith(node.operator, left, node.right, params)
      const right = rangeOf(node.right, range)
      return right === undefined ? either : comparedWith(mirrored[node.operator], right, node.left, params)
    }
    default:
      return either
  }
}

const opposite = ({canBeTrue, canBeFalse}: Outcomes): Outcomes => ({canBeTrue: canBeFalse, canBeFalse: canBeTrue})

/** What a field, or a time transform of it, lies between. @returns undefined for every other expression */
function rangeOf(node: ExpressionNode, range: FieldRange): FieldRange | undefined {
  if (node.expression === 'field') return range
  if (node.expression !== 'transformed' || node.operand.expression !== 'field') return undefined
  const [transform, ...others] = node.transforms
  return transform !== undefined && others.length === 0 && 'zone' in transform
    ? bucketRange(transform, range)
    : undefined
}

function comparedWith(operator: Comparison, range: FieldRange, other: ExpressionNode, params: Params): Outcomes {
  if (other.expression === 'literal') return compared(operator, range, other.value)
  return other.expression === 'param' ? compared(operator, range, params[other.name]) : either
}

/** A field with a constant: as expressions/compare.ts has it, at both ends. */
function compared(operator: Comparison, range: FieldRange, constant: unknown): Outcomes {
  if (range.type === 'text') {
    // Numbers and booleans compare with what texts stand for, which has another order.
    if (typeof constant === 'string')
      return placed(operator, compareText(range.min, constant), compareText(range.max, constant))
    return constant === null ? withNothing(operator) : either
  }
  if (constant === null) return withNothing(operator)
  const number = typeof constant === 'string' ? numberOfText(constant) : constant
  if (number === undefined && typeof constant === 'string') return withNothing(operator)
  if ((typeof number !== 'number' && typeof number !== 'bigint') || Number.isNaN(number)) return either
  return placed(operator, orderOf(range.min, number), orderOf(range.max, number))
}

/** What is equal to nothing in the range, and in no order with it. */
const withNothing = (operator: Comparison): Outcomes => (operator === '!=' ? always : never)

/** Mixed comparison of numbers and big integers is exact in JavaScript. */
const orderOf = (a: number, b: number | bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** @param low - how the least value stands to the constant: negative, 0 or positive; `high`: the greatest */
function placed(operator: Comparison, low: number, high: number): Outcomes {
  switch (operator) {
    case '==':
      return {canBeTrue: low <= 0 && high >= 0, canBeFalse: low !== 0 || high !== 0}
    case '!=':
      return opposite(placed('==', low, high))
    case '<':
      return {canBeTrue: low < 0, canBeFalse: high >= 0}
    case '<=':
      return {canBeTrue: low <= 0, canBeFalse: high > 0}
    case '>':
      return {canBeTrue: high > 0, canBeFalse: low <= 0}
    case '>=':
      return {canBeTrue: high >= 0, canBeFalse: low < 0}
  }
}

/** The paths that a condition reads, each once. */
function pathsIn(node: ExpressionNode): readonly string[] {
  return [...new Set(objectsIn(node).flatMap(one => (one['expression'] === 'field' ? [String(one['path'])] : [])))]
}

/** A function may throw, which makes a record bad instead of filtered. */
export function callsFunction(node: unknown): boolean {
  return objectsIn(node).some(one => one['transform'] === 'function')
}

function isComputable(node: ExpressionNode, params: Params): boolean {
  const hasParam = (one: PlainObject): boolean =>
    one['expression'] !== 'param' || Object.hasOwn(params, String(one['name']))
  return !callsFunction(node) && objectsIn(node).every(hasParam)
}

type PlainObject = Readonly<Record<string, unknown>>

/** Plans are plain JSON: all objects in one, itself first. */
function objectsIn(value: unknown): readonly PlainObject[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? inner : [value as PlainObject, ...inner]
}
