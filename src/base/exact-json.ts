/**
 * JSON with integers of any size (D11). JSON.parse rounds integers beyond 2^53; its reviver sees the source text, but a
 * reviver makes parsing five times slower. So: look for long runs of digits (one character in sixteen), and put exact
 * values into the few records that have them. What cannot be told apart that way goes through the reviver.
 */

/** Digits of the shortest integer beyond 2^53. */
const unsafeDigits = 16
const unsafeMax = Number.MAX_SAFE_INTEGER

/**
 * The next place that may hold an integer of 16 or more digits; `text.length` when there is none. May be wrong about text inside strings, never misses one.
 */
export function nextLongInteger(text: string, from: number): number {
  let index = from + unsafeDigits - 1
  while (index < text.length) {
    if (!isDigit(text.charCodeAt(index))) {
      index += unsafeDigits
      continue
    }
    let start = index
    while (start > from && isDigit(text.charCodeAt(start - 1))) start--
    let end = index + 1
    while (isDigit(text.charCodeAt(end))) end++
    if (end - start >= unsafeDigits && isNumberStart(text, start)) return start
    index = end + unsafeDigits
  }
  return text.length
}

/** False for digits inside a word, in quotes, or after a decimal point: most of them are no JSON integer. */
function isNumberStart(text: string, start: number): boolean {
  if (start === 0) return true
  const before = text.charCodeAt(start - 1)
  return (
    before <= 0x20 || before === 0x3a /* : */ || before === 0x2c /* , */ || before === 0x5b /* [ */ || before === 0x2d
  ) /* - */
}

/**
 * The value of a JSON text; integers beyond 2^53 are bigints.
 *
 * @throws SyntaxError when it is not JSON, RangeError when it is nested too deep
 */
export function parseJson(text: string): unknown {
  return nextLongInteger(text, 0) < text.length ? parseExact(text) : JSON.parse(text)
}

/**
 * The same, of a text that is known to have such an integer, or seems to.
 *
 * @throws SyntaxError when it is not JSON, RangeError when it is nested too deep
 */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const exact = exactByDouble(text)
  if (exact === undefined) return JSON.parse(text, exactReviver)
  return exact.size === 0 ? value : replaceUnsafe(value, exact)
}

function exactReviver(_name: string, value: unknown, context?: {source?: string}): unknown {
  if (!isUnsafe(value)) return value
  const source = context?.source ?? ''
  return /^-?\d+$/.test(source) ? BigInt(source) : value
}

/**
 * The integers beyond 2^53 of a JSON text, by the double that JSON.parse makes of them.
 *
 * @returns undefined when the double does not tell which one it was: two of them share it, or it may come from a decimal number
 */
function exactByDouble(text: string): Map<number, string> | undefined {
  const exact = new Map<number, string>()
  for (let index = 0; index < text.length; ) {
    const code = text.charCodeAt(index)
    if (code === 0x22) {
      index = afterString(text, index + 1)
    } else if (code === 0x2d || isDigit(code)) {
      const end = afterNumber(text, index + 1)
      const isShortDecimal = end < 0
      if (isShortDecimal) {
        index = -end
        continue
      }
      const next = text.charCodeAt(end)
      if (next === 0x2e || next === 0x65 || next === 0x45) return undefined
      const source = text.slice(index, end)
      index = end
      if (source.length < unsafeDigits) continue
      const double = Number(source)
      if (!isUnsafe(double)) continue
      if ((exact.get(double) ?? source) !== source) return undefined
      exact.set(double, source)
    } else {
      index++
    }
  }
  return exact
}

function afterString(text: string, from: number): number {
  let index = from
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code === 0x22) return index + 1
    index += code === 0x5c ? 2 : 1
  }
  return index
}

/** The end of the digits; negative for the end of a decimal number without exponent that is too short to be an unsafe integer. */
function afterNumber(text: string, from: number): number {
  let end = from
  while (isDigit(text.charCodeAt(end))) end++
  if (text.charCodeAt(end) !== 0x2e || end - from >= unsafeDigits - 1) return end
  let fractionEnd = end + 1
  while (isDigit(text.charCodeAt(fractionEnd))) fractionEnd++
  const next = text.charCodeAt(fractionEnd)
  return next === 0x65 || next === 0x45 ? end : -fractionEnd
}

/** Changes a value of JSON.parse in place. A member `__proto__` is its own there, so that setting it is safe. */
function replaceUnsafe(value: unknown, exact: ReadonlyMap<number, string>): unknown {
  if (isUnsafe(value)) return BigInt(exact.get(value)!)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index]
      if (typeof item === 'object' || isUnsafe(item)) value[index] = replaceUnsafe(item, exact)
    }
  } else if (value !== null && typeof value === 'object') {
    const members = value as Record<string, unknown>
    for (const name in members) {
      const member = members[name]
      if (typeof member === 'object' || isUnsafe(member)) members[name] = replaceUnsafe(member, exact)
    }
  }
  return value
}

function isUnsafe(value: unknown): value is number {
  return typeof value === 'number' && (value > unsafeMax || value < -unsafeMax)
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
