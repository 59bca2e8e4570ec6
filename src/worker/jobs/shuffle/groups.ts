/** A sorted stream as groups. A group's values are handed out one by one: its size is limited by disk, not by memory. */
import type {Key} from '../../../jobs/index.ts'
import {readKey} from './key-codec.ts'
import type {RecordStream} from './merge.ts'
import type {SectionCursor} from './section-cursor.ts'
import {readValue} from './value-codec.ts'

/** `next` for the values of each group; `key` and `keyBytes` are those of the group at hand. `close` closes the stream. */
export class Groups {
  readonly #stream: RecordStream
  #record: SectionCursor | undefined
  #isStarted = false
  #keyBytes = Buffer.allocUnsafeSlow(256)
  #keyLength = 0
  #values: GroupValues | undefined
  /** Records read so far. */
  records = 0
  key: Key = null

  constructor(stream: RecordStream) {
    this.#stream = stream
  }

  /** Goes to the next group, over whatever was left of the one before. @returns its values; undefined at the end */
  next(): GroupValues | undefined {
    this.#values?.skipRest()
    if (!this.#isStarted) {
      this.#isStarted = true
      this.#record = this.#stream.next()
      if (this.#record !== undefined) this.records++
    }
    const record = this.#record
    if (record === undefined) return undefined
    this.#keyLength = record.keyEnd - record.keyStart
    if (this.#keyBytes.length < this.#keyLength) this.#keyBytes = Buffer.allocUnsafeSlow(this.#keyLength * 2)
    record.bytes.copy(this.#keyBytes, 0, record.keyStart, record.keyEnd)
    this.key = readKey(record.bytes, record.keyStart, record.keyEnd)
    this.#values = new GroupValues(this)
    return this.#values
  }

  /** The bytes of the group's key, good until the next group. */
  get keyBytes(): Buffer {
    return this.#keyBytes.subarray(0, this.#keyLength)
  }

  /** The record that the group stands on. */
  get record(): SectionCursor | undefined {
    return this.#record
  }

  /** Goes to the next record. @returns false when it belongs to another group, or there is none */
  advance(): boolean {
    this.#record = this.#stream.next()
    if (this.#record === undefined) return false
    this.records++
    const {bytes, keyStart, keyEnd} = this.#record
    const length = this.#keyLength
    if (keyEnd - keyStart !== length) return false
    const known = this.#keyBytes
    if (length > 32) return known.compare(bytes, keyStart, keyEnd, 0, length) === 0
    for (let index = length - 1; index >= 0; index--) if (known[index] !== bytes[keyStart + index]) return false
    return true
  }

  close(): void {
    this.#stream.close()
  }
}

/** Values of one group, once. A loop that is left early can be gone on with; the next group skips the rest. */
class GroupValues implements IterableIterator<unknown> {
  readonly #groups: Groups
  #isAtFirst = true
  #isDone = false

  constructor(groups: Groups) {
    this.#groups = groups
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<unknown, undefined> {
    if (!this.#step()) return {done: true, value: undefined}
    const {bytes, keyEnd, valueEnd} = this.#groups.record!
    return {done: false, value: readValue(bytes, keyEnd, valueEnd)}
  }

  /** Steps over the values that are left without reading them. */
  skipRest(): void {
    let isLeft = true
    while (isLeft) isLeft = this.#step()
  }

  #step(): boolean {
    if (this.#isDone) return false
    if (this.#isAtFirst) {
      this.#isAtFirst = false
      return true
    }
    if (this.#groups.advance()) return true
    this.#isDone = true
    return false
  }
}
