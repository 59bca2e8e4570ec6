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
      this.#gather(chunk.subarray(start, end))
      this.#emit()
      start = end + 1
    }
    this.#gather(chunk.subarray(start))
  }

  /** Gives what waits for a line feed as a line: at the end of a run, so that it is not the start of the next run's first line. */
  flush(): void {
    if (this.#line.length > 0) this.#emit()
  }

  /** The last printed bytes. */
  get lastWords(): string {
    return this.#tail.toString().trim()
  }

  /** Adds to the line that waits. What is longer than a line may be goes on in the next one, between two characters. */
  #gather(part: Buffer): void {
    let line = Buffer.concat([this.#line, part])
    while (line.length > outputLineBytes) {
      const end = characterStart(line, outputLineBytes)
      this.#line = line.subarray(0, end)
      this.#emit()
      line = line.subarray(end)
    }
    this.#line = line
  }

  #emit(): void {
    const line = this.#line.toString()
    this.#line = Buffer.alloc(0)
    this.#onLine(line)
  }
}

/** The last place up to `at` where a character of UTF-8 begins; `at` where none does nearby. */
function characterStart(bytes: Buffer, at: number): number {
  for (let start = at; start > at - 4; start--) if ((bytes[start]! & 0xc0) !== 0x80) return start
  return at
}
