import {bigIntsAsDigits} from '../base/index.ts'

/**
 * A value as the text that stands for it in a key.
 *
 * Text is itself. Numbers print as JavaScript prints them: the shortest digits that come back as the same double, whole
 * ones plain up to 21 digits (1e21 and above give `1e+21`, below 1e-6 `1e-7`), -0 as `0`. Big integers keep all digits.
 * Dates print as ISO; other objects and arrays as compact JSON, big integers inside as digits. Null is `null`; keys never
 * get that far with it.
 *
 * @throws TypeError for an object that contains itself
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  try {
    return JSON.stringify(value, bigIntsAsDigits) ?? String(value)
  } catch (error) {
    // Nested deeper than the stack: the same text without recursion.
    if (error instanceof RangeError) return deepJson(value)
    throw error
  }
}

/** Text to print, or a container to open. */
type Pending = {readonly text: string} | {readonly value: unknown}

function deepJson(root: unknown): string {
  const pieces: string[] = []
  const pending: Pending[] = [{value: root}]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('text' in next) pieces.push(next.text)
    else {
      const scalar = scalarJson(next.value) ?? 'null'
      if (scalar === '') for (const piece of opened(next.value as object).reverse()) pending.push(piece)
      else pieces.push(scalar)
    }
  }
  return pieces.join('')
}

function opened(container: object): Pending[] {
  const pieces: Pending[] = []
  const isArray = Array.isArray(container)
  for (const [name, value] of Object.entries(container)) {
    if (!isArray && scalarJson(value) === undefined) continue
    if (pieces.length > 0) pieces.push({text: ','})
    if (!isArray) pieces.push({text: `${JSON.stringify(name)}:`})
    pieces.push({value})
  }
  return [{text: isArray ? '[' : '{'}, ...pieces, {text: isArray ? ']' : '}'}]
}

/** Undefined for what JSON leaves out (functions, undefined); empty text for containers. */
function scalarJson(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return JSON.stringify(value, bigIntsAsDigits)
  return ''
}
