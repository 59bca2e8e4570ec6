/** Reads one part of the input through the kernel, and what the kernel leaves through the row path. */

import type {FormatNode, Parts} from '../../rules/index.ts'
import {addAccount} from '../account.ts'
import type {Account, BadReason, RecordReader, RecordSink} from '../contracts.ts'
import {makeReader, newlineByte, type ReaderOptions, recordBytesMax} from '../readers/index.ts'
import type {Kernel, PassedLines} from './kernel.ts'

/** The row path, which also keeps the account. */
export interface KernelSink extends RecordSink {
  /** Of the part that is being read; the kernel adds what it counted. */
  readonly account: Account
}

const format: FormatNode = {format: 'json'}

export class KernelReader implements RecordReader {
  readonly #kernel: Kernel
  readonly #sink: KernelSink
  readonly #rows: RowLines
  readonly #capacity: number
  /** Bytes at the input's beginning that are not read yet. */
  #held = 0
  /** The line that is passing by goes to the row path: a very long one, or the first of the input, which may begin with a byte order mark. */
  #isPassing: boolean

  constructor(kernel: Kernel, sink: KernelSink, options: ReaderOptions) {
    this.#kernel = kernel
    this.#sink = sink
    this.#rows = new RowLines(sink, options)
    this.#capacity = Math.min(kernel.inputBytes - 1, options.recordBytesMax ?? recordBytesMax)
    this.#isPassing = options.isFirst
    kernel.beginPart()
    if (this.#isPassing) this.#rows.goTo(1)
  }

  get lines(): number {
    return this.#kernel.lines
  }

  push(chunk: Uint8Array): void {
    let rest = chunk
    while (rest.length > 0) rest = rest.subarray(this.#isPassing ? this.#passOn(rest) : this.#take(rest))
    addAccount(this.#sink.account, this.#kernel.takeCounts())
  }

  /**
   * Where to read the next bytes of the input to, instead of `push`ing a copy of them; `filled` takes them from there. Not empty.
   *
   * Good until the next call of any method but this.
   */
  space(): Uint8Array {
    if (!this.#isPassing && this.#held === this.#capacity) this.#beginPassing()
    // What passes by needs the room only until it was handed on.
    const at = this.#kernel.inputStart + this.#held
    return this.#kernel.memory.subarray(at, this.#kernel.inputStart + this.#capacity)
  }

  /** The next `count` bytes of the input are at the beginning of `space()`. */
  filled(count: number): void {
    if (count === 0) return
    const start = this.#kernel.inputStart
    if (this.#isPassing) {
      const end = this.#passOn(this.#kernel.memory.subarray(start, start + count))
      if (end === count) return
      this.#kernel.memory.copyWithin(start, start + end, start + count)
      this.#readHeld(count - end)
    } else {
      this.#readHeld(count)
    }
    addAccount(this.#sink.account, this.#kernel.takeCounts())
  }

  end(): void {
    if (this.#isPassing) {
      this.#kernel.addLines(this.#rows.end())
      return
    }
    if (this.#held > 0) {
      this.#kernel.memory[this.#kernel.inputStart + this.#held] = newlineByte
      this.#scan(this.#held + 1)
      this.#held = 0
    }
    addAccount(this.#sink.account, this.#kernel.takeCounts())
  }

  /** Takes as much as there is room for. Returns how much that was. */
  #take(bytes: Uint8Array): number {
    const room = this.#capacity - this.#held
    if (room === 0) {
      this.#beginPassing()
      return 0
    }
    const piece = bytes.length <= room ? bytes : bytes.subarray(0, room)
    this.#kernel.memory.set(piece, this.#kernel.inputStart + this.#held)
    this.#readHeld(piece.length)
    return piece.length
  }

  /** The line that is held fills the whole buffer. */
  #beginPassing(): void {
    const start = this.#kernel.inputStart
    this.#rows.goTo(this.lines + 1)
    this.#rows.push(this.#kernel.memory.subarray(start, start + this.#held))
    this.#held = 0
    this.#isPassing = true
  }

  /** Reads the complete lines among what is held and `more` bytes behind it; what is left over is held. */
  #readHeld(more: number): void {
    const start = this.#kernel.inputStart
    const filled = this.#held + more
    const newline = this.#kernel.memory.subarray(start + this.#held, start + filled).lastIndexOf(newlineByte)
    const complete = newline < 0 ? 0 : this.#held + newline + 1
    if (complete > 0) this.#scan(complete)
    // The scan may have moved the memory.
    if (complete > 0 && complete < filled) this.#kernel.memory.copyWithin(start, start + complete, start + filled)
    this.#held = filled - complete
  }

  #scan(bytes: number): void {
    const start = this.#kernel.inputStart
    this.#kernel.scan(start, start + bytes, lines => this.#passLines(lines))
  }

  #passLines({from, to, line}: PassedLines): void {
    this.#rows.goTo(line)
    this.#rows.push(this.#kernel.memory.subarray(from, to))
  }

  /** Gives the rest of the passing line away. Returns how many bytes of it there were. */
  #passOn(bytes: Uint8Array): number {
    const newline = bytes.indexOf(newlineByte)
    const end = newline < 0 ? bytes.length : newline + 1
    this.#rows.push(bytes.subarray(0, end))
    if (newline >= 0) {
      this.#kernel.addLines(1)
      this.#isPassing = false
    }
    return end
  }
}

/** The row path's reader, which counts only the lines that it is given, with their numbers put right. */
class RowLines implements RecordSink {
  readonly #reader: RecordReader
  readonly #sink: RecordSink
  /** From the reader's line numbers to those of the part. */
  #shift = 0

  constructor(sink: RecordSink, options: ReaderOptions) {
    this.#sink = sink
    this.#reader = makeReader(format, this, options)
  }

  /** The next line is number `line` of the part. */
  goTo(line: number): void {
    this.#shift = line - this.#reader.lines - 1
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes)
  }

  /** Returns how many lines the end of the input completed: one, or none. */
  end(): number {
    const before = this.#reader.lines
    this.#reader.end()
    return this.#reader.lines - before
  }

  record(parts: Parts, line: number): void {
    this.#sink.record(parts, line + this.#shift)
  }

  bad(reason: BadReason, line: number, text: string, detail?: string): void {
    this.#sink.bad(reason, line + this.#shift, text, detail)
  }

  skipped(kind: 'blank' | 'no-object', line: number): void {
    this.#sink.skipped(kind, line + this.#shift)
  }
}
