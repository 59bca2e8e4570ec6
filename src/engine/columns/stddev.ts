import type {Cell} from '../../rules/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Coercion, exactScaleMax, roundRatio, splitDouble} from '../numbers/index.ts'
import {Counts} from './counts.ts'
import {ExactSums} from './exact-sums.ts'

/** What there is of numbers to find their deviation. A sum is coefficient / 10^scale. */
export interface SquareSums {
  readonly count: number
  readonly sum: {readonly coefficient: bigint; readonly scale: number}
  readonly squares: {readonly coefficient: bigint; readonly scale: number}
}

/**
 * Sample standard deviation (n - 1), from the exact sums of the numbers and of their squares: the variance is rounded
 * once, then its root. Absent, null and unusable values do not count; with fewer than two values null.
 */
export class StddevColumn implements Column {
  readonly #sums = new ExactSums(exactScaleMax)
  readonly #squares = new ExactSums(exactScaleMax * 2)
  readonly #counts = new Counts()
  readonly #number = new Coercion()

  get bytes(): number {
    return this.#sums.bytes + this.#squares.bytes + this.#counts.bytes
  }

  grow(capacity: number): void {
    this.#sums.grow(capacity)
    this.#squares.grow(capacity)
    this.#counts.grow(capacity)
  }

  add(group: number, value: unknown): boolean {
    if (value === undefined || value === null) return true
    if (this.#number.read(value) === 'unusable') return false
    this.#sums.add(group, this.#number)
    this.#addSquare(group, this.#number)
    this.#counts.values[group]!++
    return true
  }

  /** Adds numbers of which only how many there are, their sum and the sum of their squares are known. */
  addSums(group: number, {count, sum, squares}: SquareSums): void {
    this.#counts.values[group]! += count
    this.#sums.addExact(group, sum.coefficient, sum.scale)
    this.#squares.addExact(group, squares.coefficient, squares.scale)
  }

  #addSquare(group: number, number: Coercion): void {
    if (number.kind === 'inexact') {
      const {mantissa, exponent} = splitDouble(number.double)
      this.#squares.addBinary(group, BigInt(mantissa) ** 2n, exponent * 2)
      return
    }
    const scale = number.scale * 2
    const square = number.coefficient * number.coefficient
    if (number.kind === 'small' && square <= Number.MAX_SAFE_INTEGER) this.#squares.addSmall(group, square, scale)
    else this.#squares.addExact(group, (number.kind === 'big' ? number.big : BigInt(number.coefficient)) ** 2n, scale)
  }

  write(group: number, out: ByteWriter): void {
    out.varint(this.#counts.values[group]!)
    this.#sums.write(group, out)
    this.#squares.write(group, out)
  }

  merge(group: number, input: ByteReader): void {
    this.#counts.values[group]! += input.varint()
    this.#sums.merge(group, input)
    this.#squares.merge(group, input)
  }

  /** (n * squares - sum^2) / (n * (n - 1)), as one ratio. */
  finish(group: number): Cell {
    const count = this.#counts.values[group]!
    if (count < 2) return null
    const n = BigInt(count)
    const sum = this.#sums.ratio(group)
    const squares = this.#squares.ratio(group)
    const numerator = n * squares.numerator * sum.denominator ** 2n - sum.numerator ** 2n * squares.denominator
    const denominator = squares.denominator * sum.denominator ** 2n * n * (n - 1n)
    const variance = roundRatio({numerator, denominator})
    return Number.isFinite(variance) ? Math.sqrt(variance) : null
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    this.#sums.clear()
    this.#squares.clear()
    this.#counts.clear()
  }
}
