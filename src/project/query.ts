/** A rule from the command line: `inferno query -k campaign_id,day(time) -v 'count,revenue=sum(price)'`. */
import {didYouMean, messageOf, printable, UserError} from '../base/index.ts'
import * as rules from '../rules/index.ts'
import {type Aggregate, defineRule, type Format, type KeyPart, type Rule} from '../rules/index.ts'
import {type Item, isInBrackets, parseItem, splitItems, unquoted} from './query-items.ts'

/** Whole minutes of UTC, `YYYY-MM-DDTHH:MM`; the first one counts, the last one does not. */
export interface TimeSpan {
  /** Path of the field that holds the time. */
  readonly field: string
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface Query {
  readonly keys: readonly string[]
  readonly values: readonly string[]
  /** Times in the field `time` lack the year: they are of the twelve months up to this day. */
  readonly lastDay?: string | undefined
  /** Only records of this span. */
  readonly span?: TimeSpan | undefined
  /** A where expression as text. */
  readonly where: string | undefined
  /** Texts that hold JSON, read before anything else. */
  readonly parseJson?: readonly string[] | undefined
  /** Lists whose elements become records, in this order. */
  readonly explode?: readonly string[] | undefined
  /** In a database. */
  readonly table?: string | undefined
  readonly format: Format
}

type MakeAggregate = (field: string, args: readonly string[]) => Aggregate

const aggregates: Readonly<Record<string, MakeAggregate>> = {
  sum: field => rules.sum(field),
  count: field => (field === '' ? rules.count() : rules.count(field)),
  min: field => rules.min(field),
  max: field => rules.max(field),
  avg: field => rules.avg(field),
  stddev: field => rules.stddev(field),
  first: (field, [by]) => rules.first(field, {by: by ?? missing('first(field, by)')}),
  last: (field, [by]) => rules.last(field, {by: by ?? missing('last(field, by)')}),
  distinct: field => rules.distinct(field),
  quantile: (field, [q]) => rules.quantile(field, Number(q ?? missing('quantile(field, 0.95)'))),
  median: field => rules.median(field),
  p50: field => rules.p50(field),
  p75: field => rules.p75(field),
  p90: field => rules.p90(field),
  p95: field => rules.p95(field),
  p99: field => rules.p99(field),
  topK: (field, [k]) => rules.topK(field, k === undefined ? undefined : Number(k)),
  histogram: (field, bounds) =>
    rules.histogram(field, bounds.flatMap(text => text.replace(/^\[|\]$/g, '').split(',')).map(Number)),
  collect: (field, [max]) => rules.collect(field, max === undefined ? {} : {max: Number(max)}),
}

const times: readonly string[] = ['minute', 'hour', 'day', 'week']

/** @throws UserError BAD_FLAG, BAD_EXPRESSION */
export function queryRule({keys, values, where, parseJson, explode, lastDay, span, table, format}: Query): Rule {
  const computed = new Computed()
  const keyParts = keys
    .flatMap(splitItems)
    .map(parseItem)
    .map(item => keyPart(item, computed))
  const valueItems = values.flatMap(splitItems).map(parseItem)
  assertDistinct(valueItems)
  const valueParts = Object.fromEntries(valueItems.map(item => [columnOf(item), aggregateOf(item, computed)]))
  const steps = [
    ...(parseJson ?? []).map(field => rules.parseJson(field)),
    ...(explode ?? []).map(field => rules.explode(field)),
    ...(lastDay === undefined ? [] : [rules.derive({time: rules.field('time').transform(rules.withYear(lastDay))})]),
    ...(span === undefined ? [] : spanSteps(span)),
    ...(where === undefined ? [] : [rules.where(new rules.Expression(fieldReading(where)))]),
    ...computed.steps(),
  ]
  return defineRule({
    name: 'query',
    format,
    ...(table === undefined ? {} : {table}),
    ...(steps.length === 0 ? {} : {partsPreprocess: steps}),
    keyParts,
    valueParts,
  })
}

function spanSteps({field, since, until}: TimeSpan): rules.PreprocessStep[] {
  const minute = rules.field(field).transform(rules.minute())
  return [
    ...(since === undefined ? [] : [rules.where(minute.ge(since))]),
    ...(until === undefined ? [] : [rules.where(minute.lt(until))]),
  ]
}

/** What stands in -k and -v as an expression: a field of its own, made before the grouping. */
class Computed {
  readonly #fields: Record<string, rules.Expression> = {}

  /** @returns the name of the field */
  add(text: string): string {
    this.#fields[text] ??= new rules.Expression(fieldReading(text))
    return text
  }

