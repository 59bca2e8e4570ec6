/** What the author's code prints: lines for the log, and the last of it for an error. Any flood of it is held in bounded memory. */
import {lastWordsBytes, outputLineBytes} from '../limits.ts'

/** Standard output and error as they come: a line may mix both. What has no line feed at its end waits for one, or for `flush`. */
export class OutputLines {
  readonly #onLine: (line: string) => void
  /** Read so far. */
  bytes = 0
  #line = Buffer.alloc(0)
  #tail = Buffer.alloc(0)

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-lastWordsBytes)]).subarray(-lastWordsBytes)
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#emit(chunk.subarray(start, end))
      start = end + 1
    }
    let rest = chunk.subarray(start)
    while (this.#line.length + rest.length > outputLineBytes) {
      const room = outputLineBytes - this.#line.length
      this.#emit(rest.subarray(0, room))
      rest = rest.subarray(room)
    }
    this.#line = Buffer.concat([this.#line, rest])
  }

  /** Gives what waits for a line feed as a line: at the end of a run, so that it is not the start of the next run's first line. */
  flush(): void {
    if (this.#line.length > 0) this.#emit(Buffer.alloc(0))
  }

  /** The last printed bytes. */
  get lastWords(): string {
    return this.#tail.toString().trim()
  }

  #emit(part: Buffer): void {
    const line = Buffer.concat([this.#line, part.subarray(0, outputLineBytes)]).toString()
    this.#line = Buffer.alloc(0)
    this.#onLine(line)
  }
}
