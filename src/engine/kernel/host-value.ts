/** Values as the kernel has them in its slots, and as it is given them by its host. */
import {kinds} from './kinds.ts'

/** A lookup found nothing. */
const otherwiseKind = 254
/** Absent. */
const absentKind = 0

/** What a lookup gives where it finds nothing. */
export const otherwise = {kind: otherwiseKind, text: '', mantissa: 0n, scale: 0}

/** What a value is for the kernel: its text (as in a key) and, for numbers of at most 15 digits, mantissa / 10^scale. */
export interface HostValue {
  readonly kind: number
  readonly text: string
  readonly mantissa: bigint
  readonly scale: number
}

/** Undefined for what only the row path knows: objects, long decimals, text that has no key bytes. */
export function hostValueOf(value: unknown): HostValue | undefined {
  switch (typeof value) {
    case 'string':
      // Half surrogate pairs have no UTF-8, and the characters 0 and 1 are written otherwise in keys.
      return value.isWellFormed() && !/[\u0000\u0001]/.test(value) ? plain(kinds.text, value) : undefined
    case 'boolean':
      return value ? trueValue : falseValue
    case 'undefined':
      return plain(absentKind, '')
    case 'number':
    case 'bigint':
      return Object.is(value, -0) ? undefined : numberOfDigits(String(value))
    default:
      return value === null ? plain(kinds.null, '') : undefined
  }
}

function numberOfDigits(text: string): HostValue | undefined {
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return undefined
  const fraction = match[2] ?? ''
  if (match[1]!.length + fraction.length <= 15)
    return {kind: kinds.number, text, mantissa: BigInt(text.replace('.', '')), scale: fraction.length}
  return fraction === '' ? plain(kinds.longInteger, text) : undefined
}

const falseValue: HostValue = {kind: kinds.false, text: 'false', mantissa: 0n, scale: 0}
const trueValue: HostValue = {kind: kinds.true, text: 'true', mantissa: 1n, scale: 0}

function plain(kind: number, text: string): HostValue {
  return {kind, text, mantissa: 0n, scale: 0}
}