  steps(): rules.PreprocessStep[] {
    return Object.keys(this.#fields).length === 0 ? [] : [rules.derive(this.#fields)]
  }
}

/**
 * Outside of calls quotes stand around names; within an expression they make a text, the same for every record.
 *
 * @throws UserError BAD_FLAG for an expression of nothing but texts
 */
function fieldReading(text: string): rules.ExpressionNode {
  const node = rules.parseExpression(text)
  if (!/["']/.test(text) || rules.fieldsOfExpression(node).length > 0) return node
  throw new UserError('BAD_FLAG', `${printable(text)} reads no field: in an expression, quotes stand around text`, {
    hint: "write a name that is odd in backticks, and the whole in single quotes: 'toFloat(`Amount (EUR)`)'",
    exitCode: 2,
  })
}

/** What a column is called: as it was said, else after what it is made of. */
function columnOf({name, call, field, isExpression, args, text}: Item): string {
  if (name !== undefined) return name
  if (call === undefined) return isExpression ? field.slice(1, -1).trim() : field
  // A bracket of its own around the whole expression says nothing more.
  if (isExpression) return args.length === 0 && isInBrackets(field) ? `${call}${field}` : text
  return field === '' || times.includes(call) ? call : `${call}_${field}`
}

function keyPart(item: Item, computed: Computed): KeyPart {
  const {call, field, isExpression, text} = item
  const column = columnOf(item)
  if (isExpression) return rules.from(computed.add(text)).as(column)
  if (call === undefined) return column === field ? field : rules.from(field).as(column)
  assertField(call, field)
  if (!rules.transformNames.includes(call)) {
    throw new UserError(
      'BAD_FLAG',
      `-k ${call}(${field}): there is no such transform.${didYouMean(call, rules.transformNames)}`,
      {hint: `there are: ${rules.transformNames.join(', ')}`, exitCode: 2},
    )
  }
  const [every] = item.args.map(argumentOf)
  if (call !== 'minute' || typeof every !== 'number') return rules.derivedOf(column, field, [transformOf(item, call)])
  const inZone = {...item, args: item.args.slice(1)}
  return rules.derivedOf(column, field, [transformOf(inZone, call), ...stretchesOf(every, item)])
}

type Transform = ReturnType<typeof rules.transformOfCall>

/** @throws UserError BAD_FLAG that says what is wrong with the arguments */
const transformOf = (item: Item, call: string): Transform =>
  ofFlag(item, () => rules.transformOfCall(call, item.args.map(argumentOf)))

/** @throws UserError BAD_FLAG for a number of minutes that cannot be grouped by */
const stretchesOf = (every: number, item: Item): Transform[] => ofFlag(item, () => rules.everyMinutes(every))

function ofFlag<T>({text}: Item, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError('BAD_FLAG', `-k ${printable(text)}: ${messageOf(error)}`, {
      ...(error.hint === undefined ? {} : {hint: error.hint}),
      cause: error,
      exitCode: 2,
    })
  }
}

/** A number where it is written as one; text may stand without quotes. */
const argumentOf = (text: string): rules.CallArgument =>
  /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : unquoted(text)

function aggregateOf({call, field, isExpression, text, args: given}: Item, computed: Computed): Aggregate {
  // A plain name is a sum; the plain name `count` counts records that have no such field.
  if (call === undefined) return field === 'count' ? countOrSum : rules.sum(isExpression ? computed.add(text) : field)
  const make = ownValue(aggregates, call)
  if (make) {
    if (call !== 'count') assertField(call, field)
    if (!isExpression) return make(field, given.map(unquoted))
    // False is a value, too: counted as others are, a condition would count every record.
    if (call === 'count' && isCondition(field)) return rules.sum(computed.add(field))
    return make(computed.add(field), given.map(unquoted))
  }
  const known = Object.keys(aggregates)
  throw new UserError('BAD_FLAG', `-v ${call}(${field}): there is no such aggregate.${didYouMean(call, known)}`, {
    hint: `there are: ${known.join(', ')}`,
    exitCode: 2,
  })
}

const isCondition = (text: string): boolean => rules.isCondition(rules.parseExpression(text))

function assertField(call: string, field: string): void {
  if (field !== '') return
  throw new UserError('BAD_FLAG', `${call}() names no field`, {hint: `write ${call}(field)`, exitCode: 2})
}

const countOrSum: Aggregate = {kind: 'aggregate', node: {aggregate: 'sum', field: 'count', absent: 1}}

/** Columns are told apart by their names. */
function assertDistinct(items: readonly Item[]): void {
  const seen = new Set<string>()
  for (const item of items) {
    const column = columnOf(item)
    if (seen.has(column)) {
      throw new UserError('BAD_FLAG', `two columns of -v are called "${printable(column)}"`, {
        hint: 'name one of them: -v other=sum(price)',
        exitCode: 2,
      })
    }
    seen.add(column)
  }
}

function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function missing(form: string): never {
  throw new UserError('BAD_FLAG', `an argument is missing: write ${form}`, {exitCode: 2})
}
