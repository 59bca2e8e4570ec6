/** Records in memory: their bytes one behind the other, and typed columns that say where each one is. */
import {ByteWriter} from './byte-writer.ts'
import {writeKey} from './key-codec.ts'
import {recordOverheadBytes} from './limits.ts'
import {sortOrder} from './sort-order.ts'
import {writeValue} from './value-codec.ts'

const firstBytes = 64 * 1024
const firstCount = 1024

/** Filled until it is full, read in order, and filled again. */
export class RecordBuffer {
  readonly #out = new ByteWriter(firstBytes)
  #count = 0
  #keyStarts = new Uint32Array(firstCount)
  #keyEnds = new Uint32Array(firstCount)
  #ends = new Uint32Array(firstCount)
  #labels = new Uint32Array(firstCount)

  /** Bytes held, those of sorting included. */
  get usedBytes(): number {
    return this.#out.at + this.#count * recordOverheadBytes
  }

  get count(): number {
    return this.#count
  }

  get bytes(): Buffer {
    return this.#out.bytes
  }

  /**
   * Adds a record.
   *
   * @param label - undefined: what `labelOf` says of the key's bytes
   * @throws TypeError for what no key or value can be, and what `labelOf` throws; nothing is added then
   */
  add(key: unknown, value: unknown, label: number | undefined, labelOf: LabelOf): void {
    const out = this.#out
    const start = out.at
    try {
      writeKey(out, key)
      const keyEnd = out.at
      const to = label ?? labelOf(key, out.bytes, start, keyEnd)
      writeValue(out, value)
      if (this.#count === this.#keyStarts.length) this.#grow()
      const index = this.#count++
      this.#keyStarts[index] = start
      this.#keyEnds[index] = keyEnd
      this.#ends[index] = out.at
      this.#labels[index] = to
    } catch (error) {
      out.at = start
      throw error
    }
  }

  /** Calls `take` for each record, by label and, when asked for, key. */
  drain(
    isByKey: boolean,
    take: (label: number, bytes: Buffer, start: number, keyEnd: number, end: number) => void,
  ): void {
    const columns = {
      bytes: this.#out.bytes,
      keyStarts: this.#keyStarts,
      keyEnds: this.#keyEnds,
      labels: this.#labels,
      count: this.#count,
    }
    for (const index of sortOrder(columns, isByKey))
      take(this.#labels[index]!, columns.bytes, this.#keyStarts[index]!, this.#keyEnds[index]!, this.#ends[index]!)
  }

  /** Forgets all records, keeps the room. */
  clear(): void {
    this.#out.at = 0
    this.#count = 0
  }

  #grow(): void {
    const grown = (column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const larger = new Uint32Array(column.length * 2)
      larger.set(column)
      return larger
    }
    this.#keyStarts = grown(this.#keyStarts)
    this.#keyEnds = grown(this.#keyEnds)
    this.#ends = grown(this.#ends)
    this.#labels = grown(this.#labels)
  }
}

/** The label of a record that came without one. */
export type LabelOf = (key: unknown, bytes: Buffer, start: number, end: number) => number
