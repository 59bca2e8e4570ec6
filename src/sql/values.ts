/**
 * Values of records in SQL: a kind of one letter and a text, both names of columns or constants.
 *
 * Kinds: empty absent, `z` null, `s` text, `n` number (its text as JavaScript prints it, whole numbers with all digits), `b` true or
 * false, `c` array or object (its text as it stands in the line), `x` text or number that no query can hold exactly.
 */
import type {Columns} from './columns.ts'
import type {Dialect} from './dialect.ts'
import {integerDigitsMax, summandDigitsMax} from './limits.ts'
import {refuse} from './refused.ts'

export interface Value {
  readonly kind: string
  readonly text: string
  /** The value as it stands in JSON, empty when absent: where it comes from there. */
  readonly json?: string
  /** Neither array nor object, whatever the record. */
  readonly isScalar?: true
  /** Members were taken out of the object, so that its text is not its value. */
  readonly isPartial?: true
}

export const absent: Value = {kind: "''", text: "''", isScalar: true}

/** What counts as a number: numbers, numeric text, true and false. */
export interface NumberColumns {
  /** Empty: it is none. `x`: it is one that cannot be held. */
  readonly digits: string
  /** Null unless it is exact. */
  readonly decimal: string
}

const safeBound = '9007199254740992'
/** The grammar of numeric text; blanks are the six ASCII ones. */
const numeric = '^[\\t-\\r ]*[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?[\\t-\\r ]*$'
/** What a decimal with 22 places holds without loss; not all of what it could. */
const holdable = `^-?[0-9]{1,${summandDigitsMax}}(?:\\.[0-9]{1,22})?$|^-?[0-9](?:\\.[0-9]{1,13})?e-[7-9]$`
/** Escaped surrogates in pairs, and backslashes that escape themselves. */
const paired = '\\\\\\\\|\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}'
const lone = '\\\\u[dD][89a-fA-F]'

/** @throws Refused for numbers from 2^53 on, and those that are not finite */
export function constant({dialect}: Columns, value: string | number | boolean | null): Value {
  if (value === null) return {kind: "'z'", text: "''"}
  const kind = typeof value === 'string' ? "'s'" : typeof value === 'boolean' ? "'b'" : "'n'"
  if (typeof value === 'number' && !(Math.abs(value) < Number(safeBound))) {
    refuse(`the number ${value}`, 'beyond 2^53 a double stands for several integers')
  }
  return {kind, text: dialect.text(String(value))}
}

/** Text, or null where the condition holds. */
export function nullWhen(columns: Columns, condition: string, text: string): Value {
  return {kind: columns.cases([[condition, "'z'"]], "'s'"), text, isScalar: true}
}

/** One value where the condition holds, another one elsewhere. */
export function either(columns: Columns, condition: string, value: Value, other: Value): Value {
  return {
    kind: columns.cases([[condition, value.kind]], other.kind),
    text: columns.cases([[condition, value.text]], other.text),
    ...(value.isPartial === true || other.isPartial === true ? {isPartial: true} : {}),
  }
}

/** Escaped text with half of a pair of surrogates, which no UTF-8 holds. */
export function hasLoneSurrogate(dialect: Dialect, escaped: string): string {
  return dialect.matches(dialect.replaceAll(escaped, paired, ' '), lone)
}

/** A value as it stands in a line; empty text is absent. Columns are made when they are asked for. */
export function valueOfJson(columns: Columns, json: string): Value {
  return {
    json,
    get kind() {
      return columnsOfJson(columns, json).kind
    },
    get text() {
      return columnsOfJson(columns, json).text
    },
  }
}

