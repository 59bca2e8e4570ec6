/**
 * Cuts TypeScript source into tokens: enough to find a literal inside a call, no more.
 *
 * Whether a slash begins a regular expression is decided by the token before it, which is right except after the `)` of
 * an `if` and the `}` of a block. The caller therefore checks what it found against what it knows.
 */

export interface Token {
  readonly type: 'name' | 'number' | 'string' | 'template' | 'regex' | 'mark' | 'comment'
  readonly text: string
  /** Offset in the source, in UTF-16 units. */
  readonly start: number
}

const patterns: readonly (readonly [Token['type'], RegExp])[] = [
  ['comment', /\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\//y],
  ['string', /'(?:[^'\\\n\r]|\\[\s\S])*'|"(?:[^"\\\n\r]|\\[\s\S])*"/y],
  ['number', /(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)n?/y],
  ['name', /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy],
]
const regexPattern = /\/(?:[^/\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[a-z]*/y
const wordsBeforeRegex = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'yield',
  'await',
  'void',
  'delete',
  'throw',
  'else',
])

/** @returns the tokens in order, or undefined when the source cannot be cut (an unclosed string or comment) */
export function tokensOf(source: string): Token[] | undefined {
  const tokens: Token[] = []
  let at = 0
  let before: Token | undefined
  while (at < source.length) {
    if (/\s/.test(source[at]!) || source[at] === '\ufeff') {
      at++
      continue
    }
    const token = tokenAt(source, at, before)
    if (token === undefined) return undefined
    tokens.push(token)
    if (token.type !== 'comment') before = token
    at += token.text.length
  }
  return tokens
}

function tokenAt(source: string, start: number, before: Token | undefined): Token | undefined {
  for (const [type, pattern] of patterns) {
    const text = matchAt(pattern, source, start)
    if (text !== undefined) return {type, text, start}
  }
  const char = source[start]!
  if (char === '`') {
    const end = templateEnd(source, start)
    return end === undefined ? undefined : {type: 'template', text: source.slice(start, end), start}
  }
  if (char === "'" || char === '"' || source.startsWith('/*', start)) return undefined
  if (char === '/' && mayBeRegex(before)) {
    const text = matchAt(regexPattern, source, start)
    if (text !== undefined) return {type: 'regex', text, start}
  }
  return {type: 'mark', text: source.startsWith('...', start) ? '...' : char, start}
}

/** Offset after the closing backtick; substitutions are cut into tokens themselves, as they may hold backticks. */
function templateEnd(source: string, start: number): number | undefined {
  let at = start + 1
  while (at < source.length) {
    if (source[at] === '\\') at += 2
    else if (source[at] === '`') return at + 1
    else if (source.startsWith('${', at)) {
      const end = substitutionEnd(source, at + 2)
      if (end === undefined) return undefined
      at = end
    } else at++
  }
  return undefined
}

function substitutionEnd(source: string, start: number): number | undefined {
  let depth = 1
  let before: Token | undefined
  for (let at = start; at < source.length; ) {
    if (/\s/.test(source[at]!)) {
      at++
      continue
    }
    const token = tokenAt(source, at, before)
    if (token === undefined) return undefined
    at += token.text.length
    if (token.type !== 'comment') before = token
    if (token.text === '{') depth++
    if (token.text === '}' && --depth === 0) return at
  }
  return undefined
}

function matchAt(pattern: RegExp, source: string, start: number): string | undefined {
  pattern.lastIndex = start
  return pattern.exec(source)?.[0]
}

function mayBeRegex(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.type === 'name') return wordsBeforeRegex.has(before.text)
  return before.type === 'mark' && !')]}'.includes(before.text)
}
