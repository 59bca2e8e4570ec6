/** Records of a sorted buffer, combined key by key on their way to a file. */
import {ByteWriter} from './byte-writer.ts'
import type {ShuffleFileWriter} from './file-writer.ts'
import {readKey} from './key-codec.ts'
import type {Combine} from './shuffle-writer.ts'
import {compareBytes} from './sort-order.ts'
import {readValue, writeValue} from './value-codec.ts'

/** `add` in the order of labels and keys, from one buffer that stays as it is until `flush`. Throws what the combiner throws. */
export class PendingGroup {
  readonly #file: ShuffleFileWriter
  readonly #combine: Combine
  readonly #value = new ValueBuffer()
  #label = -1
  #bytes: Buffer = Buffer.alloc(0)
  /** Of the records of the group: where keys and values begin and end. */
  #places: number[] = []

  constructor(file: ShuffleFileWriter, combine: Combine) {
    this.#file = file
    this.#combine = combine
  }

  add(label: number, bytes: Buffer, start: number, keyEnd: number, end: number): void {
    const places = this.#places
    const isSame =
      label === this.#label &&
      places.length > 0 &&
      compareBytes(this.#bytes, places[0]!, places[1]!, bytes, start, keyEnd) === 0
    if (!isSame) this.flush()
    this.#label = label
    this.#bytes = bytes
    this.#places.push(start, keyEnd, end)
  }

  flush(): void {
    const places = this.#places
    if (places.length === 0) return
    const file = this.#file
    if (file.label !== this.#label) file.begin(this.#label)
    const [start, keyEnd, end] = places as [number, number, number]
    if (places.length === 3) {
      file.add(this.#bytes, start, keyEnd, end)
    } else {
      const key = this.#bytes.subarray(start, keyEnd)
      const combined = this.#combine(readKey(this.#bytes, start, keyEnd), this.#values())
      const {bytes, end: last} = this.#value.of(key, combined)
      file.add(bytes, 0, key.length, last)
    }
    this.#places = []
  }

  *#values(): Generator<unknown> {
    const places = this.#places
    for (let at = 0; at < places.length; at += 3) yield readValue(this.#bytes, places[at + 1]!, places[at + 2]!)
  }
}

/** A key's bytes and a value, encoded one behind the other. */
export class ValueBuffer {
  readonly #out = new ByteWriter(1024)

  /** Good until the next call. */
  of(key: Uint8Array, value: unknown): {readonly bytes: Buffer; readonly end: number} {
    this.#out.at = 0
    this.#out.raw(key)
    writeValue(this.#out, value)
    return {bytes: this.#out.bytes, end: this.#out.at}
  }
}
