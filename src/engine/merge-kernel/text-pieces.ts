import {textPieceBytes} from './limits.ts'

/** Text that leaves in pieces of one size, each in a buffer of its own. */
export class TextPieces {
  readonly #pieces: Uint8Array<ArrayBuffer>[] = []
  #piece: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #used = 0

  add(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.length > 0) {
      if (this.#used === this.#piece.length) this.#begin()
      const part = rest.subarray(0, this.#piece.length - this.#used)
      this.#piece.set(part, this.#used)
      this.#used += part.length
      rest = rest.subarray(part.length)
    }
  }

  #begin(): void {
    // Not zeroed: what is in it is all that leaves.
    this.#piece = Buffer.allocUnsafeSlow(textPieceBytes)
    this.#pieces.push(this.#piece)
    this.#used = 0
  }

  /** All pieces; the last one is as long as what is in it. */
  take(): Uint8Array<ArrayBuffer>[] {
    return this.#pieces.map(piece => (piece === this.#piece ? piece.subarray(0, this.#used) : piece))
  }
}
