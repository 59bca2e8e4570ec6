import {Decimal} from './decimal.ts'
import {coefficientBound, exactDigitsMax, exactScaleMax, integerDigitsMax, plainDoubleBound} from './limits.ts'
import {bigPowerOfTen, powersOfTen} from './powers.ts'

/**
 * - `small`: coefficient / 10^scale, exactly. Either scale 0 and a safe integer, or at most 15 digits and scale 1..22.
 * - `big`: big / 10^scale, exactly.
 * - `inexact`: a double whose shortest text has more than 15 digits, or is too large for plain digits: the double itself.
 * - `unusable`: not a number.
 */
export type NumberKind = 'small' | 'big' | 'inexact' | 'unusable'

/**
 * What number a value stands for. One instance is used again and again: `read` overwrites it, and only the members that
 * its kind names mean anything.
 */
export class Coercion {
  kind: NumberKind = 'unusable'
  coefficient = 0
  scale = 0
  big = 0n
  double = 0

  /**
   * Reads a value by the grammar of rules (numbers, true and false, numeric text); everything else is `unusable`.
   * Null and absent are the caller's business; here they are unusable.
   */
  read(value: unknown): NumberKind {
    switch (typeof value) {
      case 'number':
        return this.#readDouble(value)
      case 'string':
        return this.#readText(value)
      case 'boolean':
        return this.#setSmall(value ? 1 : 0, 0)
      case 'bigint':
        return this.#setBig(value, 0)
      case 'object':
        return value instanceof Decimal ? this.#setBig(value.coefficient, value.scale) : this.#setUnusable()
      default:
        return this.#setUnusable()
    }
  }

  #setUnusable(): NumberKind {
    this.kind = 'unusable'
    return 'unusable'
  }

  #setSmall(coefficient: number, scale: number): NumberKind {
    // Adding 0 turns -0 into 0.
    this.coefficient = coefficient + 0
    this.scale = scale
    this.kind = 'small'
    return 'small'
  }

  #setBig(coefficient: bigint, scale: number): NumberKind {
    const size = coefficient < 0n ? -coefficient : coefficient
    if (scale === 0 ? size <= BigInt(Number.MAX_SAFE_INTEGER) : size < BigInt(coefficientBound)) {
      return this.#setSmall(Number(coefficient), scale)
    }
    // 4096 digits take more than 13,600 bits; the cheap test by bits comes first, the digits are only made near the limit.
    if (size >> 13000n !== 0n && size >= bigPowerOfTen(integerDigitsMax)) return this.#setUnusable()
    this.big = coefficient
    this.scale = scale
    this.kind = 'big'
    return 'big'
  }

  #setInexact(value: number): NumberKind {
    this.double = value
    this.kind = 'inexact'
    return 'inexact'
  }

  /**
   * A decimal of at most 15 digits is the only such one that its double stands for, and rounding value·10^k gives its
   * coefficient (the two roundings move it by less than 0.25), so trying the scales in turn misses none.
   */
  #readDouble(value: number): NumberKind {
    if (Number.isSafeInteger(value)) return this.#setSmall(value, 0)
    if (!Number.isFinite(value)) return this.#setUnusable()
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return this.#readLargeDouble(value)
    for (let scale = 1; scale <= exactScaleMax; scale++) {
      const power = powersOfTen[scale]!
      const coefficient = Math.round(value * power)
      if (coefficient >= coefficientBound || coefficient <= -coefficientBound) break
      if (coefficient / power === value) return this.#setSmall(coefficient, scale)
    }
    return this.#setInexact(value)
  }

  #readLargeDouble(value: number): NumberKind {
    if (Math.abs(value) >= plainDoubleBound) return this.#setInexact(value)
    for (let zeros = 1; zeros <= 6; zeros++) {
      const power = powersOfTen[zeros]!
      const coefficient = Math.round(value / power)
      if (Math.abs(coefficient) < coefficientBound && coefficient * power === value) {
        return this.#setBig(BigInt(coefficient) * BigInt(power), 0)
      }
    }
    return this.#setInexact(value)
  }

  /** [space] [sign] digits [. digits] [e [sign] digits] [space], with at least one digit before the exponent. */
  #readText(text: string): NumberKind {
    let end = text.length
    let index = 0
    while (index < end && isSpace(text.charCodeAt(index))) index++
    while (end > index && isSpace(text.charCodeAt(end - 1))) end--
    const start = index
    const sign = text.charCodeAt(index)
    if (sign === 0x2b || sign === 0x2d) index++
    const digitsStart = index

    let coefficient = 0
    let digits = 0
    let code = 0
    for (; index < end; index++) {
      code = text.charCodeAt(index) - 0x30
      if (code < 0 || code > 9) break
      if (digits === 0 && code === 0) continue
      digits++
      if (digits <= exactDigitsMax) coefficient = coefficient * 10 + code
    }
    let digitsRead = index - digitsStart
    if (index === end) {
      if (digitsRead === 0) return this.#setUnusable()
      if (digits <= exactDigitsMax) return this.#setSmall(sign === 0x2d ? -coefficient : coefficient, 0)
      if (digits > integerDigitsMax) return this.#setUnusable()
      const big = BigInt(text.slice(digitsStart, end))
      return this.#setBig(sign === 0x2d ? -big : big, 0)
    }

    let scale = 0
    if (text.charCodeAt(index) === 0x2e) {
      const fractionStart = ++index
      for (; index < end; index++) {
        code = text.charCodeAt(index) - 0x30
        if (code < 0 || code > 9) break
        digitsRead++
        // Zeros count only when another digit follows.
        if (code === 0) continue
        const places = index - fractionStart + 1
        const added = places - scale
        digits += digits === 0 ? 1 : added
        scale = places
        if (digits <= exactDigitsMax) coefficient = coefficient * (powersOfTen[added] ?? 0) + code
      }
      if (digitsRead === 0) return this.#setUnusable()
      if (index === end && digits <= exactDigitsMax && scale <= exactScaleMax) {
        return this.#setSmall(sign === 0x2d ? -coefficient : coefficient, scale)
      }
    }
    if (digitsRead === 0 || (index < end && !isExponent(text, index, end))) return this.#setUnusable()
    return this.#readDouble(Number(text.slice(start, end)))
  }
}

/** The nearest double of whatever counts as a number; undefined for all else, null and absent included. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  const coercion = new Coercion()
  coercion.read(value)
  return coercion.kind === 'unusable' ? undefined : doubleOf(coercion)
}

/** The double nearest to what was read; beyond the range of doubles an infinity. */
export function doubleOf(coercion: Coercion): number {
  switch (coercion.kind) {
    case 'small':
      return coercion.scale === 0 ? coercion.coefficient : coercion.coefficient / powersOfTen[coercion.scale]!
    case 'big':
      return coercion.scale === 0 ? Number(coercion.big) : new Decimal(coercion.big, coercion.scale).valueOf()
    case 'inexact':
      return coercion.double
    default:
      return 0
  }
}

/** ASCII white space: tab, line feed, vertical tab, form feed, carriage return, blank. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

function isExponent(text: string, start: number, end: number): boolean {
  if ((text.charCodeAt(start) | 0x20) !== 0x65) return false
  let index = start + 1
  const sign = text.charCodeAt(index)
  if (sign === 0x2b || sign === 0x2d) index++
  if (index >= end) return false
  for (; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}
