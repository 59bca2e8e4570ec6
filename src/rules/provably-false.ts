/**
 * Whether a condition can be true for any record, when it is only known what values of fields lie between: interval arithmetic.
 *
 * The row evaluator (expressions/compile.ts) is the reference: "false for all" is said only when that one would say false for every
 * record whose fields lie in the ranges. What is not known here counts as "may be both".
 */
import {compareText, type Json} from '../base/index.ts'
import type {Comparison, ExpressionNode, Plan} from './plan.ts'
import type {Params} from './types.ts'
import {numberOfText} from './values.ts'

/** Every record has the field, and it is a number (no bigint) or it is a text, from `min` to `max`. Texts by code points. */
export type FieldRange =
  | {readonly type: 'number'; readonly min: number; readonly max: number}
  | {readonly type: 'text'; readonly min: string; readonly max: string}

/** By the name of a top-level field. */
export type FieldRanges = ReadonlyMap<string, FieldRange>

/** What a condition can come to over all records. */
interface Outcomes {
  readonly canBeTrue: boolean
  readonly canBeFalse: boolean
}

const either: Outcomes = {canBeTrue: true, canBeFalse: true}
const always: Outcomes = {canBeTrue: true, canBeFalse: false}
const never: Outcomes = {canBeTrue: false, canBeFalse: true}

/** Ranges as they stand in a footer: `[["time", 17, 42], ["host", "a", "k"]]`. */
export function rangesJson(ranges: FieldRanges): Json {
  return [...ranges].map(([name, {min, max}]) => [name, min, max])
}

/** @returns undefined for what is not of the form of `rangesJson`: of another version, perhaps */
export function parseRanges(json: unknown): FieldRanges | undefined {
  if (!Array.isArray(json)) return undefined
  const ranges = new Map<string, FieldRange>()
  for (const entry of json as unknown[]) {
    if (!Array.isArray(entry)) return undefined
    const [name, min, max] = entry as unknown[]
    if (typeof name !== 'string') return undefined
    if (typeof min === 'number' && typeof max === 'number') ranges.set(name, {type: 'number', min, max})
    else if (typeof min === 'string' && typeof max === 'string') ranges.set(name, {type: 'text', min, max})
    else return undefined
  }
  return ranges
}

/**
 * Whether the conditions that stand first in a plan let no record pass. Then every record is filtered, and nothing else comes of it.
 *
 * @param params - as they are after the rule's mapInitFunction
 */
export function filtersAll(plan: Plan, ranges: FieldRanges, params: Params): boolean {
  // A map function of the rule's own sees records as they were read.
  if (plan.map !== null || ranges.size === 0) return false
  for (const step of plan.steps) {
    // A function may throw, which makes a record bad instead.
    if (step.step !== 'where' || callsFunction(step.condition)) return false
    if (provablyFalse(step.condition, ranges, params)) return true
  }
  return false
}

/** Whether a condition without functions is false for every record whose fields lie in the ranges. Never wrongly. */
export function provablyFalse(condition: ExpressionNode, ranges: FieldRanges, params: Params): boolean {
  return !outcomesOf(condition, ranges, params).canBeTrue
}

function outcomesOf(node: ExpressionNode, ranges: FieldRanges, params: Params): Outcomes {
  const of = (inner: ExpressionNode): Outcomes => outcomesOf(inner, ranges, params)
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
    case 'exists':
      return rangeOf(node.operand, ranges) === undefined ? either : always
    case 'in': {
      const range = rangeOf(node.operand, ranges)
      if (range === undefined) return either
      const all = node.values.map(value => compared('==', range, value))
      return {canBeTrue: all.some(one => one.canBeTrue), canBeFalse: all.every(one => one.canBeFalse)}
    }
    case 'compare': {
      const left = rangeOf(node.left, ranges)
      if (left !== undefined) return comparedWith(node.operator, left, node.right, params)
      const right = rangeOf(node.right, ranges)
      return right === undefined ? either : comparedWith(mirrored[node.operator], right, node.left, params)
    }
    default:
      return either
  }
}

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

const opposite = ({canBeTrue, canBeFalse}: Outcomes): Outcomes => ({canBeTrue: canBeFalse, canBeFalse: canBeTrue})

function rangeOf(node: ExpressionNode, ranges: FieldRanges): FieldRange | undefined {
  return node.expression === 'field' ? ranges.get(node.path) : undefined
}

function comparedWith(operator: Comparison, range: FieldRange, other: ExpressionNode, params: Params): Outcomes {
  if (other.expression === 'literal') return compared(operator, range, other.value)
  if (other.expression === 'param' && Object.hasOwn(params, other.name))
    return compared(operator, range, params[other.name])
  return either
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

/** Plans are plain JSON, so that a transform can stand nowhere but in an object. */
function callsFunction(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  return ('transform' in node && node.transform === 'function') || Object.values(node).some(callsFunction)
}
