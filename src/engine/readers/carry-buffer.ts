const firstBytes = 4 * 1024
/** Bytes: a larger buffer is given back once it was used. One long record should not cost memory for the rest of the input. */
const keptBytesMax = 1024 * 1024

/** The beginning of a record whose end is in a later chunk. Grows by doubling, so that many small chunks cost linear time. */
export class CarryBuffer {
  #bytes = Buffer.allocUnsafeSlow(firstBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Copies: the caller may use its chunk again. */
  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = length
  }

  /** What is held; valid until the next append. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Keeps only what comes after the first `count` bytes. */
  drop(count: number): void {
    this.#bytes.copyWithin(0, count, this.#length)
    this.#length -= count
  }

  clear(): void {
    this.#length = 0
    if (this.#bytes.length > keptBytesMax) this.#bytes = Buffer.allocUnsafeSlow(firstBytes)
  }
}
