/** Cuts the text of an expression into tokens. */
import {printable, UserError} from '../../base/index.ts'

export type Token =
  | {
      readonly type: 'number' | 'text' | 'path' | 'word' | 'param' | 'symbol'
      readonly text: string
      readonly start: number
      readonly end: number
    }
  | {readonly type: 'end'; readonly text: ''; readonly start: number; readonly end: number}

/** Words with a meaning of their own, in any case; a field of such a name is written in backticks. */
export const keywords: ReadonlySet<string> = new Set(
  'and or not in exists contains startswith endswith matches true false null'.split(' '),
)

/** Nobody types more; the bound keeps the depth of the tree, hence of recursion, small. */
const expressionCharsMax = 10_000

/** True when a path needs no backticks. */
export function isBarePath(path: string): boolean {
  return barePath().exec(path)?.[0] === path && !keywords.has(path.toLowerCase())
}

/** Made where they are wanted: the tables of letters take half a millisecond, and most queries have no expression. */
const barePath = (): RegExp => /[\p{L}_@][\p{L}\p{M}\p{N}_@]*(?:\.[\p{L}\p{M}\p{N}_@]+|\[\d+\])*/uy

const tokenPatterns = () => ({
  blank: /\s+/y,
  number: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y,
  text: /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y,
  quotedPath: /`(?:[^`]|``)*`/y,
  param: /\$(?:[\p{L}_][\p{L}\p{M}\p{N}_]*|`(?:[^`]|``)*`)/uy,
  word: barePath(),
  symbol: /==|!=|<>|<=|>=|&&|\|\||!~|[=<>!~(),+\-*/]/y,
})

/** @throws UserError BAD_EXPRESSION */
export function tokenize(source: string): Token[] {
  if (source.length > expressionCharsMax) {
    throw new UserError(
      'BAD_EXPRESSION',
      `the expression has ${source.length} characters, at most ${expressionCharsMax} are allowed`,
    )
  }
  const tokens: Token[] = []
  const patterns = tokenPatterns()
  let at = skip(patterns.blank, source, 0)
  while (at < source.length) {
    const token = tokenAt(source, at, patterns)
    tokens.push(token)
    at = skip(patterns.blank, source, token.end)
  }
  tokens.push({type: 'end', text: '', start: source.length, end: source.length})
  return tokens
}

function tokenAt(source: string, start: number, patterns: ReturnType<typeof tokenPatterns>): Token {
  const take = (pattern: RegExp): string => source.slice(start, skip(pattern, source, start))
  const token = (type: Exclude<Token['type'], 'end'>, raw: string, text = raw): Token => ({
    type,
    text,
    start,
    end: start + raw.length,
  })
  const number = take(patterns.number)
  if (number !== '') {
    if (/[\p{L}\p{N}_]/u.test(source.charAt(start + number.length))) {
      throw expressionError(source, start, 'a number that goes on with a letter', 'a number, or a name in backticks')
    }
    return token('number', number)
  }
  const quoted = take(patterns.text)
  if (quoted !== '') return token('text', quoted, unescaped(quoted.slice(1, -1)))
  const quotedPath = take(patterns.quotedPath)
  if (quotedPath.length > 2) return token('path', quotedPath, unquote(quotedPath))
  const param = take(patterns.param)
  if (param !== '') return token('param', param, param[1] === '`' ? unquote(param.slice(1)) : param.slice(1))
  const word = take(patterns.word)
  if (word !== '') return token('word', word)
  const symbol = take(patterns.symbol)
  if (symbol !== '') return token('symbol', symbol)
  const char = String.fromCodePoint(source.codePointAt(start)!)
  if (char === '"' || char === "'" || char === '`') {
    const isEmpty = quotedPath !== ''
    throw expressionError(
      source,
      start,
      isEmpty ? 'an empty name' : `a ${char} without its end`,
      isEmpty ? 'a name' : `another ${char}`,
    )
  }
  throw expressionError(source, start, `"${printable(char)}"`, 'a field, a value or an operator')
}

function skip(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(source) ? pattern.lastIndex : at
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('``', '`')
}

/** A backslash that makes no escape stays, so that patterns such as "\d+" need no doubling. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([nrt"'\\]))/g, (_, code: string | undefined, char: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return {n: '\n', r: '\r', t: '\t'}[char] ?? char
  })
}

/** Text in double quotes such that reading it gives the text back. */
export function quoteText(text: string): string {
  return `"${text.replace(/["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cs}]/gu, char => {
    const known = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t'}[char]
    return known ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })}"`
}

/** Characters shown on each side of the place of an error. */
const contextCharsMax = 60

/** An error with the place under a caret. */
export function expressionError(source: string, at: number, found: string, expected: string): UserError {
  const from = Math.max(0, at - contextCharsMax)
  const excerpt = oneColumnEach(source.slice(from, at + contextCharsMax))
  const before = oneColumnEach(source.slice(from, at))
  const column = [...source.slice(0, at)].length + 1
  const message = `the expression is wrong at column ${column}: found ${found}, expected ${expected}\n  ${excerpt}\n  ${' '.repeat([...before].length)}^`
  return new UserError('BAD_EXPRESSION', message)
}

/** Control characters would move the caret, or worse. */
function oneColumnEach(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g, ' ')
}
