/**
 * logfmt: pairs of key=value between white space.
 *
 * - A value in quotes may hold white space and the escapes of JSON strings; other escapes stand for themselves, backslash included.
 * - A value without quotes goes to the next white space, whatever it holds. `key=` is the empty text, a bare `key` is true.
 * - All values are text. The last of two pairs with one key wins.
 * - Bad: a line without any `=`, a pair without key, a key with a quote in it, an open quote, text right after a closing quote.
 */
import type {Parts} from '../../rules/index.ts'
import type {RecordSink} from '../contracts.ts'
import {badText, quoteCode} from './bytes.ts'
import {setField} from './fields.ts'
import {isBlank} from './text-lines.ts'

const equalsCode = 0x3d
const backslashCode = 0x5c
const spaceCode = 0x20

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  '\\': '\\',
  '/': '/',
}

/** Gives the sink one record, or one bad or blank line. @param text - the line without its end */
export function readLogfmt(text: string, line: number, sink: RecordSink): void {
  if (isBlank(text)) {
    sink.skipped('blank', line)
    return
  }
  const found = parseLogfmt(text)
  if (typeof found === 'string') sink.bad('not logfmt', line, badText(text), found)
  else sink.record(found, line)
}

/** @returns the record, or what is wrong with the line */
function parseLogfmt(text: string): Parts | string {
  if (!text.includes('=')) return 'no key=value pair'
  const parts: Parts = {}
  let at = afterSpace(text, 0)
  while (at < text.length) {
    const keyEnd = endOfKey(text, at)
    if (keyEnd === at) return text.charCodeAt(at) === equalsCode ? 'a value without key' : 'a quote outside a value'
    const key = text.slice(at, keyEnd)
    at = keyEnd
    if (text.charCodeAt(at) === quoteCode) return 'a quote outside a value'
    if (text.charCodeAt(at) !== equalsCode) {
      setField(parts, key, true)
    } else if (text.charCodeAt(at + 1) === quoteCode) {
      const close = closingQuote(text, at + 2)
      if (close === text.length) return 'a quote is not closed'
      setField(parts, key, unescaped(text.slice(at + 2, close)))
      at = close + 1
      if (text.charCodeAt(at) > spaceCode) return 'text after a closing quote'
    } else {
      const end = endOfValue(text, at + 1)
      setField(parts, key, text.slice(at + 1, end))
      at = end
    }
    at = afterSpace(text, at)
  }
  return parts
}

function afterSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= spaceCode) at++
  return at
}

function endOfKey(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= spaceCode || code === equalsCode || code === quoteCode) break
  }
  return at
}

function endOfValue(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) > spaceCode) at++
  return at
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quoteCode) return at
    if (code === backslashCode) at++
  }
  return text.length
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (whole, unit: string | undefined, letter: string | undefined) =>
    unit === undefined ? (escapes[letter!] ?? whole) : String.fromCharCode(Number.parseInt(unit, 16)),
  )
}
