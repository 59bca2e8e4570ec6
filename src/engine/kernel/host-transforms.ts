/** What the kernel asks its host: transforms that it has no code of its own for, done by the functions of the row path. */
import {compileTransforms} from '../../rules/index.ts'
import type {KernelDerived} from './kernel-fields.ts'
import {kinds} from './plan-image.ts'

/** Only the row path knows what becomes of the value. */
const unknownKind = 255
/** Absent. */
const absentKind = 0

/** What a value is for the kernel: its text (as in a key) and, for numbers of at most 15 digits, mantissa / 10^scale. */
export interface KernelValue {
  readonly kind: number
  readonly text: string
  readonly mantissa: bigint
  readonly scale: number
}

/** Makes one function for each derived field: from kind and text of a value to what becomes of it; undefined for the row path. */
export function hostTransforms(
  derived: readonly KernelDerived[],
): readonly ((kind: number, text: string) => KernelValue | undefined)[] {
  return derived.map(({chain}) => {
    const transform = compileTransforms(chain, refuseFunction)
    return (kind, text) => kernelValueOf(transform(valueOfKind(kind, text)))
  })
}

function refuseFunction(): never {
  throw new TypeError('a plan for the kernel has no functions of the rule')
}

function valueOfKind(kind: number, text: string): unknown {
  switch (kind) {
    case kinds.null:
      return null
    case kinds.false:
      return false
    case kinds.true:
      return true
    case kinds.text:
      return text
    default: {
      const number = Number(text)
      return kind === kinds.longInteger && !Number.isSafeInteger(number) ? BigInt(text) : number
    }
  }
}

function kernelValueOf(value: unknown): KernelValue | undefined {
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

function numberOfDigits(text: string): KernelValue | undefined {
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return undefined
  const fraction = match[2] ?? ''
  if (match[1]!.length + fraction.length <= 15)
    return {kind: kinds.number, text, mantissa: BigInt(text.replace('.', '')), scale: fraction.length}
  return fraction === '' ? plain(kinds.longInteger, text) : undefined
}

function plain(kind: number, text: string): KernelValue {
  return {kind, text, mantissa: 0n, scale: 0}
}

/** Writes a value where the kernel looks for it. Returns its kind, or that only the row path knows it. */
export function writeHostValue(
  value: KernelValue | undefined,
  memory: Uint8Array,
  at: number,
  bytesMax: number,
): number {
  if (value === undefined || value.text.length * 3 > bytesMax - 16) return unknownKind
  const {written} = new TextEncoder().encodeInto(value.text, memory.subarray(at + 16, at + bytesMax))
  const view = new DataView(memory.buffer, at, 16)
  view.setUint32(0, written, true)
  view.setUint32(4, value.scale, true)
  view.setBigInt64(8, value.mantissa, true)
  return value.kind
}
