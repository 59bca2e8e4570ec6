/** Expressions as readable text, the inverse of parse. */
import {unreachable} from '../../base/index.ts'
import type {ExpressionNode, TransformNode} from '../plan.ts'
import {isBigLiteral} from './builder.ts'
import {isBarePath, quoteText} from './tokens.ts'
import {argumentsOf} from './transform-calls.ts'

/** How tightly each kind binds; an operand that binds less than its place needs goes into brackets. */
const binding = {or: 1, and: 2, not: 3, comparison: 4, sum: 5, product: 6, value: 7} as const

export interface PrintOptions {
  /** Leaves the salts of hashed out, for text that others may see; it then does not read back. */
  readonly hideSalts?: boolean
}

/**
 * Text that `parseExpression` reads back as an equal node, unless the node holds a function of the rule (shown by name) or was not
 * made by the builder or the parser.
 */
export function printExpression(node: ExpressionNode, options: PrintOptions = {}): string {
  const at = (place: number, inner: ExpressionNode): string => {
    const text = printExpression(inner, options)
    return bindingOf(inner) < place ? `(${text})` : text
  }
  switch (node.expression) {
    case 'field':
      return isBarePath(node.path) ? node.path : backticked(node.path)
    case 'param':
      return /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(node.name) ? `$${node.name}` : `$${backticked(node.name)}`
    case 'literal':
      return printLiteral(node.value)
    case 'compare':
      return `${at(binding.sum, node.left)} ${node.operator} ${at(binding.sum, node.right)}`
    case 'and':
    case 'or':
      return node.operands.map(operand => at(binding[node.expression] + 1, operand)).join(` ${node.expression} `)
    case 'not':
      return `not ${at(binding.not, node.operand)}`
    case 'exists':
      return `exists ${at(binding.value, node.operand)}`
    case 'in':
      return `${at(binding.sum, node.operand)} in (${node.values.map(printLiteral).join(', ')})`
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return `${at(binding.sum, node.operand)} ${node.expression} ${quoteText(node.text)}`
    case 'matches':
      return `${at(binding.sum, node.operand)} ~ ${quoteText(node.pattern)}`
    case 'arithmetic': {
      const place = bindingOf(node)
      return `${at(place, node.left)} ${node.operator} ${at(place + 1, node.right)}`
    }
    case 'transformed': {
      if (isBigLiteral(node)) return node.operand.value
      return node.transforms.reduce(
        (text, transform) => printCall(transform, text, options),
        printExpression(node.operand, options),
      )
    }
    default:
      return unreachable(node)
  }
}

function bindingOf(node: ExpressionNode): number {
  switch (node.expression) {
    case 'or':
    case 'and':
    case 'not':
      return binding[node.expression]
    case 'compare':
    case 'exists':
    case 'in':
    case 'contains':
    case 'startsWith':
    case 'endsWith':
    case 'matches':
      return binding.comparison
    case 'arithmetic':
      return node.operator === '+' || node.operator === '-' ? binding.sum : binding.product
    default:
      return binding.value
  }
}

/** A transform as a call on a value: `trimTo(name, 20)`. */
function printCall(node: TransformNode, value: string, options: PrintOptions): string {
  return `${transformName(node)}(${[value, ...printArguments(node, options)].join(', ')})`
}

/** The name to call a transform by; functions of the rule by their own name or their place. */
export function transformName(node: TransformNode): string {
  return node.transform === 'function' ? node.ref.name || node.ref.hook : node.transform
}

/** The arguments of a transform after the value, as text. */
export function printArguments(node: TransformNode, options: PrintOptions = {}): string[] {
  return argumentsOf(node).map((argument, index) => {
    if (node.transform === 'hashed' && index === 0 && options.hideSalts) return 'salt'
    return typeof argument === 'string' ? quoteText(argument) : String(argument)
  })
}

function printLiteral(value: string | number | boolean | null): string {
  if (typeof value === 'string') return quoteText(value)
  // Digits alone would read back as an exact integer, which a double beyond 2^53 is not.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential()
  return String(value)
}

function backticked(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
