/** Keys and values of results as text. */
import {bigIntsAsDigits, printable} from '../../base/index.ts'

/** The same as JSON can say it: bytes in base64. Big integers stay; they are written with all digits. */
export function plainOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(plainOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainOf(member)]))
}

/** `key<TAB>value` and a line feed. @param isTerminal - what is not safe there becomes visible escapes */
export function pairLine(key: unknown, value: unknown, isTerminal: boolean): string {
  const cells = [key, value].map(cellText)
  return `${(isTerminal ? cells.map(printable) : cells).join('\t')}\n`
}

/** Text as it is, unless it would break the line or its columns. */
function cellText(value: unknown): string {
  if (typeof value === 'string' && !/[\t\n\r]/.test(value)) return value
  return JSON.stringify(plainOf(value), bigIntsAsDigits)
}
