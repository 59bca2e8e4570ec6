/** Reads a literal of plain data from tokens: what rows of an example are written as. */
import type {Json} from '../../base/index.ts'
import type {Token} from './tokens.ts'

export interface LiteralValue {
  readonly value: Json
  /** Index of the token after the literal. */
  readonly next: number
}

/** @returns undefined when it is not plain data: a name, a call, a spread, a template with substitutions, a comment */
export function literalValue(tokens: readonly Token[], index: number): LiteralValue | undefined {
  const token = tokens[index]
  if (token === undefined) return undefined
  switch (token.type) {
    case 'string':
      return {value: stringValue(token.text), next: index + 1}
    case 'number':
      return /[n_]/.test(token.text) ? undefined : {value: Number(token.text), next: index + 1}
    case 'name':
      return wordValue(token.text, index)
    case 'mark':
      if (token.text === '-') return negative(tokens, index)
      if (token.text === '[') return listValue(tokens, index)
      return token.text === '{' ? objectValue(tokens, index) : undefined
    default:
      return undefined
  }
}

function wordValue(word: string, index: number): LiteralValue | undefined {
  const words: Readonly<Record<string, Json>> = {true: true, false: false, null: null}
  return Object.hasOwn(words, word) ? {value: words[word]!, next: index + 1} : undefined
}

function negative(tokens: readonly Token[], index: number): LiteralValue | undefined {
  const inner = tokens[index + 1]?.type === 'number' ? literalValue(tokens, index + 1) : undefined
  return inner === undefined ? undefined : {value: -(inner.value as number), next: inner.next}
}

function listValue(tokens: readonly Token[], index: number): LiteralValue | undefined {
  const items: Json[] = []
  let at = index + 1
  while (tokens[at]?.text !== ']' || tokens[at]?.type !== 'mark') {
    const item = literalValue(tokens, at)
    if (item === undefined) return undefined
    items.push(item.value)
    const after = afterItem(tokens, item.next, ']')
    if (after === undefined) return undefined
    at = after
  }
  return {value: items, next: at + 1}
}

function objectValue(tokens: readonly Token[], index: number): LiteralValue | undefined {
  const entries: [string, Json][] = []
  let at = index + 1
  while (tokens[at]?.text !== '}' || tokens[at]?.type !== 'mark') {
    const name = nameOf(tokens[at])
    if (name === undefined || tokens[at + 1]?.text !== ':') return undefined
    const item = literalValue(tokens, at + 2)
    if (item === undefined) return undefined
    entries.push([name, item.value])
    const after = afterItem(tokens, item.next, '}')
    if (after === undefined) return undefined
    at = after
  }
  return {value: Object.fromEntries(entries), next: at + 1}
}

/** Steps over a comma, or stays at the closing mark. */
function afterItem(tokens: readonly Token[], index: number, close: string): number | undefined {
  const token = tokens[index]
  if (token?.type !== 'mark') return undefined
  if (token.text === ',') return index + 1
  return token.text === close ? index : undefined
}

/** The property name that a token stands for. */
export function nameOf(token: Token | undefined): string | undefined {
  if (token?.type === 'name') return token.text
  return token?.type === 'string' ? stringValue(token.text) : undefined
}

/** The text of a quoted string, escapes resolved. */
function stringValue(source: string): string {
  const simple: Readonly<Record<string, string>> = {n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0'}
  return source
    .slice(1, -1)
    .replace(
      /\\(?:u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(\r\n|[\s\S]))/g,
      (_, point, unit, byte, char) => {
        const code: string | undefined = point ?? unit ?? byte
        if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
        if (/[\r\n\u2028\u2029]/.test(char)) return ''
        return simple[char] ?? char
      },
    )
}
