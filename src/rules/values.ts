/**
 * What a value is as a number; as text it is in value-text.ts. The two casts that keys, transforms, conditions and sums share.
 *
 * Integers that no double holds exactly are bigint everywhere; every other number is a finite double.
 */

/** Decimal digits with optional sign, fraction and exponent, in optional blanks. Blanks are the six ASCII ones, as everywhere. Written so that no digit can be matched in two ways. */
const numericText = /^[\t-\r ]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[\t-\r ]*$/
const wholeText = /^[\t-\r ]*([+-]?\d+)(?:\.0*)?[\t-\r ]*$/

/**
 * The number that a text stands for: `12`, ` 7 `, `-2.5`, `+5`, `-.5`, `1.`, `1e3`, `007`.
 *
 * @returns bigint for whole numbers beyond 2^53 (exact, without exponent), undefined for anything else: empty and blank text,
 * `0x10`, `1,000`, `12abc`, `nan`, `inf`, and what overflows a double such as `1e400`
 */
export function numberOfText(text: string): number | bigint | undefined {
  if (!numericText.test(text)) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value + 0 // -0 becomes 0
  if (!Number.isFinite(value)) return undefined
  if (!Number.isInteger(value)) return value
  const whole = wholeText.exec(text)
  return whole === null ? value : BigInt(whole[1]!)
}

/** The number that a value counts as in a sum or comparison: numbers, numeric text, true as 1 and false as 0. */
export function numberOf(value: unknown): number | bigint | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value + 0 : undefined
    case 'string':
      return numberOfText(value)
    case 'bigint':
      return smallest(value)
    case 'boolean':
      return value ? 1 : 0
    default:
      return undefined
  }
}

/** A big integer as a plain number when that is exact. */
export function smallest(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

/** Sets a field as an own property, also when it is called `__proto__`. */
export function setField(record: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(record, name, {value, enumerable: true, configurable: true, writable: true})
  } else {
    record[name] = value
  }
}
