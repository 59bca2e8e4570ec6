/**
 * The order of min, max, first and last: numbers by exact value, after them text by code point. Numeric text and
 * booleans count as numbers; blank text, objects, lists and not-a-number have no place in it.
 */
import {compareText} from '../../base/index.ts'
import type {ByteReader, ByteWriter} from '../contracts.ts'
import {type Coercion, compareNumbers, Decimal, type NumericValue, numericValueOf} from '../numbers/index.ts'

export type Ordered = NumericValue | string

/** The place of a value in the order, text with lone surrogates as U+FFFD; undefined when it has none. `coercion` is scratch space. */
export function orderedOf(value: unknown, coercion: Coercion): Ordered | undefined {
  if (coercion.read(value) !== 'unusable') return numericValueOf(coercion)
  return typeof value === 'string' && /[^\t-\r ]/.test(value) ? value.toWellFormed() : undefined
}

/** Negative, 0 or positive. A double and an exact number of one value are equal: `preferred` says which to keep. */
export function compareOrdered(a: Ordered, b: Ordered): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : 1
  return typeof b === 'string' ? -1 : compareNumbers(a, b)
}

/** Of two equal values the one to keep, whichever came first: the exact form rather than the double. */
export function preferred(a: Ordered, b: Ordered): Ordered {
  return typeof a === 'number' ? b : a
}

const formDouble = 0
const formExact = 1
const formText = 2

/** As `readOrdered` reads it: not in an order of bytes. */
export function writeOrdered(value: Ordered, out: ByteWriter): void {
  if (typeof value === 'number') {
    out.u8(formDouble)
    out.f64(value)
  } else if (typeof value === 'string') {
    out.u8(formText)
    out.text(value)
  } else {
    out.u8(formExact)
    out.varint(value instanceof Decimal ? value.scale : 0)
    out.text(String(value instanceof Decimal ? value.coefficient : value))
  }
}

/** What `writeOrdered` wrote. */
export function readOrdered(input: ByteReader): Ordered {
  const form = input.u8()
  if (form === formDouble) return input.f64()
  if (form === formText) return input.text()
  const scale = input.varint()
  const coefficient = BigInt(input.text())
  return scale === 0 ? coefficient : new Decimal(coefficient, scale)
}
