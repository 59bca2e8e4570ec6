import type {Readable} from 'node:stream'

/** What may have arrived without being taken. Bytes. */
const waitingBytesMax = 1 << 20

/**
 * What a stream brought since it was last looked at.
 *
 * A stream that is iterated joins what has arrived meanwhile: a copy of all bytes, and garbage. Here pieces stay as they
 * came, and several are taken at a time.
 */
export class Arrived {
  readonly #stream: Readable
  #pieces: Buffer[] = []
  #bytes = 0
  #isEnd = false
  #failure: {readonly error: unknown} | undefined
  #wake: (() => void) | undefined

  constructor(stream: Readable) {
    this.#stream = stream
    stream.on('data', (piece: Buffer) => {
      this.#pieces.push(piece)
      this.#bytes += piece.length
      if (this.#bytes >= waitingBytesMax) stream.pause()
      this.#wake?.()
    })
    stream.on('end', () => this.#end())
    stream.on('error', error => this.#fail(error))
    stream.on('close', () => this.#fail(new Error('it was closed before its end')))
    // What has happened already is not told again.
    if (stream.destroyed) this.#fail(stream.errored ?? new Error('it was closed before its end'))
  }

  /** @throws what the stream failed with, when all that came before it has been taken */
  take(): {readonly pieces: readonly Buffer[]; readonly isEnd: boolean} {
    const pieces = this.#pieces
    if (pieces.length === 0 && this.#failure !== undefined) throw this.#failure.error
    this.#pieces = []
    this.#bytes = 0
    if (this.#stream.isPaused()) this.#stream.resume()
    return {pieces, isEnd: this.#isEnd}
  }

  /** Resolves when there is something to take, the end or a failure among it. */
  async more(): Promise<void> {
    if (this.#pieces.length > 0 || this.#isEnd || this.#failure !== undefined) return
    await new Promise<void>(resolve => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  #end(): void {
    this.#isEnd = true
    this.#wake?.()
  }

  #fail(error: unknown): void {
    if (this.#isEnd) return
    this.#failure ??= {error}
    this.#wake?.()
  }
}
