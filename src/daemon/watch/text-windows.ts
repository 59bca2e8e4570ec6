import {headBytesMax, windowBytes} from './limits.ts'

/** Remembers of a text that passes by: its head, its end, and the bytes before some positions. */
export class TextWindows {
  bytes = 0
  readonly windows = new Map<number, Uint8Array>()
  readonly #positions: number[]
  #head: Buffer = Buffer.alloc(0)
  /** The last bytes before what comes next. */
  #end: Buffer = Buffer.alloc(0)

  constructor(positions: readonly number[]) {
    this.#positions = [...new Set(positions)].sort((a, b) => a - b)
    this.#take(Buffer.alloc(0), 0)
  }

  get head(): Uint8Array {
    return this.#head
  }

  get end(): Uint8Array {
    return this.#end
  }

  push(piece: Buffer): void {
    const before = this.bytes - this.#end.length
    const joined = Buffer.concat([this.#end, piece])
    if (this.#head.length < headBytesMax) {
      this.#head = Buffer.concat([this.#head, piece.subarray(0, headBytesMax - this.#head.length)])
    }
    this.bytes += piece.length
    this.#take(joined, before)
    this.#end = Buffer.from(joined.subarray(Math.max(0, joined.length - windowBytes)))
  }

  /** @param start - position of the text where `joined` begins */
  #take(joined: Buffer, start: number): void {
    while (this.#positions.length > 0 && this.#positions[0]! <= this.bytes) {
      const position = this.#positions.shift()!
      this.windows.set(
        position,
        Buffer.from(joined.subarray(Math.max(0, position - windowBytes - start), position - start)),
      )
    }
  }
}
