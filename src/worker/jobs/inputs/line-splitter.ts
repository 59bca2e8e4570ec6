/** Bytes to lines of text. Each line is decoded by itself: who keeps a word of it does not keep a block. */
import {isAscii, isUtf8} from 'node:buffer'

const newline = 0x0a
const carriageReturn = 0x0d

export interface LineSink {
  line(text: string): void
  bad(line: number, text: string): void
}

/** Lines come without LF or CRLF, in order, while `push` and `end` run. A line is not bounded: it is held whole. */
export class LineSplitter {
  readonly #sink: LineSink
  #carry: Buffer[] = []
  #isAtStart = true
  lines = 0

  constructor(sink: LineSink) {
    this.#sink = sink
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const last = bytes.lastIndexOf(newline)
    if (last < 0) {
      this.#carry.push(Buffer.from(bytes))
      return
    }
    let start = 0
    if (this.#carry.length > 0) {
      start = bytes.indexOf(newline) + 1
      this.#read(Buffer.concat([...this.#carry, bytes.subarray(0, start)]))
      this.#carry = []
    }
    if (last + 1 > start) this.#read(bytes.subarray(start, last + 1))
    // The chunk's memory may be used again.
    if (last + 1 < bytes.length) this.#carry.push(Buffer.from(bytes.subarray(last + 1)))
  }

  end(): void {
    if (this.#carry.length > 0) this.#read(Buffer.concat(this.#carry))
    this.#carry = []
  }

  #read(block: Buffer): void {
    let start = 0
    if (this.#isAtStart) {
      this.#isAtStart = false
      if (block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) start = 3
    }
    const isPlain = isAscii(block)
    const isText = isPlain || isUtf8(block)
    while (start < block.length) {
      const found = block.indexOf(newline, start)
      const next = found < 0 ? block.length : found + 1
      let end = found < 0 ? block.length : found
      if (end > start && block[end - 1] === carriageReturn) end--
      this.lines++
      if (isPlain) this.#sink.line(block.toString('latin1', start, end))
      else if (isText || isUtf8(block.subarray(start, end))) this.#sink.line(block.toString('utf8', start, end))
      else this.#sink.bad(this.lines, block.toString('latin1', start, end))
      start = next
    }
  }
}
