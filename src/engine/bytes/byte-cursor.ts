import {assert, InvariantError} from '../../base/index.ts'
import type {ByteReader} from '../contracts.ts'

/** Reads what a ByteBuffer wrote. One instance is pointed at one stretch of bytes after the other. */
export class ByteCursor implements ByteReader {
  #bytes: Uint8Array = new Uint8Array(0)
  #buffer: Buffer = Buffer.alloc(0)
  #position = 0
  #end = 0

  constructor(bytes?: Uint8Array) {
    if (bytes !== undefined) this.open(bytes)
  }

  /** Reads from `bytes` next, from offset `start` up to `end`. */
  open(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.seek(start, end)
  }

  /** Moves to another stretch of the same bytes. */
  seek(start: number, end: number): void {
    assert(start >= 0 && start <= end && end <= this.#bytes.length, 'a stretch of bytes lies inside their buffer')
    this.#position = start
    this.#end = end
  }

  /** Offset of the next byte. */
  get position(): number {
    return this.#position
  }

  get isAtEnd(): boolean {
    return this.#position === this.#end
  }

  u8(): number {
    if (this.#position >= this.#end) throw overrun()
    return this.#bytes[this.#position++]!
  }

  varint(): number {
    // Most are below 128.
    const first = this.#position < this.#end ? this.#bytes[this.#position]! : 0x80
    if (first < 0x80) {
      this.#position++
      return first
    }
    let value = 0
    let power = 1
    for (;;) {
      const byte = this.u8()
      if (byte < 0x80) return value + byte * power
      value += (byte - 0x80) * power
      power *= 128
    }
  }

  f64(): number {
    return this.#buffer.readDoubleLE(this.skip(8))
  }

  text(): string {
    const length = this.varint()
    const start = this.skip(length)
    return this.#buffer.toString('utf8', start, start + length)
  }

  /** A view, not a copy: good while the bytes are. */
  bytes(): Uint8Array {
    const length = this.varint()
    const start = this.skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** Steps over `length` bytes; returns where they begin. */
  skip(length: number): number {
    const start = this.#position
    if (start + length > this.#end) throw overrun()
    this.#position = start + length
    return start
  }
}

function overrun(): InvariantError {
  return new InvariantError('a state ends before its reader does')
}
