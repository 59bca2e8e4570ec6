/**
 * Exact sums of numbers, one per group, that do not depend on the order of adding.
 *
 * A group's sum has three parts:
 * - an integer in a double, over 10^scale with one scale for all groups. The scale grows with the finest number seen, up to
 *   denseScaleMax; then all integers are rescaled.
 * - sparse: a big integer over 10^fineScale, for what would leave 2^53 or is finer.
 * - sparse: mantissa * 2^exponent as big integers, for inexact numbers. It is there as soon as the group saw an inexact
 *   number, and makes the result a double, rounded once.
 *
 * `write` brings the parts into one form that depends on their value only.
 */
import {assert} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import {emptiedFloats, type Floats, resizedFloats} from '../bytes/index.ts'
import type {ByteReader, ByteWriter} from '../contracts.ts'
import {
  type Coercion,
  cellOfExact,
  cellOfSmall,
  coefficientBound,
  powersOfTen,
  type Ratio,
  ratioOf,
  rescaled,
  roundRatio,
  splitDouble,
} from '../numbers/index.ts'
import {denseScaleMax, sparseEntryBytes} from './limits.ts'

const safeMax = Number.MAX_SAFE_INTEGER

/** A state's first varint: scale, plus these. */
const scaleBound = 64
const isNegativeBit = 1
const isBigBit = 2
const hasBinaryBit = 4

/** Exponents of stripped sums lie between -2148 (squares of the smallest doubles) and a few thousand. */
const exponentBias = 4096

/** Integers above this count extra memory each time they are added: an upper bound of what they can make a sum grow. */
const hugeInteger = 2n ** 1024n
const hugeIntegerBytes = 2048

interface BinarySum {
  mantissa: bigint
  exponent: number
}

interface Exact {
  readonly coefficient: bigint
  readonly scale: number
}

/** `grow` before a group is added to: groups are indexes below the capacity that was asked for last. */
export class ExactSums {
  readonly #fineScale: number
  #totals: Floats = new Float64Array(0)
  #scale = 0
  #power = 1
  readonly #fine = new Map<number, bigint>()
  readonly #binary = new Map<number, BinarySum>()
  #sparseBytes = 0

  /** @param fineScale - decimal places of the finest number that will be added */
  constructor(fineScale: number) {
    this.#fineScale = fineScale
  }

  get bytes(): number {
    return this.#totals.byteLength + this.#sparseBytes
  }

