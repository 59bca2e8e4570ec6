/**
 * Buffers for pieces of streams, shared with the threads and used again and again: a new buffer for each piece, transferred
 * and then thrown away, costs more than unpacking an archive does.
 */
export class PieceBuffers {
  readonly #free: SharedArrayBuffer[] = []
  readonly #capacity: number

  /** @param capacity - bytes of a usual piece; a larger one gets a buffer that is not kept */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Room for `count` bytes, with whatever was in it before. */
  take(count: number): Uint8Array {
    const buffer = count > this.#capacity ? undefined : this.#free.pop()
    return new Uint8Array(buffer ?? new SharedArrayBuffer(Math.max(count, this.#capacity)), 0, count)
  }

  /** The piece has been read; nobody looks at it any more. */
  giveBack({buffer}: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer && buffer.byteLength === this.#capacity) this.#free.push(buffer)
  }
}
