/** Row implementations of the transforms that work on text and integers. Null stays null unless said otherwise. */
import {hash} from 'node:crypto'
import {textOf} from '../value-text.ts'
import {numberOf} from '../values.ts'

/**
 * The integer that a value is: integer numbers, numeric text whose value is an integer (`"011056"`, `" +7 "`, `"5.0"`, `"1e3"`),
 * true as 1. Everything else is 0: fractions, rubbish, null. Beyond 2^53 the result is a bigint, exact.
 */
export function integerOf(value: unknown): number | bigint {
  const number = numberOf(value)
  return typeof number === 'bigint' || (number !== undefined && Number.isInteger(number)) ? number : 0
}

/** The double nearest to a number or numeric text, true as 1; everything else, null too, is 0. */
export function floatOf(value: unknown): number {
  return Number(numberOf(value) ?? 0)
}

/** Applies a function of text to a value cast by the rules for keys; null and undefined pass as null. */
export function onText(change: (text: string) => string | null): (value: unknown) => string | null {
  return value => {
    if (typeof value === 'string') return change(value)
    return value === null || value === undefined ? null : change(textOf(value))
  }
}

/** Runs of anything but ASCII letters, digits and underscore become one blank; trimmed; lower case. */
export function alphanumericText(text: string): string {
  if (!/[^a-z0-9_]/.test(text)) return text
  return text
    .replace(/[^A-Za-z0-9_]+/g, ' ')
    .trim()
    .toLowerCase()
}

/** The first `length` characters (code points: an emoji is one and is never cut in half). */
export function firstCharacters(text: string, length: number): string {
  if (text.length <= length) return text
  let at = 0
  for (let count = 0; count < length && at < text.length; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1
  return text.slice(0, at)
}

/** Digits of the integer (see integerOf) padded on the left. With fill `0` the sign stays in front. */
export function paddedInteger(value: unknown, width: number, fill: string): string | null {
  if (value === null || value === undefined) return null
  const text = String(integerOf(value))
  if (fill !== '0' || !text.startsWith('-')) return text.padStart(width, fill)
  return `-${text.slice(1).padStart(width - 1, fill)}`
}

/** The first hexadecimal digits of SHA-256 over the UTF-8 of salt and text. */
export function hashOf(text: string, salt: string, length: number): string {
  return hash('sha256', salt + text, 'hex').slice(0, length)
}
