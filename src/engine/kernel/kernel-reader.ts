/** Reads one part of the input through the kernel, and what the kernel leaves through the row path. */

import {assert} from '../../base/index.ts'
import type {FormatNode, Parts} from '../../rules/index.ts'
import {addAccount} from '../account.ts'
import type {Account, BadReason, RecordReader, RecordSink} from '../contracts.ts'
import {makeReader, newlineByte, type ReaderOptions, recordBytesMax} from '../readers/index.ts'
import type {Kernel, LineTargets, PassedLines} from './kernel.ts'
import {heldRecordBytesMax, passedAloneLines, passedBytesMax, passedBytesMin} from './limits.ts'

/** The row path, which also keeps the account. */
export interface KernelSink extends RecordSink {
  /**
   * Takes a record that is cut to the fields that are needed; the steps that the kernel's plan says are done with it.
   *
   * @param whole - reads the whole record; only during the call
   */
  smallRecord(parts: Parts, line: number, whole: () => Parts): void
  /** Of the part that is being read; the kernel adds what it counted. */
  readonly account: Account
}

/**
 * A reader whose `push` may be replaced by `space` and `filled`, which read into the memory of the kernel without a copy. What
 * the kernel counted is in the account of the sink when `push`, `filled` and `end` return. One at a time for a kernel: it begins the part.
 */
export class KernelReader implements RecordReader {
  readonly #kernel: Kernel
  readonly #sink: KernelSink
  readonly #rows: RowLines
  readonly #capacity: number
  /** Bytes of a record that is not complete yet; a longer one passes by. */
  readonly #heldMax: number
  readonly #targets: LineTargets
  /** Bytes at the input's beginning that are not read yet. */
  #held = 0
  /**
   * The record that is passing by goes to the row path: a very long one, one that only the row path can follow, the first of the
   * input, which may begin with a byte order mark, and of CSV all up to the one that names the fields.
   */
  #isPassing: boolean
  #knowsNames: boolean
  /** Bytes that pass by whatever they are. */
  #passLeft = 0
  /** Of the last record that only the row path could follow: bytes that passed by with it, and the line behind them. */
  #passedBytes = 0
  #passedLine = Number.NEGATIVE_INFINITY
  #isFollowing = false

  constructor(kernel: Kernel, sink: KernelSink, options: ReaderOptions) {
    this.#kernel = kernel
    this.#sink = sink
    this.#rows = new RowLines(kernel.format, sink, options)
    const whole = new WholeRecord(kernel, this.#rows)
    this.#targets = {
      pass: lines => this.#passLines(lines),
      record: (parts, from) => {
        whole.from = from
        sink.smallRecord(parts, from.line, whole.read)
      },
    }
    this.#capacity = Math.min(kernel.inputBytes - 1, options.recordBytesMax ?? recordBytesMax)
    const isCsv = kernel.format.format === 'csv'
    this.#heldMax = isCsv ? Math.min(this.#capacity, heldRecordBytesMax) : this.#capacity
    this.#knowsNames = !isCsv
    this.#learnNames()
    kernel.beginPart()
    this.#isPassing = options.isFirst || !this.#knowsNames
    if (this.#isPassing) this.#rows.goTo(1)
  }

  get lines(): number {
    return this.#kernel.lines
  }

  get isBetweenRecords(): boolean {
    return this.#held === 0 && this.#rows.isBetweenRecords
  }

  get names(): readonly string[] | null {
    return this.#rows.names
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
    if (!this.#isPassing && this.#held === this.#capacity) this.#passHeld()
    // What passes by needs the room only until it was handed on.
    const at = this.#kernel.inputStart + this.#held
    return this.#kernel.memory.subarray(at, this.#kernel.inputStart + this.#capacity)
  }

  /** The next `count` bytes of the input are at the beginning of `space()`. */
  filled(count: number): void {
    if (count === 0) return
    if (this.#isPassing) {
      const end = this.#passOn(this.#input(0, count))
      if (end === count) return
      const start = this.#kernel.inputStart
      this.#kernel.memory.copyWithin(start, start + end, start + count)
      this.#readHeld(count - end)
    } else {
      this.#readHeld(count)
    }
    addAccount(this.#sink.account, this.#kernel.takeCounts())
  }

  end(): void {
    let at = 0
    while (!this.#isPassing && at < this.#held) {
      this.#kernel.memory[this.#kernel.inputStart + this.#held] = newlineByte
      const end = this.#scan(at, this.#held + 1)
      at = end.at
      if (end.reason === 'end') break
      // A quote is open. The row path does not get the newline that was put behind it.
      this.#beginPassing()
      at += this.#passOn(this.#input(at, this.#held))
    }
    this.#held = 0
    if (this.#isPassing) this.#counted(() => this.#rows.end())
    addAccount(this.#sink.account, this.#kernel.takeCounts())
  }

  /** Bytes of the kernel's input. Good until it scans. */
  #input(from: number, to: number): Uint8Array {
    const start = this.#kernel.inputStart
    return this.#kernel.memory.subarray(start + from, start + to)
  }

  /** Takes as much as there is room for. Returns how much that was. */
  #take(bytes: Uint8Array): number {
    const room = this.#capacity - this.#held
    if (room === 0) {
      this.#passHeld()
      return 0
    }
    const piece = bytes.length <= room ? bytes : bytes.subarray(0, room)
    this.#kernel.memory.set(piece, this.#kernel.inputStart + this.#held)
    this.#readHeld(piece.length)
    return piece.length
  }

  /** The record that is held fills the whole buffer. */
  #passHeld(): void {
    this.#beginPassing()
    const held = this.#held
    this.#held = 0
    const end = this.#passOn(this.#input(0, held))
    if (end < held) this.#keep(end, held)
  }

  #beginPassing(): void {
    this.#rows.goTo(this.lines + 1)
    this.#isPassing = true
  }

  /** Reads the complete records among what is held and `more` bytes behind it; what is left over is held. */
  #readHeld(more: number): void {
    const filled = this.#held + more
    const newline = this.#input(this.#held, filled).lastIndexOf(newlineByte)
    const complete = newline < 0 ? 0 : this.#held + newline + 1
    let at = 0
    let isOpen = false
    while (!this.#isPassing) {
      if (at < complete && !isOpen) {
        const end = this.#scan(at, complete)
        at = end.at
        isOpen = end.reason === 'open'
        if (end.reason !== 'stuck') continue
        this.#passMore()
      } else if (filled - at <= this.#heldMax) {
        break
      }
      this.#beginPassing()
      at += this.#passOn(this.#input(at, filled))
      isOpen = false
    }
    this.#keep(at, filled)
  }

