/** Expressions of rules as SQL, with the meaning that src/rules/expressions gives them. */
import type {Comparison, ExpressionNode, Params} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {enginePattern} from './patterns.ts'
import {refuse} from './refused.ts'
import {transformed} from './transforms.ts'
import {constant, doubleText, isInexact, isMissing, numberOf, type Value} from './values.ts'

export interface Scope {
  readonly columns: Columns
  readonly params: Params
  /** The condition for a record to have come this far. */
  readonly alive: string
  read(path: string): Value
}

/** @throws Refused */
export function valueOfNode(scope: Scope, node: ExpressionNode): Value {
  const {columns} = scope
  switch (node.expression) {
    case 'field':
      return scope.read(node.path)
    case 'param':
      return constant(columns, parameter(scope.params, node.name))
    case 'literal':
      return constant(columns, node.value)
    case 'transformed':
      return transformed(columns, valueOfNode(scope, node.operand), node.transforms, scope.alive)
    case 'arithmetic':
      return calculated(scope, node)
    default:
      return {kind: "'b'", text: columns.cases([[predicateOf(scope, node), "'true'"]], "'false'")}
  }
}

/** @throws Refused */
export function conditionOf(scope: Scope, node: ExpressionNode): string {
  if (!['field', 'param', 'literal', 'arithmetic', 'transformed'].includes(node.expression)) {
    return predicateOf(scope, node)
  }
  const {kind, text} = valueOfNode(scope, node)
  const isTrue = [
    [isMissing({kind, text}), 'false'],
    [`${kind} = 'n'`, `${text} <> '0'`],
    [`${kind} = 's'`, `${text} NOT IN ('', '0', 'false')`],
    [`${kind} = 'b'`, `${text} = 'true'`],
  ] as const
  return scope.columns.cases(isTrue, 'true')
}

function predicateOf(scope: Scope, node: ExpressionNode): string {
  const {columns} = scope
  const {dialect} = columns
  switch (node.expression) {
    case 'compare':
      return compared(scope, node.operator, node.left, node.right)
    case 'and':
    case 'or': {
      const operands = node.operands.map(operand => `(${conditionOf(scope, operand)})`)
      return columns.add(`(${operands.join(node.expression === 'and' ? ' AND ' : ' OR ')})`)
    }
    case 'not':
      return columns.add(`(NOT (${conditionOf(scope, node.operand)}))`)
    case 'exists':
      return columns.add(`(${valueOfNode(scope, node.operand).kind} <> '')`)
    case 'in': {
      const value = valueOfNode(scope, node.operand)
      const tests = node.values.map(one =>
        one === null ? isMissing(value) : equal(scope, value, constant(columns, one)),
      )
      return columns.add(tests.length === 0 ? 'false' : `(${tests.map(test => `(${test})`).join(' OR ')})`)
    }
    case 'contains':
      return onText(scope, node.operand, text =>
        node.text === '' ? 'true' : dialect.position(text, dialect.text(node.text)),
      )
    case 'startsWith':
      return onText(scope, node.operand, text => dialect.startsWith(text, dialect.text(node.text)))
    case 'endsWith':
      return onText(scope, node.operand, text => dialect.endsWith(text, dialect.text(node.text)))
    case 'matches':
      return onText(scope, node.operand, text => dialect.matches(text, enginePattern('matches', node.pattern)))
    default:
      return refuse(node.expression, 'it is no condition')
  }
}

function onText(scope: Scope, node: ExpressionNode, test: (text: string) => string): string {
  const {columns, alive} = scope
  const value = valueOfNode(scope, node)
  columns.unsureWhen(`${alive} AND ${value.kind} IN ('c', 'x')`)
  return columns.cases([[isMissing(value), 'false']], test(value.text))
}

