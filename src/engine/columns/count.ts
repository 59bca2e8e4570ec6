import type {Cell} from '../../rules/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Counts} from './counts.ts'

/** Counts records; with a field, those in which it is neither absent nor null. */
export class CountColumn implements Column {
  readonly #hasField: boolean
  readonly #counts = new Counts()

  constructor(hasField: boolean) {
    this.#hasField = hasField
  }

  get bytes(): number {
    return this.#counts.bytes
  }

  grow(capacity: number): void {
    this.#counts.grow(capacity)
  }

  add(group: number, value: unknown): boolean {
    if (!this.#hasField || (value !== undefined && value !== null)) this.#counts.values[group]!++
    return true
  }

  write(group: number, out: ByteWriter): void {
    out.varint(this.#counts.values[group]!)
  }

  merge(group: number, input: ByteReader): void {
    this.#counts.values[group]! += input.varint()
  }

  finish(group: number): Cell {
    return this.#counts.values[group]!
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    this.#counts.clear()
  }
}
