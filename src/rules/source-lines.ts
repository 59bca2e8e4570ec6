/**
 * Finds the line of an option in the text of a rule file. Good enough for definitions that are written out; what comes from
 * variables or spreads is not seen, the nearest thing that is stands in for it.
 */

interface Token {
  /** `word`: names, numbers; `text`: a quoted one, without quotes; `mark`: one character; `other`: template or regex. */
  readonly kind: 'word' | 'text' | 'mark' | 'other'
  readonly text: string
  readonly line: number
}

/**
 * @param source - the whole file
 * @param definitionLine - counts from 1; the line of the defineRule call
 * @param path - option names and list positions, from the outermost
 * @returns the line of the deepest part of the path that the text shows, or undefined when it shows none
 */
export function lineOfOption(
  source: string,
  definitionLine: number,
  path: readonly (string | number)[],
): number | undefined {
  const tokens = tokenize(source, definitionLine)
  let open = tokens.findIndex((token, index) => token.text === '{' && isMark(tokens[index - 1], '('))
  let line: number | undefined
  for (const part of path) {
    if (open < 0) return line
    const entry = typeof part === 'number' ? findItem(tokens, open, part) : findProperty(tokens, open, part)
    if (entry === undefined) return line
    line = tokens[entry.start]!.line
    const value = tokens[entry.value]
    open = isMark(value, '{') || isMark(value, '[') ? entry.value : -1
  }
  return line
}

interface Entry {
  /** Token of the name or of the item, and of the value. */
  readonly start: number
  readonly value: number
}

/** The last property of that name wins, as in the language. */
function findProperty(tokens: readonly Token[], open: number, name: string): Entry | undefined {
  if (!isMark(tokens[open], '{')) return undefined
  let found: Entry | undefined
  for (const start of entriesOf(tokens, open)) {
    const isComputed = isMark(tokens[start], '[')
    const key = tokens[isComputed ? start + 1 : start]
    const afterKey = isComputed ? start + 3 : start + 1
    if (key?.text !== name || (key.kind !== 'word' && key.kind !== 'text')) continue
    found = {start, value: isMark(tokens[afterKey], ':') ? afterKey + 1 : start}
  }
  return found
}

function findItem(tokens: readonly Token[], open: number, index: number): Entry | undefined {
  if (!isMark(tokens[open], '[')) return undefined
  const start = entriesOf(tokens, open)[index]
  return start === undefined ? undefined : {start, value: start}
}

/** Token positions at which the entries of the bracket at `open` start. */
function entriesOf(tokens: readonly Token[], open: number): number[] {
  const starts: number[] = []
  let depth = 0
  for (let index = open; index < tokens.length; index++) {
    const token = tokens[index]!
    const isStart = depth === 1 && (index === open + 1 || isMark(tokens[index - 1], ','))
    if (token.kind === 'mark' && ')]}'.includes(token.text)) {
      depth--
      if (depth === 0) return starts
    }
    if (isStart) starts.push(index)
    if (token.kind === 'mark' && '([{'.includes(token.text)) depth++
  }
  return starts
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text
}

/** Alternatives in order: space, comments, quoted text, template, word, anything else. Regular expressions are told by what stands before. */
const piece =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)"|`(?:[^`\\]|\\[\s\S])*`|([\p{ID_Continue}$]+)|[\s\S]/uy
const regex = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

/** Tokens from the start of a line on. A template is one token, whatever it holds. */
function tokenize(source: string, fromLine: number): Token[] {
  const tokens: Token[] = []
  let line = fromLine
  let position = offsetOfLine(source, fromLine)
  while (position < source.length) {
    const isRegex =
      source[position] === '/' && !'/*'.includes(source[position + 1] ?? '/') && startsValue(tokens.at(-1))
    const pattern = isRegex ? regex : piece
    pattern.lastIndex = position
    let match = pattern.exec(source)
    if (!match) {
      piece.lastIndex = position
      match = piece.exec(source)!
    }
    const text = match[0]
    const token = isRegex && text.length > 1 ? other(text, line) : tokenOf(match, line)
    if (token) tokens.push(token)
    line += text.split('\n').length - 1
    position += text.length
  }
  return tokens
}

function tokenOf(match: RegExpExecArray, line: number): Token | undefined {
  const text = match[0]
  const quoted = match[1] ?? match[2]
  if (quoted !== undefined) return {kind: 'text', text: quoted, line}
  if (match[3] !== undefined) return {kind: 'word', text, line}
  if (text.startsWith('`') && text.length > 1) return other(text, line)
  if (/^\s/.test(text) || text.startsWith('//') || text.startsWith('/*')) return undefined
  return {kind: 'mark', text, line}
}

function other(text: string, line: number): Token {
  return {kind: 'other', text, line}
}

/** True where a value may start: there a slash opens a regular expression. */
function startsValue(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'mark') return !')]}'.includes(before.text)
  return before.kind === 'word' && /^(return|typeof|case|in|of|yield|await)$/.test(before.text)
}

function offsetOfLine(source: string, line: number): number {
  let offset = 0
  for (let count = 1; count < line; count++) {
    const next = source.indexOf('\n', offset)
    if (next < 0) return source.length
    offset = next + 1
  }
  return offset
}
