import {assert} from '../../base/index.ts'
import type {ByteWriter} from '../contracts.ts'

const initialBytes = 256

/** A ByteWriter into a buffer that grows by doubling and is used again after `clear`. */
export class ByteBuffer implements ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView<ArrayBuffer>
  #length = 0
  readonly #encoder = new TextEncoder()

  constructor(capacity: number = initialBytes) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written since the last clear. */
  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  /** What was written, without a copy: good until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  u8(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** Seven bits a byte, low ones first; safe integers from 0. */
  varint(value: number): void {
    assert(value >= 0 && Number.isSafeInteger(value), `a varint is a safe integer from 0, not ${value}`)
    this.#reserve(8)
    let rest = value
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80
      rest = rest > 0x7fffffff ? Math.floor(rest / 128) : rest >>> 7
    }
    this.#bytes[this.#length++] = rest
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** Length-prefixed UTF-8; lone surrogates become U+FFFD. */
  text(value: string): void {
    if (value.length < 128 && this.#shortAscii(value)) return
    // A length of at most 3 bytes a unit goes in front, so the text is encoded beside and moved.
    const encoded = this.#encoder.encode(value)
    this.bytes(encoded)
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length)
    this.raw(value)
  }

  /** Bytes without their length. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** Bytes from..to-1 of some others, byte by byte: a view of few takes longer. */
  slice(bytes: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from)
    const own = this.#bytes
    let length = this.#length
    for (let at = from; at < to; at++) own[length++] = bytes[at]!
    this.#length = length
  }

  #shortAscii(value: string): boolean {
    this.#reserve(value.length + 1)
    const bytes = this.#bytes
    const start = this.#length + 1
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) return false
      bytes[start + index] = code
    }
    bytes[this.#length] = value.length
    this.#length = start + value.length
    return true
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.view())
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
