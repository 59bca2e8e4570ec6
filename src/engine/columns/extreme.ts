import type {Cell} from '../../rules/index.ts'
import {type Bytes, emptiedBytes, emptiedFloats, type Floats, resizedBytes, resizedFloats} from '../bytes/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Coercion, cellOfSmall} from '../numbers/index.ts'
import {keptText, textBytes} from './kept-text.ts'
import {sparseEntryBytes} from './limits.ts'
import {compareOrdered, type Ordered, orderedOf, preferred, readOrdered, writeOrdered} from './ordered.ts'

const isEmpty = 0
const isDouble = 1
/** Big integer, Decimal or text: in the sparse map. */
const isOther = 2

/**
 * The smallest or largest number of a group; of a group without any number the smallest or largest text (ISO times), so that a
 * stray `n/a` is never the maximum of a column of numbers. Absent and null do not count; without any value null. A number
 * is given exactly, text as it stands.
 */
export class ExtremeColumn implements Column {
  /** 1 keeps the largest, -1 the smallest. */
  readonly #direction: 1 | -1
  #states: Bytes = new Uint8Array(0)
  #doubles: Floats = new Float64Array(0)
  readonly #others = new Map<number, Exclude<Ordered, number>>()
  #otherBytes = 0
  readonly #number = new Coercion()

  constructor(which: 'min' | 'max') {
    this.#direction = which === 'max' ? 1 : -1
  }

  get bytes(): number {
    return this.#states.byteLength + this.#doubles.byteLength + this.#otherBytes
  }

  grow(capacity: number): void {
    if (capacity <= this.#states.length) return
    this.#states = resizedBytes(this.#states, capacity)
    this.#doubles = resizedFloats(this.#doubles, capacity)
  }

  add(group: number, value: unknown): boolean {
    if (value === undefined || value === null) return true
    if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
      if (this.#states[group] === isDouble) {
        const kept = this.#doubles[group]!
        if (this.#direction === 1 ? value > kept : value < kept) this.#doubles[group] = value
      } else this.#offer(group, value + 0)
      return true
    }
    const ordered = orderedOf(value, this.#number)
    if (ordered === undefined) return false
    this.#offer(group, ordered)
    return true
  }

  #offer(group: number, candidate: Ordered): void {
    const kept = this.#kept(group)
    if (kept === undefined) {
      this.#keep(group, candidate)
      return
    }
    if (typeof candidate === 'string' && typeof kept !== 'string') return
    // A number always takes the place of text, in both directions.
    const order =
      typeof kept === typeof candidate || typeof kept !== 'string'
        ? compareOrdered(candidate, kept) * this.#direction
        : 1
    if (order > 0 || (order === 0 && preferred(kept, candidate) !== kept)) this.#keep(group, candidate)
  }

  #kept(group: number): Ordered | undefined {
    const state = this.#states[group]
    if (state === isEmpty) return undefined
    return state === isDouble ? this.#doubles[group]! : this.#others.get(group)
  }

  #keep(group: number, value: Ordered): void {
    if (this.#states[group] === isOther) {
      this.#otherBytes -= otherBytes(this.#others.get(group)!)
      this.#others.delete(group)
    }
    if (typeof value === 'number') {
      this.#states[group] = isDouble
      this.#doubles[group] = value + 0
      return
    }
    const other = typeof value === 'string' ? keptText(value) : value
    this.#states[group] = isOther
    this.#others.set(group, other)
    this.#otherBytes += otherBytes(other)
  }

  write(group: number, out: ByteWriter): void {
    const kept = this.#kept(group)
    out.u8(kept === undefined ? 0 : 1)
    if (kept !== undefined) writeOrdered(kept, out)
  }

  merge(group: number, input: ByteReader): void {
    if (input.u8() === 1) this.#offer(group, readOrdered(input))
  }

  finish(group: number): Cell {
    const kept = this.#kept(group)
    if (kept === undefined) return null
    if (typeof kept !== 'number') return kept
    return this.#number.read(kept) === 'small' ? cellOfSmall(this.#number.coefficient, this.#number.scale) : kept
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    this.#states = emptiedBytes(this.#states)
    this.#doubles = emptiedFloats(this.#doubles)
    if (this.#others.size > 0) this.#others.clear()
    this.#otherBytes = 0
  }
}

function otherBytes(value: Exclude<Ordered, number>): number {
  return sparseEntryBytes + (typeof value === 'string' ? textBytes(value) : 0)
}
