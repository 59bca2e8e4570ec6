import type {Cell} from '../../rules/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Coercion, exactScaleMax} from '../numbers/index.ts'
import {Counts} from './counts.ts'
import {ExactSums} from './exact-sums.ts'

/** Exact sum / count, rounded once. Absent, null and unusable values do not count; without any value null. */
export class AvgColumn implements Column {
  readonly #sums = new ExactSums(exactScaleMax)
  readonly #counts = new Counts()
  readonly #number = new Coercion()

  get bytes(): number {
    return this.#sums.bytes + this.#counts.bytes
  }

  grow(capacity: number): void {
    this.#sums.grow(capacity)
    this.#counts.grow(capacity)
  }

  add(group: number, value: unknown): boolean {
    if (value === undefined || value === null) return true
    if (typeof value !== 'number' || !this.#sums.addPlain(group, value)) {
      if (this.#number.read(value) === 'unusable') return false
      this.#sums.add(group, this.#number)
    }
    this.#counts.values[group]!++
    return true
  }

  write(group: number, out: ByteWriter): void {
    out.varint(this.#counts.values[group]!)
    this.#sums.write(group, out)
  }

  merge(group: number, input: ByteReader): void {
    this.#counts.values[group]! += input.varint()
    this.#sums.merge(group, input)
  }

  finish(group: number): Cell {
    const count = this.#counts.values[group]!
    return count === 0 ? null : this.#sums.mean(group, count)
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    this.#sums.clear()
    this.#counts.clear()
  }
}
