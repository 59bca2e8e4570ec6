/** Bytes to lines of text. Each line is decoded by itself: who keeps a word of it does not keep a block. */
import {isAscii, isUtf8} from 'node:buffer'
import {formatBytes, printable, UserError} from '../../../base/index.ts'
import {lineBytesMax} from '../limits.ts'

const newline = 0x0a
const carriageReturn = 0x0d

export interface LineSink {
  line(text: string): void
  bad(line: number, text: string): void
}

/** Lines come without LF or CRLF, in order, while `push` and `end` run. A line is held whole, up to a limit. */
export class LineSplitter {
  readonly #sink: LineSink
  readonly #name: string
  readonly #bytesMax: number
  #carry: Buffer[] = []
  #carryBytes = 0
  #isAtStart = true
  lines = 0

  /**
   * @param name - of the input, for errors
   * @param bytesMax - of a line that is longer than a chunk
   */
  constructor(sink: LineSink, name: string, bytesMax = lineBytesMax) {
    this.#sink = sink
    this.#name = name
    this.#bytesMax = bytesMax
  }

  /** @throws UserError INPUT_UNREADABLE at a line that is too long */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const last = bytes.lastIndexOf(newline)
    if (last < 0) {
      this.#keep(bytes)
      return
    }
    let start = 0
    if (this.#carry.length > 0) {
      start = bytes.indexOf(newline) + 1
      this.#checkLength(start - 1)
      this.#read(Buffer.concat([...this.#carry, bytes.subarray(0, start)]))
      this.#carry = []
      this.#carryBytes = 0
    }
    if (last + 1 > start) this.#read(bytes.subarray(start, last + 1))
    if (last + 1 < bytes.length) this.#keep(bytes.subarray(last + 1))
  }

  end(): void {
    if (this.#carry.length > 0) this.#read(Buffer.concat(this.#carry))
    this.#carry = []
    this.#carryBytes = 0
  }

  #keep(bytes: Buffer): void {
    this.#checkLength(bytes.length)
    // The chunk's memory may be used again.
    this.#carry.push(Buffer.from(bytes))
    this.#carryBytes += bytes.length
  }

  #checkLength(moreBytes: number): void {
    if (this.#carryBytes + moreBytes <= this.#bytesMax) return
    const read = formatBytes(this.#carryBytes + moreBytes)
    throw new UserError(
      'INPUT_UNREADABLE',
      `line ${this.lines + 1} of ${printable(this.#name)} has ${read} or more, the most is ${formatBytes(this.#bytesMax)}: ` +
        "read input that has no lines with reader 'bytes' or a reader function",
    )
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
