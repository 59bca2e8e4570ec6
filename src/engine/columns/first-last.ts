import {compareText} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import {emptyList, fillUp} from '../bytes/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Coercion, Decimal, keyTextOf} from '../numbers/index.ts'
import {keptText, textBytes} from './kept-text.ts'
import {groupObjectBytes} from './limits.ts'
import {compareOrdered, type Ordered, orderedOf, preferred, readOrdered, writeOrdered} from './ordered.ts'

type Kept = boolean | number | bigint | Decimal | string

interface Entry {
  by: Ordered
  value: Kept
}

const formText = 0
const formFalse = 1
const formTrue = 2
const formNumber = 3

/**
 * The value of the record whose `by` is smallest (first) or largest (last) in the order of ordered.ts.
 *
 * Among records with the same `by`, first takes the value with the smallest key text and last the one with the largest,
 * so that the order of arrival never matters. Records without a value or without `by` do not count; a `by` that has
 * no place in the order is a coercion failure. Objects and lists are given as compact JSON text.
 */
export class FirstLastColumn implements Column {
  /** 1 keeps the last, -1 the first. */
  readonly #direction: 1 | -1
  readonly #entries: (Entry | undefined)[] = []
  #entryBytes = 0
  readonly #number = new Coercion()

  constructor(which: 'first' | 'last') {
    this.#direction = which === 'last' ? 1 : -1
  }

  get bytes(): number {
    return this.#entries.length * 8 + this.#entryBytes
  }

  grow(capacity: number): void {
    fillUp(this.#entries, capacity)
  }

  add(group: number, value: unknown, by?: unknown): boolean {
    if (value === undefined || value === null || by === undefined || by === null) return true
    const ordered = orderedOf(by, this.#number)
    if (ordered === undefined) return false
    const entry = this.#entries[group]
    // Most records lose by their order alone; their value is not looked at.
    if (entry !== undefined && compareOrdered(ordered, entry.by) * this.#direction < 0) return true
    this.#offer(group, ordered, keptOf(value))
    return true
  }

  #offer(group: number, by: Ordered, value: Kept): void {
    const entry = this.#entries[group]
    if (entry === undefined) {
      const created = {by: copied(by), value}
      this.#entries[group] = created
      this.#entryBytes += entryBytes(created)
      return
    }
    const order = compareOrdered(by, entry.by) * this.#direction
    if (order < 0) return
    this.#entryBytes -= entryBytes(entry)
    if (order > 0) {
      entry.by = copied(by)
      entry.value = value
    } else {
      entry.by = preferred(entry.by, by)
      if (compareKept(value, entry.value) * this.#direction > 0) entry.value = value
    }
    this.#entryBytes += entryBytes(entry)
  }

  write(group: number, out: ByteWriter): void {
    const entry = this.#entries[group]
    out.u8(entry === undefined ? 0 : 1)
    if (entry === undefined) return
    writeOrdered(entry.by, out)
    writeKept(entry.value, out)
  }

  merge(group: number, input: ByteReader): void {
    if (input.u8() === 1) this.#offer(group, readOrdered(input), readKept(input))
  }

  finish(group: number): Cell {
    return this.#entries[group]?.value ?? null
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    emptyList(this.#entries)
    this.#entryBytes = 0
  }
}

function keptOf(value: unknown): Kept {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value + 0 : String(value)
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    default:
      return value instanceof Decimal ? value : keptText(keyTextOf(value))
  }
}

function copied(by: Ordered): Ordered {
  return typeof by === 'string' ? keptText(by) : by
}

/** By key text; where that is the same (1, "1" and 1n), by type, so that equal means identical. */
function compareKept(a: Kept, b: Kept): number {
  return compareText(keyTextOf(a), keyTextOf(b)) || typeRank(a) - typeRank(b)
}

function typeRank(value: Kept): number {
  return ['boolean', 'number', 'bigint', 'object', 'string'].indexOf(typeof value)
}

function writeKept(value: Kept, out: ByteWriter): void {
  if (typeof value === 'string') {
    out.u8(formText)
    out.text(value)
  } else if (typeof value === 'boolean') out.u8(value ? formTrue : formFalse)
  else {
    out.u8(formNumber)
    writeOrdered(value, out)
  }
}

function readKept(input: ByteReader): Kept {
  const form = input.u8()
  if (form === formText) return input.text()
  return form === formNumber ? readOrdered(input) : form === formTrue
}

function entryBytes({by, value}: Entry): number {
  return (
    groupObjectBytes + (typeof by === 'string' ? textBytes(by) : 0) + (typeof value === 'string' ? textBytes(value) : 0)
  )
}
