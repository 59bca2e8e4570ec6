import type {Cell} from '../../rules/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Coercion, exactScaleMax} from '../numbers/index.ts'
import {ExactSums} from './exact-sums.ts'

/** The exact sum. Null adds 0, an absent field `absent`, an unusable value 0 and a coercion failure. */
export class SumColumn implements Column {
  readonly #absent: 0 | 1
  readonly #sums = new ExactSums(exactScaleMax)
  readonly #number = new Coercion()

  constructor(absent: 0 | 1) {
    this.#absent = absent
  }

  get bytes(): number {
    return this.#sums.bytes
  }

  grow(capacity: number): void {
    this.#sums.grow(capacity)
  }

  add(group: number, value: unknown): boolean {
    if (typeof value === 'number' && this.#sums.addPlain(group, value)) return true
    if (value === null) return true
    if (value === undefined) {
      if (this.#absent === 1) this.#sums.addSmall(group, 1, 0)
      return true
    }
    if (this.#number.read(value) === 'unusable') return false
    this.#sums.add(group, this.#number)
    return true
  }

  write(group: number, out: ByteWriter): void {
    this.#sums.write(group, out)
  }

  merge(group: number, input: ByteReader): void {
    this.#sums.merge(group, input)
  }

  finish(group: number): Cell {
    return this.#sums.finish(group)
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    this.#sums.clear()
  }
}
