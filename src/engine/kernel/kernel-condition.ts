/** Conditions of a plan as the kernel asks them: a tree of tests of one field against literals. */
import type {Comparison, ExpressionNode} from '../../rules/index.ts'
import {mirrored, numberOfText} from '../../rules/index.ts'
import {transformedLiteral} from './kernel-fields.ts'
import {type ConditionContext as Context, paramOf, valueField} from './kernel-view.ts'
import {membersMax} from './limits.ts'

export type Literal = string | number | boolean

export type KernelTest =
  | {readonly test: 'and' | 'or'; readonly operands: readonly KernelTest[]}
  | {readonly test: 'not'; readonly operand: KernelTest}
  | {readonly test: 'constant'; readonly holds: boolean}
  | {readonly test: 'exists' | 'missing' | 'truth'; readonly field: number}
  | {
      readonly test: 'compare'
      readonly operator: Comparison
      readonly field: number
      readonly literal: Literal
      /** What the literal stands for as a number; undefined: nothing. */
      readonly number: number | undefined
    }
  | {readonly test: 'compareFields'; readonly operator: Comparison; readonly field: number; readonly other: number}
  | {readonly test: 'contains' | 'startsWith' | 'endsWith'; readonly field: number; readonly text: string}

export type ConditionContext = Omit<Context, 'test'>

/** Makes the tests of a condition, with the meaning of rules/expressions/compile.ts. */
export function conditionTest(node: ExpressionNode, context: ConditionContext): KernelTest {
  const inner = (operand: ExpressionNode): KernelTest => conditionTest(operand, context)
  switch (node.expression) {
    case 'and':
    case 'or':
      return {test: node.expression, operands: node.operands.map(inner)}
    case 'not':
      return {test: 'not', operand: inner(node.operand)}
    case 'field':
    case 'transformed':
    case 'arithmetic':
    case 'matches':
      return {test: 'truth', field: fieldOf(node, context)}
    case 'literal':
    case 'param':
      return {test: 'constant', holds: isTrue(literalOf(node, context))}
    case 'exists':
      return {test: 'exists', field: fieldOf(node.operand, context)}
    case 'in':
      return membership(fieldOf(node.operand, context), node.values, context)
    case 'compare':
      return comparison(node, context)
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return {test: node.expression, field: fieldOf(node.operand, context), text: wholeText(node.text, context)}
  }
}

/** The field that an operand's value is. */
function fieldOf(node: ExpressionNode, context: ConditionContext): number {
  return valueField(node, {...context, test: conditionTest}, 'presence')
}

function isLiteral(node: ExpressionNode): boolean {
  const {expression} = node.expression === 'transformed' ? node.operand : node
  return expression === 'literal' || (expression === 'param' && node.expression === 'param')
}

function isTrue(value: Literal | null): boolean {
  return Boolean(value) && value !== '0' && value !== 'false'
}

/** The value of a literal, perhaps transformed, or of a parameter. */
function literalOf(node: ExpressionNode, context: ConditionContext): Literal | null {
  const {params, refuse} = context
  if (node.expression === 'literal') return node.value
  if (node.expression === 'transformed' && node.operand.expression === 'literal') {
    const value = transformedLiteral(node.transforms, node.operand.value)
    // Rounding keeps how it stands to the numbers that the kernel compares, which have at most 15 digits.
    if (typeof value === 'bigint') return Number(value)
    return value === undefined ? null : (value as Literal | null)
  }
  return node.expression === 'param' ? paramOf(params, node.name, refuse) : refuse(`${node.expression} in a comparison`)
}

function comparison(node: ExpressionNode & {expression: 'compare'}, context: ConditionContext): KernelTest {
  const {operator, left, right} = node
  if (isLiteral(right)) return compareField(left, operator, right, context)
  if (isLiteral(left)) return compareField(right, mirrored[operator], left, context)
  return {test: 'compareFields', operator, field: fieldOf(left, context), other: fieldOf(right, context)}
}

function compareField(
  node: ExpressionNode,
  operator: Comparison,
  other: ExpressionNode,
  context: ConditionContext,
): KernelTest {
  const literal = literalOf(other, context)
  const field = fieldOf(node, context)
  if (literal !== null) return compareLiteral(field, operator, literal, context)
  // Null itself asks whether there is a value; null from elsewhere is equal to nothing.
  if (other.expression === 'literal' && operator === '==') return {test: 'missing', field}
  if (other.expression === 'literal' && operator === '!=') return {test: 'not', operand: {test: 'missing', field}}
  return {test: 'constant', holds: operator === '!='}
}

function compareLiteral(field: number, operator: Comparison, literal: Literal, context: ConditionContext): KernelTest {
  const isOrder = operator !== '==' && operator !== '!='
  if (typeof literal === 'boolean' && isOrder) return {test: 'constant', holds: false}
  if (typeof literal === 'string') wholeText(literal, context)
  if (typeof literal === 'number' && Number.isNaN(literal)) return context.refuse('not-a-number in a comparison')
  const number = typeof literal === 'string' ? numberOfText(literal) : typeof literal === 'number' ? literal : undefined
  // The kernel compares numbers of at most 15 digits: rounding a longer one does not change how they stand to it.
  return {test: 'compare', operator, field, literal, number: number === undefined ? undefined : Number(number)}
}

function membership(field: number, values: readonly (Literal | null)[], context: ConditionContext): KernelTest {
  if (values.length > membersMax) context.refuse(`a list of more than ${membersMax} values in a condition`)
  const operands = values.map(
    (value): KernelTest => (value === null ? {test: 'missing', field} : compareLiteral(field, '==', value, context)),
  )
  return {test: 'or', operands}
}

/** Text that UTF-8 can hold. */
function wholeText(text: string, {refuse}: ConditionContext): string {
  return text.isWellFormed() ? text : refuse('text with half a character in a condition')
}
