/** Values as the kernel has them in its slots, and as it is given them by its host. */
import {kinds} from './kinds.ts'

/** Only the row path knows what becomes of the value. */
const unknownKind = 255
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
      return {...plain(value ? kinds.true : kinds.false, String(value)), mantissa: value ? 1n : 0n}
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

function plain(kind: number, text: string): HostValue {
  return {kind, text, mantissa: 0n, scale: 0}
}

/** Writes a value where the kernel looks for it. Returns its kind, or that only the row path knows it. */
export function writeHostValue(value: HostValue | undefined, memory: Uint8Array, at: number, bytesMax: number): number {
  if (value === undefined || value.text.length * 3 > bytesMax - 16) return unknownKind
  const {written} = new TextEncoder().encodeInto(value.text, memory.subarray(at + 16, at + bytesMax))
  const view = new DataView(memory.buffer, at, 16)
  view.setUint32(0, written, true)
  view.setUint32(4, value.scale, true)
  view.setBigInt64(8, value.mantissa, true)
  return value.kind
}
