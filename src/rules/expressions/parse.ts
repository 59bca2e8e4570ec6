/**
 * Reads conditions as a person types them: `price > 0 and domain == "x"`.
 *
 *     or          a or b, a || b
 *     and         a and b, a && b
 *     not         not a, !a
 *     comparison  a == b (or =), != (or <>), < <= > >=, a in (1, "x"), a not in (…), a contains "x", a startsWith "x",
 *                 a endsWith "x", a ~ "pattern" (or matches), a !~ "pattern", exists a
 *     sum         a + b, a - b
 *     product     a * b, a / b
 *     value       a field (user.geo.country, items[0].id, `odd name`), 1.5, "text", 'text', true, false, null,
 *                 $parameter, lower(a) and every other transform, (…)
 *
 * What stands above binds less. Keywords may be written in any case.
 */
import {messageOf, UserError} from '../../base/index.ts'
import {compilePattern} from '../patterns/index.ts'
import type {Comparison, ExpressionNode} from '../plan.ts'
import {smallest} from '../values.ts'
import {literalNode, transformedNode} from './builder.ts'
import {expressionError, keywords, type Token, tokenize} from './tokens.ts'
import {type CallArgument, transformOfCall} from './transform-calls.ts'

/** Brackets and nots inside one another; deeper than any person goes, shallow enough for the stack. */
const depthMax = 200

