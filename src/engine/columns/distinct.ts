import type {Cell} from '../../rules/index.ts'
import type {Bytes} from '../bytes/index.ts'
import {TextHash} from '../bytes/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {keyTextOf} from '../numbers/index.ts'
import {HashSets} from './hash-sets.ts'
import {estimate, observe, registerCount, unite} from './hyper-log-log.ts'
import {sparseEntryBytes} from './limits.ts'

const formSet = 0
const formEstimate = 1

/**
 * How many different key texts there are: the number of their 64-bit hashes up to `exactUpTo`, then a HyperLogLog of the
 * same hashes. Which one depends on the number of different hashes only, so neither order nor split shows.
 *
 * Two of a million texts share a hash with probability 3 in 100 million.
 */
export class DistinctColumn implements Column {
  readonly #exactUpTo: number
  readonly #sets = new HashSets()
  readonly #registers = new Map<number, Bytes>()
  readonly #hash = new TextHash()

  constructor(exactUpTo: number) {
    this.#exactUpTo = exactUpTo
  }

  get bytes(): number {
    return this.#sets.bytes + this.#registers.size * (registerCount + sparseEntryBytes)
  }

  grow(capacity: number): void {
    this.#sets.grow(capacity)
  }

  add(group: number, value: unknown): boolean {
    if (value === undefined || value === null) return true
    this.#hash.of(keyTextOf(value))
    this.#addHash(group, this.#hash.low, this.#hash.high)
    return true
  }

  #addHash(group: number, low: number, high: number): void {
    const registers = this.#registers.size === 0 ? undefined : this.#registers.get(group)
    if (registers !== undefined) {
      observe(registers, low, high)
      return
    }
    this.#sets.add(group, low, high)
    if (this.#sets.count(group) > this.#exactUpTo) this.#estimated(group)
  }

  /** The registers of a group, made from its set when it has none yet. */
  #estimated(group: number): Bytes {
    const known = this.#registers.get(group)
    if (known !== undefined) return known
    const registers = new Uint8Array(registerCount)
    const hashes = this.#sets.sorted(group)
    for (let at = 0; at < hashes.length; at += 2) observe(registers, hashes[at]!, hashes[at + 1]!)
    this.#sets.drop(group)
    this.#registers.set(group, registers)
    return registers
  }

  write(group: number, out: ByteWriter): void {
    const registers = this.#registers.get(group)
    if (registers !== undefined) {
      out.u8(formEstimate)
      out.bytes(registers)
      return
    }
    out.u8(formSet)
    out.bytes(new Uint8Array(this.#sets.sorted(group).buffer))
  }

  merge(group: number, input: ByteReader): void {
    const form = input.u8()
    const bytes = input.bytes()
    if (form === formEstimate) {
      unite(this.#estimated(group), bytes)
      return
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length; at += 8)
      this.#addHash(group, view.getUint32(at, true), view.getUint32(at + 4, true))
  }

  finish(group: number): Cell {
    const registers = this.#registers.get(group)
    return registers === undefined ? this.#sets.count(group) : estimate(registers)
  }

  isApproximate(group: number): boolean {
    return this.#registers.has(group)
  }

  clear(): void {
    this.#sets.clear()
    if (this.#registers.size > 0) this.#registers.clear()
  }
}