  grow(capacity: number): void {
    if (capacity > this.#totals.length) this.#totals = resizedFloats(this.#totals, capacity)
  }

  clear(): void {
    this.#totals = emptiedFloats(this.#totals)
    this.#scale = 0
    this.#power = 1
    // An empty Map allocates all the same when it is cleared.
    if (this.#fine.size > 0) this.#fine.clear()
    if (this.#binary.size > 0) this.#binary.clear()
    this.#sparseBytes = 0
  }

  /**
   * Adds a double when that is simple: at most 15 digits, none finer than the column's scale.
   * @returns false when nothing was added and `add` has to look closer
   */
  addPlain(group: number, value: number): boolean {
    const power = this.#power
    const coefficient = power === 1 ? value : Math.round(value * power)
    if (coefficient >= coefficientBound || coefficient <= -coefficientBound) return false
    // One correctly rounded division: equality says that these digits are the number's own.
    if (power === 1 ? !Number.isInteger(value) : coefficient / power !== value) return false
    const total = this.#totals[group]! + coefficient
    if (total > safeMax || total < -safeMax) return false
    this.#totals[group] = total
    return true
  }

  /** Adds what was read; `unusable` adds nothing. */
  add(group: number, number: Coercion): void {
    if (number.kind === 'small') this.addSmall(group, number.coefficient, number.scale)
    else if (number.kind === 'big') this.addExact(group, number.big, number.scale)
    else if (number.kind === 'inexact') {
      const {mantissa, exponent} = splitDouble(number.double)
      this.addBinary(group, BigInt(mantissa), exponent)
    }
  }

  /** Adds coefficient / 10^scale, the coefficient a safe integer. */
  addSmall(group: number, coefficient: number, scale: number): void {
    if (scale > this.#scale) {
      if (scale > denseScaleMax) {
        this.addExact(group, BigInt(coefficient), scale)
        return
      }
      this.#raiseScale(scale)
    }
    const scaled = coefficient * powersOfTen[this.#scale - scale]!
    if (Math.abs(scaled) > safeMax) {
      this.addExact(group, BigInt(coefficient), scale)
      return
    }
    const total = this.#totals[group]! + scaled
    if (Math.abs(total) <= safeMax) {
      this.#totals[group] = total
      return
    }
    this.addExact(group, BigInt(this.#totals[group]!), this.#scale)
    this.#totals[group] = scaled
  }

  /** Adds coefficient / 10^scale. */
  addExact(group: number, coefficient: bigint, scale: number): void {
    const before = this.#fine.get(group)
    if (before === undefined) this.#sparseBytes += sparseEntryBytes
    if (coefficient > hugeInteger || coefficient < -hugeInteger) this.#sparseBytes += hugeIntegerBytes
    this.#fine.set(group, (before ?? 0n) + rescaled(coefficient, scale, this.#fineScale))
  }

  /** Adds mantissa * 2^exponent and marks the group as inexact, also with mantissa 0. */
  addBinary(group: number, mantissa: bigint, exponent: number): void {
    const sum = this.#binary.get(group)
    if (sum === undefined) {
      this.#binary.set(group, {mantissa, exponent})
      this.#sparseBytes += sparseEntryBytes
      return
    }
    if (exponent < sum.exponent) {
      sum.mantissa <<= BigInt(sum.exponent - exponent)
      sum.exponent = exponent
    }
    sum.mantissa += mantissa << BigInt(exponent - sum.exponent)
  }

  #raiseScale(scale: number): void {
    const factor = powersOfTen[scale - this.#scale]!
    const totals = this.#totals
    for (let group = 0; group < totals.length; group++) {
      const scaled = totals[group]! * factor
      if (Math.abs(scaled) <= safeMax) totals[group] = scaled
      else {
        this.addExact(group, BigInt(totals[group]!), this.#scale)
        totals[group] = 0
      }
    }
    this.#scale = scale
    this.#power = powersOfTen[scale]!
  }

  /** The cell of a group's sum: exact, or the nearest double when the group saw an inexact number. */
  finish(group: number): Cell {
    const fine = this.#fine.get(group)
    const binary = this.#binary.get(group)
    if (binary !== undefined) return roundedCell(this.ratio(group))
    if (fine === undefined) return cellOfSmall(this.#totals[group]!, this.#scale)
    const {coefficient, scale} = this.#exact(group, fine)
    return cellOfExact(coefficient, scale)
  }

  /** The double nearest to sum / count. */
  mean(group: number, count: number): Cell {
    const divisor = this.#power * count
    if (divisor <= safeMax && !this.#fine.has(group) && !this.#binary.has(group)) {
      return this.#totals[group]! / divisor + 0
    }
    const {numerator, denominator} = this.ratio(group)
    return roundedCell({numerator, denominator: denominator * BigInt(count)})
  }

  /** A group's sum, exactly. */
  ratio(group: number): Ratio {
    const {coefficient, scale} = this.#exact(group, this.#fine.get(group))
    const binary = this.#binary.get(group)
    return ratioOf(coefficient, scale, binary?.mantissa ?? 0n, binary?.exponent ?? 0)
  }

  #exact(group: number, fine: bigint | undefined): Exact {
    const dense = BigInt(this.#totals[group]!)
    if (fine === undefined) return {coefficient: dense, scale: this.#scale}
    return {coefficient: fine + rescaled(dense, this.#scale, this.#fineScale), scale: this.#fineScale}
  }

  write(group: number, out: ByteWriter): void {
    const fine = this.#fine.get(group)
    const binary = this.#binary.get(group)
    const binaryBit = binary === undefined ? 0 : hasBinaryBit
    if (fine === undefined) this.#writeSmall(this.#totals[group]!, this.#scale, binaryBit, out)
    else this.#writeExact(this.#exact(group, fine), binaryBit, out)
    if (binary !== undefined) writeBinary(binary, out)
  }

  #writeSmall(coefficient: number, scale: number, binaryBit: number, out: ByteWriter): void {
    let rest = Math.abs(coefficient)
    let places = scale
    while (places > 0 && rest % 10 === 0) {
      rest /= 10
      places--
    }
    out.varint(places + scaleBound * (binaryBit | (coefficient < 0 ? isNegativeBit : 0)))
    out.varint(rest)
  }

  #writeExact({coefficient, scale}: Exact, binaryBit: number, out: ByteWriter): void {
    let rest = coefficient
    let places = scale
    while (places > 0 && rest % 10n === 0n) {
      rest /= 10n
      places--
    }
    if (Number.isSafeInteger(Number(rest))) {
      this.#writeSmall(Number(rest), places, binaryBit, out)
      return
    }
    const size = rest < 0n ? -rest : rest
    out.varint(places + scaleBound * (binaryBit | isBigBit | (rest < 0n ? isNegativeBit : 0)))
    out.text(size.toString(16))
  }

  merge(group: number, input: ByteReader): void {
    const head = input.varint()
    const scale = head % scaleBound
    const bits = Math.floor(head / scaleBound)
    assert(scale <= this.#fineScale, `a merged sum has at most ${this.#fineScale} decimal places`)
    const isNegative = (bits & isNegativeBit) !== 0
    if ((bits & isBigBit) !== 0) {
      const size = BigInt(`0x${input.text()}`)
      this.addExact(group, isNegative ? -size : size, scale)
    } else {
      const size = input.varint()
      this.addSmall(group, isNegative ? -size : size, scale)
    }
    if ((bits & hasBinaryBit) === 0) return
    const isBinaryNegative = input.u8() === 1
    const exponent = input.varint() - exponentBias
    const mantissa = BigInt(`0x${input.text()}`)
    this.addBinary(group, isBinaryNegative ? -mantissa : mantissa, exponent)
  }
}

function writeBinary({mantissa, exponent}: BinarySum, out: ByteWriter): void {
  const isNegative = mantissa < 0n
  let size = isNegative ? -mantissa : mantissa
  // The largest power of two that divides it.
  const zeros = size === 0n ? 0 : (size & -size).toString(2).length - 1
  size >>= BigInt(zeros)
  out.u8(isNegative ? 1 : 0)
  out.varint((size === 0n ? 0 : exponent + zeros) + exponentBias)
  out.text(size.toString(16))
}

/** The nearest double; beyond their range the integer part, with all digits. */
function roundedCell(ratio: Ratio): Cell {
  const rounded = roundRatio(ratio)
  return Number.isFinite(rounded) ? rounded : ratio.numerator / ratio.denominator
}
