/**
 * Conditions and computed values in TypeScript: `field('price').gt(0).and(field('domain').eq('x'))`.
 *
 * An Expression only holds its node; nothing is evaluated here.
 */
import {compilePattern} from '../patterns/index.ts'
import type {Comparison, ExpressionNode} from '../plan.ts'
import {checkField, checkText, refuse, show} from '../steps/check-arguments.ts'
import {nodeOfTransform} from '../steps/derived.ts'
import type {TransformStep} from '../types.ts'
import {smallest} from '../values.ts'

export type LiteralValue = string | number | bigint | boolean | null
export type Operand = Expression | LiteralValue
type Arithmetic = '+' | '-' | '*' | '/'

/**
 * A condition or a value of a record: begins with field(), param() or literal(). Never changed: each method gives another one.
 *
 * Comparisons and searches of an absent or null value are false, all but `ne`, and `isNull`, `eq(null)` and `in` with a null.
 *
 * @throws out of its methods: UserError BAD_RULE for an argument that is no constant, expression, text, pattern or built-in transform
 */
export class Expression {
  readonly kind = 'expression'
  readonly node: ExpressionNode

  constructor(node: ExpressionNode) {
    this.node = node
  }

  /** Equal: numbers with numbers and numeric text by value, text with text exactly. `eq(null)` is `isNull()`. */
  eq(other: Operand): Expression {
    return this.#compare('==', other)
  }
  /** Not equal, also when the value is absent or null. */
  ne(other: Operand): Expression {
    return this.#compare('!=', other)
  }
  lt(other: Operand): Expression {
    return this.#compare('<', other)
  }
  le(other: Operand): Expression {
    return this.#compare('<=', other)
  }
  gt(other: Operand): Expression {
    return this.#compare('>', other)
  }
  ge(other: Operand): Expression {
    return this.#compare('>=', other)
  }
  /** Equal to one of the values. */
  in(values: readonly LiteralValue[]): Expression {
    if (!Array.isArray(values)) refuse('in', `the values are ${show(values)}, expected an array`)
    return new Expression({expression: 'in', operand: this.node, values: values.map(listValue)})
  }
  /** The field is there, even if it is null. */
  exists(): Expression {
    return new Expression({expression: 'exists', operand: this.node})
  }
  /** Null or absent. */
  isNull(): Expression {
    return this.#compare('==', null)
  }
  /** The text contains this text; an array contains an element equal to it. */
  contains(text: string): Expression {
    return this.#search('contains', text)
  }
  startsWith(text: string): Expression {
    return this.#search('startsWith', text)
  }
  endsWith(text: string): Expression {
    return this.#search('endsWith', text)
  }
  /** The pattern (RE2 syntax, linear time) is found somewhere in the text. */
  matches(pattern: string): Expression {
    checkText('matches', 'the pattern', pattern)
    compilePattern(pattern)
    return new Expression({expression: 'matches', operand: this.node, pattern})
  }
  not(): Expression {
    return new Expression({expression: 'not', operand: this.node})
  }
  and(...others: readonly Expression[]): Expression {
    return this.#join('and', others)
  }
  or(...others: readonly Expression[]): Expression {
    return this.#join('or', others)
  }
  plus(other: Operand): Expression {
    return this.#calculate('+', other)
  }
  minus(other: Operand): Expression {
    return this.#calculate('-', other)
  }
  times(other: Operand): Expression {
    return this.#calculate('*', other)
  }
  /** Null when the other is 0. */
  dividedBy(other: Operand): Expression {
    return this.#calculate('/', other)
  }
  /** The value run through built-in transforms; an absent value stays absent. */
  transform(...transforms: readonly TransformStep[]): Expression {
    return new Expression(transformedNode(this.node, transforms.map(nodeOfTransform)))
  }

  #compare(operator: Comparison, other: Operand): Expression {
    return new Expression({expression: 'compare', operator, left: this.node, right: nodeOf(other)})
  }
  #search(expression: 'contains' | 'startsWith' | 'endsWith', text: string): Expression {
    checkText(expression, 'the text', text)
    return new Expression({expression, operand: this.node, text})
  }
  #calculate(operator: Arithmetic, other: Operand): Expression {
    return new Expression({expression: 'arithmetic', operator, left: this.node, right: nodeOf(other)})
  }
  /** Chains of the same word stay flat: `a.and(b).and(c)` has three operands. */
  #join(expression: 'and' | 'or', others: readonly Expression[]): Expression {
    if (others.length === 0) return this
    const own = this.node.expression === expression ? this.node.operands : [this.node]
    return new Expression({expression, operands: [...own, ...others.map(nodeOf)]})
  }
}

/** The value of a field; the path may be dotted. */
export function field(path: string): Expression {
  checkField('field', path)
  return new Expression({expression: 'field', path})
}

/** The value of a parameter of the run (`-P name=value`, or `params` of the rule). */
export function param(name: string): Expression {
  checkText('param', 'the name', name)
  return new Expression({expression: 'param', name})
}

/** A constant. */
export function literal(value: LiteralValue): Expression {
  return new Expression(literalNode(value))
}

/** The node of an expression, or of a constant in its place. */
export function nodeOf(operand: Operand): ExpressionNode {
  return isExpression(operand) ? operand.node : literalNode(operand)
}

/** Looks at the shape, because a rule project may have a second copy of this package. */
export function isExpression(value: unknown): value is Expression {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'expression' && 'node' in value
  )
}

/**
 * A constant as a node. Plans are JSON, which has no big integers: beyond 2^53 they are their digits run through toInt.
 *
 * @throws UserError BAD_RULE for what is no constant
 */
export function literalNode(value: LiteralValue): ExpressionNode {
  if (typeof value === 'bigint') {
    const small = smallest(value)
    if (typeof small === 'number') return {expression: 'literal', value: small}
    return {
      expression: 'transformed',
      operand: {expression: 'literal', value: String(value)},
      transforms: [{transform: 'toInt'}],
    }
  }
  return {expression: 'literal', value: plainValue(value)}
}

/** In lists big integers are text: equality reads numeric text as the number it is. */
function listValue(value: LiteralValue): string | number | boolean | null {
  const small = typeof value === 'bigint' ? smallest(value) : value
  return typeof small === 'bigint' ? String(small) : plainValue(small)
}

function plainValue(value: string | number | boolean | null): string | number | boolean | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0 // JSON has no -0
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  return refuse(
    'literal',
    `${show(value)} is not a constant`,
    'constants are text, finite numbers, true, false and null',
  )
}

/** Transforms of a transformed value join its chain. */
export function transformedNode(
  operand: ExpressionNode,
  transforms: Extract<ExpressionNode, {readonly expression: 'transformed'}>['transforms'],
): ExpressionNode {
  if (transforms.length === 0) return operand
  if (operand.expression !== 'transformed' || isBigLiteral(operand))
    return {expression: 'transformed', operand, transforms}
  return {expression: 'transformed', operand: operand.operand, transforms: [...operand.transforms, ...transforms]}
}

/** True for the node of an integer constant beyond 2^53. */
export function isBigLiteral(node: ExpressionNode): node is ExpressionNode & {operand: {value: string}} {
  if (node.expression !== 'transformed' || node.operand.expression !== 'literal' || node.transforms.length !== 1)
    return false
  const {value} = node.operand
  if (node.transforms[0]!.transform !== 'toInt' || typeof value !== 'string' || !/^-?[1-9]\d{15,307}$/.test(value))
    return false
  return typeof smallest(BigInt(value)) === 'bigint'
}
