/** Where the values of one line of JSON lie. */
import {isAscii} from 'node:buffer'

export type SpanKind = 'text' | 'number' | 'literal' | 'object' | 'list'

/** A value: bytes from..to-1, of text with its quotes. */
export interface Span {
  readonly kind: SpanKind
  /** Of the member, or its place in a list; '' for the record. */
  readonly name: string | number
  readonly from: number
  readonly to: number
  /** Of an object or list, in their order. */
  readonly children: readonly Span[]
}

export interface JsonLine {
  /** A character for each byte, the newline with them. */
  readonly text: string
  readonly root: Span
  /** No escapes, and nothing but ASCII. */
  readonly isPlain: boolean
}

/** Levels of nesting: as many as assembly/values.ts follows. */
const depthMax = 63

/**
 * Reads the record of a line.
 *
 * @param line - with the newline that ends it
 * @returns undefined for what is no object with plain names, blank and bad lines above all
 */
export function jsonLine(line: Uint8Array): JsonLine | undefined {
  if (line[0] !== 0x7b) return undefined
  try {
    // What comes of it is code that takes lines of these bytes, so they must be right.
    JSON.parse(new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(line))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
  const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1')
  const isPlain = isAscii(line) && !text.includes('\\')
  const reader = new SpanReader(text)
  const root = reader.value('', 0)
  if (root.children.length === 0 || reader.isDeep) return undefined
  return isPlain || hasPlainNames(root) ? {text, root, isPlain} : undefined
}

function hasPlainNames({name, children}: Span): boolean {
  return (typeof name === 'number' || isPlainText(name)) && children.every(hasPlainNames)
}

/** Of what stands between quotes: no escape, and nothing but ASCII. */
export function isPlainText(text: string): boolean {
  return /^[ !#-[\]-\u007f]*$/.test(text)
}

/** Reads what is known to be well formed. */
class SpanReader {
  readonly #text: string
  #at = 0
  /** Something is nested too deep. */
  isDeep = false

  constructor(text: string) {
    this.#text = text
  }

  value(name: Span['name'], depth: number): Span {
    const from = this.#at
    switch (this.#text.charCodeAt(from)) {
      case 0x22:
        this.#passText()
        return {kind: 'text', name, from, to: this.#at, children: []}
      case 0x7b:
        return this.#members('object', name, depth)
      case 0x5b:
        return this.#members('list', name, depth)
      default: {
        const kind = this.#text.charCodeAt(from) >= 0x61 ? 'literal' : 'number'
        while (!isEnd(this.#text.charCodeAt(this.#at))) this.#at++
        return {kind, name, from, to: this.#at, children: []}
      }
    }
  }

  #members(kind: 'object' | 'list', name: Span['name'], depth: number): Span {
    const from = this.#at
    const children: Span[] = []
    const close = kind === 'object' ? 0x7d : 0x5d
    if (depth === depthMax) this.isDeep = true
    for (;;) {
      this.#at++
      this.#passBlanks()
      if (this.#text.charCodeAt(this.#at) === close) break
      children.push(this.value(kind === 'object' ? this.#name() : children.length, depth + 1))
      this.#passBlanks()
      if (this.#text.charCodeAt(this.#at) === close) break
    }
    this.#at++
    return {kind, name, from, to: this.#at, children}
  }

  #name(): string {
    const from = this.#at + 1
    this.#passText()
    const name = this.#text.slice(from, this.#at - 1)
    this.#passBlanks()
    this.#at++
    this.#passBlanks()
    return name
  }

  #passText(): void {
    let end = this.#at
    do end = this.#text.indexOf('"', end + 1)
    while (this.#isEscaped(end))
    this.#at = end + 1
  }

  /** Whether an odd number of backslashes stands in front. */
  #isEscaped(at: number): boolean {
    let first = at
    while (this.#text.charCodeAt(first - 1) === 0x5c) first--
    return (at - first) % 2 === 1
  }

  #passBlanks(): void {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at++
  }
}

function isEnd(code: number): boolean {
  return code <= 0x20 || code === 0x2c || code === 0x5d || code === 0x7d
}
