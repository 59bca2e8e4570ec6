/** Finds the literal of an example's rows in the text of a rule file. */
import type {Json} from '../../base/index.ts'
import {literalValue, nameOf} from './literal-value.ts'
import {type Token, tokensOf} from './tokens.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

export interface LocatedExample {
  readonly rows: Span & {readonly value: Json}
  /** The number given for `bad`; undefined when the example does not say. */
  readonly bad: (Span & {readonly value: Json}) | undefined
}

export interface ExamplePlace {
  /** Line (from 1) of the defineRule call. */
  readonly line: number
  /** Place (from 0) in the rule's examples. */
  readonly exampleIndex: number
}

/** @returns the place, or a sentence (without full stop) that says why it cannot be told with certainty */
export function locateExample(source: string, place: ExamplePlace): LocatedExample | string {
  const tokens = tokensOf(source)
  if (tokens === undefined) return 'the file could not be read as TypeScript'
  const calls = tokens.flatMap((_, index) => (isCallOnLine(source, tokens, index, place.line) ? [index] : []))
  if (calls.length !== 1) return `there are ${calls.length} defineRule calls on line ${place.line}`
  const options = nextOf(tokens, calls[0]! + 2)
  if (tokens[options]?.text !== '{') return 'the options of defineRule are not written in the call itself'
  const examples = propertyValue(tokens, options, 'examples')
  if (examples === undefined || tokens[examples]?.text !== '[')
    return 'the examples are not written as a list in the rule itself'
  const items = listItems(tokens, examples)
  const item = items[place.exampleIndex]
  if (item === undefined || items.slice(0, place.exampleIndex + 1).some(start => tokens[start]!.text !== '{')) {
    return 'the examples are not all written out in the list'
  }
  const rows = propertyValue(tokens, item, 'rows')
  const located = rows === undefined ? undefined : spanOf(tokens, rows)
  if (located === undefined) return 'the rows are not plain data, or hold a comment'
  const bad = propertyValue(tokens, item, 'bad')
  const badSpan = bad === undefined ? undefined : spanOf(tokens, bad)
  if (bad !== undefined && badSpan === undefined) return 'the number of bad records is not a plain number'
  return {rows: located, bad: badSpan}
}

function isCallOnLine(source: string, tokens: readonly Token[], index: number, line: number): boolean {
  const token = tokens[index]!
  if (token.type !== 'name' || token.text !== 'defineRule' || tokens[index + 1]?.text !== '(') return false
  return source.slice(0, token.start).split('\n').length === line
}

function spanOf(tokens: readonly Token[], index: number): (Span & {readonly value: Json}) | undefined {
  const literal = literalValue(tokens, index)
  if (literal === undefined) return undefined
  const last = tokens[literal.next - 1]!
  // A literal that goes on (`.map(…)`, `as const`, `+ 1`) is not the whole value.
  const follower = tokens[nextOf(tokens, literal.next)]
  if (follower?.type !== 'mark' || !',}'.includes(follower.text)) return undefined
  return {value: literal.value, start: tokens[index]!.start, end: last.start + last.text.length}
}

/** Index of the first token of a property's value in the object that opens at `open`; the last of two wins, as in JavaScript. */
function propertyValue(tokens: readonly Token[], open: number, name: string): number | undefined {
  let found: number | undefined
  for (const start of listItems(tokens, open)) {
    if (nameOf(tokens[start]) === name && tokens[start + 1]?.text === ':') found = nextOf(tokens, start + 2)
    // A spread after it may replace it.
    else if (tokens[start]!.text === '...') found = undefined
  }
  return found
}

/** First token of each item between the bracket at `open` and its partner. */
function listItems(tokens: readonly Token[], open: number): number[] {
  const items: number[] = []
  let depth = 0
  let isStart = false
  for (let index = open; index < tokens.length; index++) {
    const token = tokens[index]!
    if (token.type === 'comment') continue
    const isMark = token.type === 'mark'
    if (isMark && ')]}'.includes(token.text) && --depth === 0) return items
    if (isStart && depth === 1) items.push(index)
    isStart = depth <= 1 && isMark && (index === open || token.text === ',')
    if (isMark && '([{'.includes(token.text)) depth++
  }
  return items
}

/** Index of the next token that is no comment. */
function nextOf(tokens: readonly Token[], index: number): number {
  let at = index
  while (tokens[at]?.type === 'comment') at++
  return at
}