function columnsOfJson(columns: Columns, json: string): {readonly kind: string; readonly text: string} {
  const {dialect} = columns
  const first = columns.add(`substring(${json}, 1, 1)`)
  const decoded = columns.cases(
    [[dialect.position(json, dialect.text('\\')), dialect.decoded(json)]],
    `substring(${json}, 2, length(${json}) - 2)`,
  )
  const number = numberText(columns, json)
  const text = columns.cases(
    [
      [`${first} = '"'`, decoded],
      [`${first} IN ('t', 'f', '{', '[', '')`, json],
      [`${first} = 'n'`, "''"],
    ],
    number,
  )
  const kind = columns.cases(
    [
      [`${first} = ''`, "''"],
      [`${first} = '"'`, `CASE WHEN ${hasLoneSurrogate(dialect, json)} THEN 'x' ELSE 's' END`],
      [`${first} IN ('t', 'f')`, "'b'"],
      [`${first} = 'n'`, "'z'"],
      [`${first} IN ('{', '[')`, "'c'"],
      [`${number} = 'x'`, "'x'"],
    ],
    "'n'",
  )
  return {kind, text}
}

/** Digits of a number without sign plus and zeros in front; `x` when it is too large. */
function numberText(columns: Columns, text: string): string {
  const {dialect} = columns
  const double = doubleText(columns, dialect.double(text))
  return columns.cases(
    [
      [`${text} = '-0'`, "'0'"],
      [dialect.matches(text, `^-?[0-9]{1,${integerDigitsMax}}$`), text],
      [dialect.matches(text, '^-?[0-9]+$'), "'x'"],
    ],
    double,
  )
}

/** A double below 2^53 as text, `x` for others and for null. */
export function doubleText(columns: Columns, expression: string): string {
  const double = columns.add(expression)
  return columns.cases(
    [
      [`NOT coalesce(abs(${double}) < ${safeBound}, false)`, "'x'"],
      [`${double} = 0`, "'0'"],
    ],
    columns.dialect.doubleText(double),
  )
}

/** A condition in SQL: absent or null. */
export function isMissing({kind}: Value): string {
  return `${kind} IN ('', 'z')`
}

/** What a sum takes a value for: numbers, numeric text, and 1 or 0 for true or false. */
export function numberOf(columns: Columns, {kind, text}: Value): NumberColumns {
  const {dialect} = columns
  const trimmed = dialect.replaceAll(text, '^[\\t-\\r ]+|[\\t-\\r ]+$', '')
  const whole = dialect.replaceAll(dialect.replaceAll(trimmed, '^\\+', ''), '^(-?)0+([0-9])', '\\1\\2')
  // As every engine reads them: a digit on both sides of the point.
  const spelled = columns.cases(
    [
      [
        `${kind} = 's' AND ${dialect.matches(text, numeric)}`,
        dialect.replaceAll(dialect.replaceAll(whole, '^(-?)\\.', '\\10.'), '\\.([eE]|$)', '\\1'),
      ],
    ],
    "''",
  )
  const ofText = numberText(columns, spelled)
  const digits = columns.cases(
    [
      [`${kind} = 'n'`, text],
      [`${kind} = 'b'`, `CASE WHEN ${text} = 'true' THEN '1' ELSE '0' END`],
      [`${kind} = 'x'`, "'x'"],
      [`${spelled} <> ''`, ofText],
    ],
    "''",
  )
  const decimal = columns.add(
    dialect.decimal(`CASE WHEN ${dialect.matches(digits, holdable)} THEN ${digits} ELSE '' END`),
  )
  return {digits, decimal}
}

/** It is a number, but not one that a decimal holds. */
export function isInexact({digits, decimal}: NumberColumns): string {
  return `(${digits} <> '' AND ${decimal} IS NULL)`
}

/** It has a fraction and more than 15 digits: sums take such a number as its double. */
export function isBinary({dialect}: Columns, {digits}: NumberColumns): string {
  const significant = dialect.replaceAll(dialect.replaceAll(digits, 'e.*$', ''), '^-?[0.]*|\\.', '')
  return `(${dialect.matches(digits, '[.e]')} AND length(${significant}) > 15)`
}