const comparisonOf: Readonly<Record<string, Comparison>> = {
  '=': '==',
  '==': '==',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

/** @throws UserError BAD_EXPRESSION with column, caret, what was found and what was expected */
export function parseExpression(text: string): ExpressionNode {
  const parser = new Parser(text)
  return parser.parse()
}

/** One pass over the tokens of one text. */
class Parser {
  readonly #source: string
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
    this.#tokens = tokenize(source)
  }

  parse(): ExpressionNode {
    const node = this.#parseOr()
    if (this.#token.type !== 'end') throw this.#unexpected('an operator, "and", "or" or the end')
    return node
  }

  get #token(): Token {
    return this.#tokens[this.#at]!
  }

  /** Takes the token when it is one of these symbols or keywords. */
  #take(...wanted: readonly string[]): string | undefined {
    const {type, text} = this.#token
    const word = type === 'symbol' ? text : type === 'word' ? text.toLowerCase() : undefined
    if (word === undefined || !wanted.includes(word)) return undefined
    this.#at++
    return word
  }

  #expect(symbol: string, purpose: string): void {
    if (this.#take(symbol) === undefined) throw this.#unexpected(`"${symbol}" ${purpose}`)
  }

  #unexpected(expected: string): UserError {
    const {type, start, end} = this.#token
    const found = type === 'end' ? 'the end' : this.#source.slice(start, end)
    return expressionError(this.#source, start, found.length > 40 ? `${found.slice(0, 40)}…` : found, expected)
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > depthMax)
      throw expressionError(this.#source, this.#token.start, 'too much nesting', `at most ${depthMax} levels`)
    const result = parse()
    this.#depth--
    return result
  }

  #parseOr(): ExpressionNode {
    return this.#parseChain('or', ['or', '||'], () => this.#parseAnd())
  }

  #parseAnd(): ExpressionNode {
    return this.#parseChain('and', ['and', '&&'], () => this.#parseNot())
  }

  #parseChain(expression: 'and' | 'or', words: readonly string[], parseOperand: () => ExpressionNode): ExpressionNode {
    const operands = [parseOperand()]
    while (this.#take(...words) !== undefined) operands.push(parseOperand())
    return operands.length === 1 ? operands[0]! : {expression, operands}
  }

  #parseNot(): ExpressionNode {
    if (this.#take('not', '!') === undefined) return this.#parseComparison()
    return this.#deeper(() => ({expression: 'not', operand: this.#parseNot()}))
  }

  #parseComparison(): ExpressionNode {
    if (this.#take('exists') !== undefined) return {expression: 'exists', operand: this.#parseUnary()}
    const left = this.#parseSum()
    const operator = this.#take(...Object.keys(comparisonOf))
    if (operator !== undefined) {
      return {expression: 'compare', operator: comparisonOf[operator]!, left, right: this.#parseSum()}
    }
    if (this.#take('!~') !== undefined) return {expression: 'not', operand: this.#parseMatches(left)}
    const isNegated = this.#take('not') !== undefined
    const search = this.#parseSearch(left)
    if (search === undefined && isNegated)
      throw this.#unexpected('"in", "contains", "startsWith", "endsWith" or "matches" after "not"')
    return search === undefined ? left : isNegated ? {expression: 'not', operand: search} : search
  }

  #parseSearch(operand: ExpressionNode): ExpressionNode | undefined {
    const word = this.#take('in', 'contains', 'startswith', 'endswith', 'matches', '~')
    switch (word) {
      case undefined:
        return undefined
      case 'in':
        return {expression: 'in', operand, values: this.#parseList()}
      case 'contains':
        return {expression: 'contains', operand, text: this.#parseText('text in quotes')}
      case 'startswith':
        return {expression: 'startsWith', operand, text: this.#parseText('text in quotes')}
      case 'endswith':
        return {expression: 'endsWith', operand, text: this.#parseText('text in quotes')}
      default:
        return this.#parseMatches(operand)
    }
  }

  #parseMatches(operand: ExpressionNode): ExpressionNode {
    const {start} = this.#token
    const pattern = this.#parseText('a pattern in quotes')
    this.#explain(start, () => compilePattern(pattern))
    return {expression: 'matches', operand, pattern}
  }

  #parseText(expected: string): string {
    const {type, text} = this.#token
    if (type !== 'text') throw this.#unexpected(expected)
    this.#at++
    return text
  }

  #parseList(): (string | number | boolean | null)[] {
    this.#expect('(', 'before the list')
    const values: (string | number | boolean | null)[] = []
    if (this.#take(')') !== undefined) return values
    do {
      const value = this.#parseConstant()
      if (value === undefined) throw this.#unexpected('a number, text in quotes, true, false or null')
      // A list compares by value, so that big integers can be their digits.
      values.push(typeof value === 'bigint' ? String(value) : value)
    } while (this.#take(',') !== undefined)
    this.#expect(')', 'after the list')
    return values
  }

  #parseSum(): ExpressionNode {
    return this.#parseArithmetic(['+', '-'], () => this.#parseArithmetic(['*', '/'], () => this.#parseUnary()))
  }

  #parseArithmetic(symbols: readonly ('+' | '-' | '*' | '/')[], parseOperand: () => ExpressionNode): ExpressionNode {
    let left = parseOperand()
    for (;;) {
      const operator = this.#take(...symbols) as '+' | '-' | '*' | '/' | undefined
      if (operator === undefined) return left
      left = {expression: 'arithmetic', operator, left, right: parseOperand()}
    }
  }

  #parseUnary(): ExpressionNode {
    const value = this.#parseConstant()
    if (value !== undefined) return literalNode(value)
    if (this.#take('-') !== undefined) {
      const zero = literalNode(0)
      return this.#deeper(() => ({expression: 'arithmetic', operator: '-', left: zero, right: this.#parseUnary()}))
    }
    return this.#parsePrimary()
  }

  /** A number with an optional minus, text, true, false, null; undefined when none stands here. */
  #parseConstant(): string | number | bigint | boolean | null | undefined {
    const {type, text} = this.#token
    const next = this.#tokens[this.#at + 1]
    if (type === 'symbol' && text === '-' && next?.type === 'number') {
      this.#at++
      return this.#parseNumber('-')
    }
    if (type === 'number') return this.#parseNumber('')
    if (type === 'text') {
      this.#at++
      return text
    }
    const word = this.#take('true', 'false', 'null')
    return word === undefined ? undefined : {true: true, false: false, null: null}[word]
  }

  /** Digits alone stay exact; with fraction or exponent the nearest double. */
  #parseNumber(sign: '-' | ''): number | bigint {
    const digits = sign + this.#token.text
    const value = /^-?\d+$/.test(digits) ? smallest(BigInt(digits)) : Number(digits)
    if (!Number.isFinite(Number(value))) throw this.#unexpected('a number below 1e308')
    this.#at++
    return value
  }

  #parsePrimary(): ExpressionNode {
    const token = this.#token
    if (token.type === 'path' || (token.type === 'word' && !keywords.has(token.text.toLowerCase()))) {
      this.#at++
      return token.type === 'word' && this.#take('(') !== undefined
        ? this.#parseCall(token)
        : {expression: 'field', path: token.text}
    }
    if (token.type === 'param') {
      this.#at++
      return {expression: 'param', name: token.text}
    }
    if (this.#take('(') === undefined) throw this.#unexpected(this.#expectedInstead(token) ?? 'a field, a value or "("')
    return this.#parseInner(')', () => this.#parseOr())
  }

  /** Other languages call what stands between its operands here. */
  #expectedInstead({type, text}: Token): string | undefined {
    const word = ['contains', 'startsWith', 'endsWith', 'matches'].find(
      each => each.toLowerCase() === text.toLowerCase(),
    )
    if (type !== 'word' || word === undefined || this.#tokens[this.#at + 1]?.text !== '(') return undefined
    return `the field first: message ${word} "text"`
  }

  #parseInner(end: string, parse: () => ExpressionNode): ExpressionNode {
    const node = this.#deeper(parse)
    this.#expect(end, 'to close the bracket')
    return node
  }

  #parseCall(name: Token): ExpressionNode {
    return this.#parseInner(')', () => {
      const operand = this.#parseOr()
      const given: CallArgument[] = []
      while (this.#take(',') !== undefined) {
        const value = this.#parseConstant()
        if (typeof value !== 'string' && typeof value !== 'number') throw this.#unexpected('a number or text in quotes')
        given.push(value)
      }
      return transformedNode(operand, [this.#explain(name.start, () => transformOfCall(name.text, given))])
    })
  }

  /** Gives an error of something inside the expression its place. */
  #explain<T>(start: number, act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const place = expressionError(this.#source, start, 'this', 'something else')
        .message.split('\n')
        .slice(1)
        .join('\n')
      throw new UserError(
        'BAD_EXPRESSION',
        `${messageOf(error)}\n${place}`,
        error.hint === undefined ? {cause: error} : {hint: error.hint, cause: error},
      )
    }
  }
}
