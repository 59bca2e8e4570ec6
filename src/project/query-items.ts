/** What stands behind -k and -v: fields, calls, expressions in brackets, each with a name or without. */
import {printable, UserError} from '../base/index.ts'

/** `name=call(argument, …)`, `call(argument, …)`, `(expression)` or a field. */
export interface Item {
  /** The name that was given. */
  readonly name: string | undefined
  readonly call: string | undefined
  /** Without quotes. Of a call the first argument; empty when there is none. */
  readonly field: string
  /** `field` is an expression: it holds brackets outside quotes, or a comparison. */
  readonly isExpression: boolean
  /** Of a call, behind the field. */
  readonly args: readonly string[]
  /** As it was written, behind the name. */
  readonly text: string
}

/** Splits at commas outside brackets and quotes. */
export function splitItems(text: string): string[] {
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
/** The sign of a name is no part of a comparison: `status >= 500` and `status == 500` have no name. */
const namePattern = new RegExp(`^(${quoted}|[^()='"]*[^()='"<>!])=(?![=~])(.+)$`, 's')
const callPattern = /^([A-Za-z]\w*)\((.*)\)$/s
/** A field may stand in quotes, for names with commas, brackets or equals signs; or be a path with names in quotes: `a["b.c"]`. */
const fieldPattern = new RegExp(`^(?:${quoted}|[^()'"]+(?:\\[(?:${quoted})\\][^()'"]*)*)$`, 's')

/** Two sides and what compares them. A field that is called so stands in quotes. An arrow in a name compares nothing. */
const comparisonPattern = /^(?!["']).*[^\s<>=!-]\s*(?:==?|!=|<>|<=?|>=?)\s*[^\s<>=!].*$/s

/** @throws UserError BAD_FLAG */
export function parseItem(source: string): Item {
  const [, name, behind] = namePattern.exec(source) ?? []
  const text = (behind ?? source).trim()
  const base = {name: name === undefined ? undefined : unquoted(name), call: undefined, args: [], text}
  if (comparisonPattern.test(text) && fieldPattern.test(text)) return {...base, field: `(${text})`, isExpression: true}
  if (fieldPattern.test(text)) return {...base, field: unquoted(text), isExpression: false}
  if (isInBrackets(text)) return {...base, field: text, isExpression: true}
  const [, call, inside] = callPattern.exec(text) ?? []
  if (call === undefined || inside === undefined || !isInBrackets(text.slice(call.length))) {
    throw new UserError('BAD_FLAG', `"${printable(source)}" is neither a field nor call(field)`, {
      hint: 'write fields as they are named, or like sum(price), p95(ms), day(time), (price * count); odd names in quotes',
      exitCode: 2,
    })
  }
  const [field = '', ...args] = splitItems(inside)
  const isExpression = field !== '' && (!fieldPattern.test(field) || comparisonPattern.test(field))
  return {...base, call, field: isExpression ? field : unquoted(field), isExpression, args}
}

/** The first bracket closes at the very end. */
export function isInBrackets(text: string): boolean {
  if (!text.startsWith('(')) return false
  let depth = 0
  let quote = ''
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '(') depth++
    else if (char === ')' && --depth === 0) return index === text.length - 1
  }
  return false
}

/** One pair of quotes around all of the text is taken off; quotes within it stay. */
export function unquoted(text: string): string {
  const trimmed = text.trim()
  return /^(?:"[^"]*"|'[^']*')$/s.test(trimmed) ? trimmed.slice(1, -1) : trimmed
}
