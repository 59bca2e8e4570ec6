/** A rule from the command line: `inferno query -k campaign_id,day(time) -v 'count,revenue=sum(price)'`. */
import {didYouMean, printable, UserError} from '../base/index.ts'
import * as rules from '../rules/index.ts'
import {
  type Aggregate,
  type Derived,
  defineRule,
  type Format,
  type KeyPart,
  type Rule,
  type TransformStep,
} from '../rules/index.ts'

export interface Query {
  readonly keys: readonly string[]
  readonly values: readonly string[]
  /** A where expression as text. */
  readonly where: string | undefined
  readonly format: Format
}

/** `name=call(argument, …)`, `call(argument, …)` or a field. */
interface Item {
  readonly column: string
  readonly call: string | undefined
  readonly field: string
  readonly args: readonly string[]
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

const times = {minute: rules.minute, hour: rules.hour, day: rules.day, week: rules.week} as const
const transforms: Readonly<Record<string, TransformStep>> = {
  toInt: rules.toInt,
  toFloat: rules.toFloat,
  lower: rules.lower,
  upper: rules.upper,
  alphanumeric: rules.alphanumeric,
  urlHost: rules.urlHost,
  truncateIp: rules.truncateIp,
}

/** @throws UserError BAD_FLAG, BAD_EXPRESSION */
export function queryRule({keys, values, where, format}: Query): Rule {
  const keyItems = keys.flatMap(splitItems).map(parseItem)
  const valueItems = values.flatMap(splitItems).map(parseItem)
  assertDistinct(valueItems)
  return defineRule({
    name: 'query',
    format,
    ...(where === undefined ? {} : {partsPreprocess: [rules.where(where)]}),
    keyParts: keyItems.map(keyPart),
    valueParts: Object.fromEntries(valueItems.map(item => [item.column, aggregateOf(item)])),
  })
}

function keyPart({column, call, field, args}: Item): KeyPart {
  if (call === undefined) return column === field ? field : rules.from(field).as(column)
  assertField(call, field)
  const derived = derivedOf(call, field, args)
  return column === call ? derived : derived.as(column)
}

function derivedOf(call: string, field: string, [zone]: readonly string[]): Derived {
  if (isTime(call)) return times[call](field, zone === undefined ? {} : {zone})
  const transform = ownValue(transforms, call)
  if (transform) return rules.from(field, transform).as(call)
  const known = [...Object.keys(times), ...Object.keys(transforms)]
  throw new UserError('BAD_FLAG', `-k ${call}(${field}): there is no such transform.${didYouMean(call, known)}`, {
    hint: `there are: ${known.join(', ')}`,
    exitCode: 2,
  })
}

function aggregateOf({call, field, args}: Item): Aggregate {
  // A plain name is a sum; the plain name `count` counts records that have no such field.
  if (call === undefined) return field === 'count' ? countOrSum : rules.sum(field)
  const make = ownValue(aggregates, call)
  if (make) {
    if (call !== 'count') assertField(call, field)
    return make(field, args)
  }
  const known = Object.keys(aggregates)
  throw new UserError('BAD_FLAG', `-v ${call}(${field}): there is no such aggregate.${didYouMean(call, known)}`, {
    hint: `there are: ${known.join(', ')}`,
    exitCode: 2,
  })
}

function assertField(call: string, field: string): void {
  if (field !== '') return
  throw new UserError('BAD_FLAG', `${call}() names no field`, {hint: `write ${call}(field)`, exitCode: 2})
}

const countOrSum: Aggregate = {kind: 'aggregate', node: {aggregate: 'sum', field: 'count', absent: 1}}

/** Splits at commas outside brackets and quotes. */
function splitItems(text: string): string[] {
  const items: string[] = []
  let depth = 0
  let quote = ''
  let start = 0
  for (let index = 0; index <= text.length; index++) {
    const char = text[index] ?? ''
    if (quote !== '') {
      if (char === quote) quote = ''
      else if (char !== '') continue
    } else if (char === '"' || char === "'") quote = char
    if (char === '(' || char === '[') depth++
    if (char === ')' || char === ']') depth--
    if (char === '' || (char === ',' && depth === 0 && quote === '')) {
      const item = text.slice(start, index).trim()
      if (item !== '') items.push(item)
      start = index + 1
    }
  }
  return items
}

const quoted = `"[^"]*"|'[^']*'`
const itemPattern = new RegExp(`^(?:(${quoted}|[^()='"]+)=)?(?:([A-Za-z]\\w*)\\((.*)\\)|(${quoted}|[^()'"]+))$`, 's')

/** A field may stand in quotes, for names with commas, brackets or equals signs. */
function parseItem(text: string): Item {
  const match = itemPattern.exec(text)
  if (!match) {
    throw new UserError('BAD_FLAG', `"${printable(text)}" is neither a field nor call(field)`, {
      hint: 'write fields as they are named, or like sum(price), p95(ms), day(time); odd names in quotes',
      exitCode: 2,
    })
  }
  const [, name, call, inside, plain = ''] = match
  const column = name === undefined ? undefined : unquoted(name)
  if (call === undefined) return {column: column ?? unquoted(plain), call, field: unquoted(plain), args: []}
  const [field = '', ...args] = splitItems(inside ?? '').map(unquoted)
  return {column: column ?? (field === '' || isTime(call) ? call : `${call}_${field}`), call, field, args}
}

function unquoted(text: string): string {
  const trimmed = text.trim()
  return /^(?:"[^"]*"|'[^']*')$/s.test(trimmed) ? trimmed.slice(1, -1) : trimmed
}

/** Columns are told apart by their names. */
function assertDistinct(items: readonly Item[]): void {
  const seen = new Set<string>()
  for (const {column} of items) {
    if (seen.has(column)) {
      throw new UserError('BAD_FLAG', `two columns of -v are called "${printable(column)}"`, {
        hint: 'name one of them: -v other=sum(price)',
        exitCode: 2,
      })
    }
    seen.add(column)
  }
}

function isTime(call: string): call is keyof typeof times {
  return Object.hasOwn(times, call)
}

function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function missing(form: string): never {
  throw new UserError('BAD_FLAG', `an argument is missing: write ${form}`, {exitCode: 2})
}