function compared(scope: Scope, operator: Comparison, left: ExpressionNode, right: ExpressionNode): string {
  const {columns} = scope
  const isNull = (node: ExpressionNode): boolean => node.expression === 'literal' && node.value === null
  if (operator === '==' || operator === '!=') {
    const other = isNull(left) ? right : isNull(right) ? left : undefined
    const not = operator === '!=' ? 'NOT ' : ''
    if (other !== undefined) return columns.add(`(${not}(${isMissing(valueOfNode(scope, other))}))`)
    return columns.add(`(${not}(${equal(scope, valueOfNode(scope, left), valueOfNode(scope, right))}))`)
  }
  const a = valueOfNode(scope, left)
  const b = valueOfNode(scope, right)
  const [x, y] = numbers(scope, a, b)
  return columns.cases(
    [
      [`${a.kind} = 's' AND ${b.kind} = 's'`, `${a.text} ${operator} ${b.text}`],
      [`${a.kind} IN ('s', 'n') AND ${b.kind} IN ('s', 'n')`, `coalesce(${x} ${operator} ${y}, false)`],
    ],
    'false',
  )
}

function equal(scope: Scope, a: Value, b: Value): string {
  const {columns} = scope
  const [x, y] = numbers(scope, a, b)
  return columns.cases(
    [
      [`${a.kind} = 's' AND ${b.kind} = 's'`, `${a.text} = ${b.text}`],
      [
        `${a.kind} = 'b' OR ${b.kind} = 'b'`,
        `${a.kind} IN ('s', 'b') AND ${b.kind} IN ('s', 'b') AND ${a.text} = ${b.text}`,
      ],
      [`${a.kind} IN ('s', 'n') AND ${b.kind} IN ('s', 'n')`, `coalesce(${x} = ${y}, false)`],
    ],
    'false',
  )
}

/** Decimals to compare; where one of them is a number that has none, the record is unsure. */
function numbers({columns, alive}: Scope, a: Value, b: Value): readonly [string, string] {
  const x = numberOf(columns, a)
  const y = numberOf(columns, b)
  const areNumbers = `${x.digits} <> '' AND ${y.digits} <> '' AND NOT (${a.kind} = 's' AND ${b.kind} = 's')`
  columns.unsureWhen(
    `${alive} AND ((${areNumbers} AND (${isInexact(x)} OR ${isInexact(y)})) OR ${a.kind} = 'x' OR ${b.kind} = 'x')`,
  )
  return [x.decimal, y.decimal]
}

/** On doubles, as JavaScript does it; what leaves the integers that they hold is unsure. */
function calculated(scope: Scope, node: Extract<ExpressionNode, {readonly expression: 'arithmetic'}>): Value {
  const {columns, alive} = scope
  const {dialect} = columns
  const [left, right] = [node.left, node.right].map(operand => numberOf(columns, valueOfNode(scope, operand)))
  const x = columns.add(dialect.double(left!.digits))
  const y = columns.add(dialect.double(right!.digits))
  const divisor = node.operator === '/' ? `nullif(${y}, 0)` : y
  const text = doubleText(columns, `${x} ${node.operator} ${divisor}`)
  const isNull = `(${left!.digits} = '' OR ${right!.digits} = ''${node.operator === '/' ? ` OR coalesce(${y} = 0, false)` : ''})`
  const isLarge = `(coalesce(abs(${x}) >= 9007199254740992, true) OR coalesce(abs(${y}) >= 9007199254740992, true) OR ${text} = 'x')`
  columns.unsureWhen(`${alive} AND (${left!.digits} = 'x' OR ${right!.digits} = 'x' OR (NOT ${isNull} AND ${isLarge}))`)
  return {kind: columns.cases([[isNull, "'z'"]], "'n'"), text}
}

function parameter(params: Params, name: string): string | number | boolean | null {
  const value = Object.hasOwn(params, name) ? params[name] : undefined
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  return refuse(
    `the parameter ${name}`,
    value === undefined ? 'it is not given' : 'it is no text, number, true, false or null',
  )
}
