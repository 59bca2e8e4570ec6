/** From expression nodes to functions of a record. */
import {didYouMean, UserError, unreachable} from '../../base/index.ts'
import {compilePath} from '../paths.ts'
import {compilePattern} from '../patterns/index.ts'
import type {ExpressionNode} from '../plan.ts'
import {compileTransforms, type ResolveFunction} from '../steps/compile-transform.ts'
import type {Params, Parts} from '../types.ts'
import {textOf} from '../value-text.ts'
import {calculate} from './calculate.ts'
import {comparisons, compileMembership, equalValues} from './compare.ts'

type Evaluate = (parts: Parts) => unknown
type Predicate = (parts: Parts) => boolean

/**
 * Makes the function that computes an expression for a record; undefined means absent.
 *
 * Parameters are read now, not per record: compile after a rule's mapInitFunction has had its chance to set some.
 *
 * @param resolveFunction - needed only for plans whose transforms hold functions of the rule
 * @throws UserError BAD_PARAMETERS for a parameter that is not given, BAD_RULE for a pattern that does not compile
 */
export function compileExpression(
  node: ExpressionNode,
  params: Params,
  resolveFunction: ResolveFunction = refuseFunction,
): Evaluate {
  const compile = (inner: ExpressionNode): Evaluate => compileExpression(inner, params, resolveFunction)
  switch (node.expression) {
    case 'field':
      return compilePath(node.path)
    case 'param':
      return constant(paramOf(params, node.name))
    case 'literal':
      return constant(node.value)
    case 'arithmetic': {
      const {operator} = node
      const left = compile(node.left)
      const right = compile(node.right)
      return parts => calculate(operator, left(parts), right(parts))
    }
    case 'transformed':
      return compileTransformed(node, compile(node.operand), resolveFunction)
    default:
      return compilePredicate(node, compile)
  }
}

/**
 * Makes the function that says whether a record meets a condition.
 *
 * A value that is no condition counts as false when it is absent, null, 0, empty text, `0` or `false`, and as true otherwise.
 *
 * @throws UserError like compileExpression
 */
export function compileCondition(
  node: ExpressionNode,
  params: Params,
  resolveFunction: ResolveFunction = refuseFunction,
): Predicate {
  return asPredicate(node, inner => compileExpression(inner, params, resolveFunction))
}

function asPredicate(node: ExpressionNode, compile: (inner: ExpressionNode) => Evaluate): Predicate {
  const evaluate = compile(node)
  return isCondition(node) ? (evaluate as Predicate) : parts => isTrue(evaluate(parts))
}

/** Its value is true or false, whatever the record holds. */
export function isCondition(node: ExpressionNode): boolean {
  return !['field', 'param', 'literal', 'arithmetic', 'transformed'].includes(node.expression)
}

function isTrue(value: unknown): boolean {
  return Boolean(value) && value !== '0' && value !== 'false'
}

type ValueNode = Extract<
  ExpressionNode,
  {readonly expression: 'field' | 'param' | 'literal' | 'arithmetic' | 'transformed'}
>

function compilePredicate(
  node: Exclude<ExpressionNode, ValueNode>,
  compile: (inner: ExpressionNode) => Evaluate,
): Predicate {
  switch (node.expression) {
    case 'compare':
      return compileCompare(node, compile)
    case 'and':
    case 'or':
      return compileJoined(
        node.expression === 'and',
        node.operands.map(operand => asPredicate(operand, compile)),
      )
    case 'not': {
      const condition = asPredicate(node.operand, compile)
      return parts => !condition(parts)
    }
    case 'exists': {
      const value = compile(node.operand)
      return parts => value(parts) !== undefined
    }
    case 'in': {
      const value = compile(node.operand)
      const isMember = compileMembership(node.values)
      return parts => isMember(value(parts))
    }
    case 'contains':
      return compileContains(node.text, compile(node.operand))
    case 'startsWith': {
      const {text} = node
      return onText(compile(node.operand), value => value.startsWith(text))
    }
    case 'endsWith': {
      const {text} = node
      return onText(compile(node.operand), value => value.endsWith(text))
    }
    case 'matches': {
      const pattern = compilePattern(node.pattern)
      return onText(compile(node.operand), value => pattern.test(value))
    }
    default:
      return unreachable(node)
  }
}

function compileCompare(
  node: Extract<ExpressionNode, {readonly expression: 'compare'}>,
  compile: (inner: ExpressionNode) => Evaluate,
): Predicate {
  const left = compile(node.left)
  const right = compile(node.right)
  // Comparing with null itself is the question whether there is a value.
  if (node.operator === '==' || node.operator === '!=') {
    const other = isNullLiteral(node.left) ? right : isNullLiteral(node.right) ? left : undefined
    const wanted = node.operator === '=='
    if (other !== undefined) return parts => isMissing(other(parts)) === wanted
  }
  const test = comparisons[node.operator]
  if (node.right.expression === 'literal') {
    const {value} = node.right
    return parts => test(left(parts), value)
  }
  return parts => test(left(parts), right(parts))
}

function isNullLiteral(node: ExpressionNode): boolean {
  return node.expression === 'literal' && node.value === null
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

function compileJoined(isAnd: boolean, conditions: readonly Predicate[]): Predicate {
  const [first, second] = conditions
  if (conditions.length === 2)
    return isAnd ? parts => first!(parts) && second!(parts) : parts => first!(parts) || second!(parts)
  return parts => {
    for (const condition of conditions) if (condition(parts) !== isAnd) return !isAnd
    return isAnd
  }
}

function compileContains(text: string, evaluate: Evaluate): Predicate {
  return parts => {
    const value = evaluate(parts)
    if (typeof value === 'string') return value.includes(text)
    if (Array.isArray(value)) return value.some(element => equalValues(element, text))
    return !isMissing(value) && textOf(value).includes(text)
  }
}

/** Values that are no text are cast as for keys; null and absent never match. */
function onText(evaluate: Evaluate, test: (text: string) => boolean): Predicate {
  return parts => {
    const value = evaluate(parts)
    if (typeof value === 'string') return test(value)
    return !isMissing(value) && test(textOf(value))
  }
}

function compileTransformed(
  node: Extract<ExpressionNode, {readonly expression: 'transformed'}>,
  evaluate: Evaluate,
  resolveFunction: ResolveFunction,
): Evaluate {
  const transform = compileTransforms(node.transforms, resolveFunction)
  if (node.operand.expression === 'literal') return constant(transform(node.operand.value))
  return parts => {
    const value = evaluate(parts)
    return value === undefined ? undefined : transform(value)
  }
}

function constant(value: unknown): Evaluate {
  return () => value
}

function paramOf(params: Params, name: string): unknown {
  if (Object.hasOwn(params, name)) return params[name]
  throw new UserError(
    'BAD_PARAMETERS',
    `an expression uses the parameter "${name}", which is not given.${didYouMean(name, Object.keys(params))}`,
    {
      hint: `give it with -P ${name}=VALUE, or a default in the rule's params`,
    },
  )
}

function refuseFunction(): never {
  throw new UserError('BAD_RULE', 'an expression may not call a function of the rule', {
    hint: 'compute the value in partsPreprocess',
  })
}
