/** Built-in preprocess steps as rules name them: functions of a record that carry their plan node. */
import {type Expression, isExpression, type LiteralValue, literalNode, transformedNode} from '../expressions/builder.ts'
import {parseExpression} from '../expressions/parse.ts'
import type {ExpressionNode} from '../plan.ts'
import type {Derived, PreprocessStep} from '../types.ts'
import {checkField, checkOptions, refuse, show} from './check-arguments.ts'
import {preprocessStep} from './preprocess-step.ts'

/**
 * Keeps the records that meet a condition: `where(field('price').gt(0))` or `where('price > 0 and domain == "x"')`.
 *
 * @throws UserError BAD_EXPRESSION when the text does not parse, BAD_RULE for anything else
 */
export function where(condition: Expression | string): PreprocessStep {
  if (typeof condition === 'string') return preprocessStep({step: 'where', condition: parseExpression(condition)})
  if (isExpression(condition)) return preprocessStep({step: 'where', condition: condition.node})
  return refuse(
    'where',
    `the condition is ${show(condition)}, expected text or an expression`,
    `such as where("price > 0") or where(field('price').gt(0))`,
  )
}

/**
 * Keeps only these fields: `select('domain', 'user.geo.country')`. Nested ones keep their place, arrays on the way are kept whole.
 *
 * @throws UserError BAD_RULE
 */
export function select(...fields: readonly string[]): PreprocessStep {
  if (fields.length === 0) refuse('select', 'there are no fields', 'name at least one: select("domain")')
  for (const field of fields) checkField('select', field)
  return preprocessStep({step: 'select', fields})
}

/**
 * Computes fields: `derive({total: field('price').times(field('count')), day: day('time'), source: 'web'})`.
 *
 * In order: later ones see earlier ones. Text is a constant, not an expression. A name is taken as it is, dots and all. An absent value
 * leaves the record without the field.
 *
 * @throws UserError BAD_RULE
 */
export function derive(fields: Readonly<Record<string, Expression | Derived | LiteralValue>>): PreprocessStep {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    refuse('derive', `the fields are ${show(fields)}, expected an object of names and values`)
  }
  const named = Object.entries(fields).map(([name, value]) => ({name, value: valueNode(value)}))
  return preprocessStep({step: 'derive', fields: named})
}

function valueNode(value: Expression | Derived | LiteralValue): ExpressionNode {
  if (isExpression(value)) return value.node
  if (isDerived(value)) return transformedNode({expression: 'field', path: value.field}, value.transforms)
  if (typeof value === 'function') {
    refuse(
      'derive',
      `${show(value)} is not a value`,
      'functions of your own go into partsPreprocess: parts => ({...parts, total: 1})',
    )
  }
  return literalNode(value)
}

function isDerived(value: unknown): value is Derived {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'derived'
}

export interface SplitOptions {
  /** The field that holds what was made; unless given it takes the place of what it was made of. */
  readonly as?: string
}

/**
 * One record per element of an array; none when it is empty, null or absent (unnest in SQL). Anything else counts as the only element.
 *
 * @throws UserError BAD_RULE
 */
export function explode(field: string, options: SplitOptions = {}): PreprocessStep {
  return preprocessStep({step: 'explode', field, as: splitName('explode', field, options)})
}

/**
 * One record per word of a text: runs of letters and digits of any script, as they are written. None without a word.
 *
 * @throws UserError BAD_RULE
 */
export function splitWords(field: string, options: SplitOptions = {}): PreprocessStep {
  return preprocessStep({step: 'splitWords', field, as: splitName('splitWords', field, options)})
}

/**
 * The JSON object or list that a text holds, in its place: `{"log": "{\\"level\\": \\"info\\"}"}` then has `log.level`. A record with anything else
 * there stays as it is. For what containers, queues and collectors wrap.
 *
 * @throws UserError BAD_RULE
 */
export function parseJson(field: string, options: SplitOptions = {}): PreprocessStep {
  return preprocessStep({step: 'parseJson', field, as: splitName('parseJson', field, options)})
}

function splitName(step: string, field: string, options: SplitOptions): string {
  checkField(step, field)
  checkOptions(step, options, ['as'])
  const {as = field} = options
  checkField(step, as)
  return as
}