  /** What is not read yet moves to the input's beginning. */
  #keep(from: number, to: number): void {
    const start = this.#kernel.inputStart
    if (from > 0 && from < to) this.#kernel.memory.copyWithin(start, start + from, start + to)
    this.#held = to - from
  }

  #scan(from: number, to: number): {readonly at: number; readonly reason: 'end' | 'open' | 'stuck'} {
    const start = this.#kernel.inputStart
    const {at, reason} = this.#kernel.scan(start + from, start + to, this.#targets)
    return {at: at - start, reason}
  }

  #passLines({from, to, line}: PassedLines): void {
    this.#rows.goTo(line)
    this.#rows.push(this.#kernel.memory.subarray(from, to))
  }

  /** The row path takes single records slowly: where many have to go there, it gets more of the input at a time. */
  #passMore(): void {
    const isRecent = this.lines - this.#passedLine < passedAloneLines
    this.#passedBytes = isRecent ? Math.min(passedBytesMax, Math.max(passedBytesMin, this.#passedBytes * 2)) : 0
    this.#passLeft = this.#passedBytes
    this.#isFollowing = true
  }

  /** Gives the rest of the passing record away. Returns how many bytes of it there were. */
  #passOn(bytes: Uint8Array): number {
    let at = 0
    while (at < bytes.length) {
      const newline = bytes.indexOf(newlineByte, at + this.#passLeft)
      const end = newline < 0 ? bytes.length : newline + 1
      this.#counted(() => this.#rows.push(bytes.subarray(at, end)))
      this.#passLeft = Math.max(0, this.#passLeft - (end - at))
      at = end
      if (newline < 0 || !this.#rows.isBetweenRecords) continue
      if (!this.#knowsNames) this.#learnNames()
      if (!this.#knowsNames) continue
      this.#isPassing = false
      if (this.#isFollowing) this.#passedLine = this.lines
      this.#isFollowing = false
      break
    }
    return at
  }

  /** Counts the lines that the row path completes. */
  #counted(read: () => void): void {
    const before = this.#rows.lines
    read()
    this.#kernel.addLines(this.#rows.lines - before)
  }

  #learnNames(): void {
    const {names} = this.#rows
    if (names === null) return
    this.#kernel.setNames(names)
    this.#knowsNames = true
  }
}

/** The record that a small one was made of, read again: for messages and for lines that turn out bad. */
class WholeRecord implements RecordSink {
  from: PassedLines = {from: 0, to: 0, line: 0}
  readonly #kernel: Kernel
  readonly #rows: RowLines
  #parts: Parts | undefined

  /** @param rows - knows the names of the fields */
  constructor(kernel: Kernel, rows: RowLines) {
    this.#kernel = kernel
    this.#rows = rows
  }

  readonly read = (): Parts => {
    this.#parts = undefined
    const {names} = this.#rows
    const reader = makeReader(this.#kernel.format, this, {isFirst: false, ...(names === null ? {} : {names})})
    reader.push(this.#kernel.memory.subarray(this.from.from, this.from.to))
    reader.end()
    assert(this.#parts !== undefined, 'the row path reads what the kernel has read')
    return this.#parts
  }

  record(parts: Parts): void {
    this.#parts = parts
  }

  bad(): void {
    this.#parts = undefined
  }

  skipped(): void {
    this.#parts = undefined
  }
}

/** The row path's reader, which counts only the lines that it is given, with their numbers put right. */
class RowLines implements RecordSink {
  readonly #reader: RecordReader
  readonly #sink: RecordSink
  /** From the reader's line numbers to those of the part. */
  #shift = 0

  constructor(format: FormatNode, sink: RecordSink, options: ReaderOptions) {
    this.#sink = sink
    this.#reader = makeReader(format, this, options)
  }

  /** Lines that it was given. */
  get lines(): number {
    return this.#reader.lines
  }

  get isBetweenRecords(): boolean {
    return this.#reader.isBetweenRecords
  }

  get names(): readonly string[] | null {
    return this.#reader.names
  }

  /** The next line is number `line` of the part. */
  goTo(line: number): void {
    this.#shift = line - this.#reader.lines - 1
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes)
  }

  end(): void {
    this.#reader.end()
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
