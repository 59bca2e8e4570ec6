/** Reads the records of one range of a plain file, whole ones, wherever the ranges were cut. */
import {closeSync, openSync, readSync} from 'node:fs'
import {printable, UserError} from '../base/index.ts'
import {KernelReader, newlineByte, type RecordReader} from '../engine/index.ts'
import {endOf, isCsv, makeStartWindow, recordStartNear, tellEnd} from './csv-ranges.ts'
import {giveWay} from './give-way.ts'
import {rangeTailBytes, readChunkBytes} from './limits.ts'
import type {ScanPart} from './scan-job.ts'
import {unreadable} from './unreadable.ts'

type RangePart = ScanPart & {kind: 'range'}

/** Of a file. */
type Stretch = Pick<RangePart, 'start' | 'end' | 'name'>

/** Ranges one after the other, of any files: what it needs of memory it has once. */
export class RangeReader {
  readonly #chunk: Uint8Array
  readonly #checkStop: () => void
  #startWindow: Uint8Array | undefined

  /**
   * @param chunk - of `readChunkBytes`; its owner may use it between two ranges
   * @param checkStop - throws when a range that waits for the one before it is to wait no longer
   */
  constructor(chunk: Uint8Array, checkStop: () => void) {
    this.#chunk = chunk
    this.#checkStop = checkStop
  }

  /**
   * Records that start in [start, end): from the first one that begins at or after start to the end of the last one begun before end.
   *
   * @param onBytes - told after each chunk how many bytes of the file it was
   * @throws UserError INPUT_UNREADABLE, also when the file became shorter; what `onBytes` and `checkStop` throw
   */
  async read(part: RangePart, reader: RecordReader, onBytes: (count: number) => void): Promise<void> {
    let file: number
    try {
      file = openSync(part.path, 'r')
    } catch (error) {
      throw unreadable(part.name, error)
    }
    try {
      const start = await this.#rangeStart(part, file)
      const end = start < part.end ? await this.#readRecords({...part, start}, file, reader, onBytes) : start
      if (part.csv !== undefined) tellEnd(part.csv.ends, part.csv.index, end)
    } finally {
      closeSync(file)
    }
  }

  /** The first record that begins in a range, or behind it. */
  async #rangeStart({start, end, name, format, csv}: RangePart, file: number): Promise<number> {
    if (start === 0) return 0
    if (csv === undefined || !isCsv(format)) return lineStart(file, start, end, name, this.#chunk)
    this.#startWindow ??= makeStartWindow()
    const near = recordStartNear(start, format.delimiter, this.#startWindow, (into, position) =>
      readAt(file, into, position, name),
    )
    return near ?? (await endOf(csv.ends, csv.index - 1, () => this.#checkStop()))
  }

  /** Reads from `start`, where a record begins, to the first record that begins at or behind `end`. Returns where that is. */
  async #readRecords(
    {start, end, name}: Stretch,
    file: number,
    reader: RecordReader,
    onBytes: (count: number) => void,
  ): Promise<number> {
    let position = start
    if (reader instanceof KernelReader) {
      if (await this.#readInPlace({start, end, name}, file, reader, onBytes)) return end
      position = end
    }
    for (;;) {
      const wanted = Math.min(readChunkBytes, Math.max(end - position, rangeTailBytes))
      const count = readAt(file, this.#chunk.subarray(0, wanted), position, name)
      if (count === 0) {
        if (position < end) throw shrunk(name)
        return position
      }
      const bytes = this.#takeRecords(reader, this.#chunk.subarray(0, count), end - position)
      position += bytes
      onBytes(bytes)
      if (bytes < count || (position >= end && this.#chunk[count - 1] === newlineByte && reader.isBetweenRecords))
        return position
      await giveWay()
    }
  }

  /** Reads bytes start..end-1 to where the kernel scans them. Returns whether a record ends with them. */
  async #readInPlace(
    {start, end, name}: Stretch,
    file: number,
    reader: KernelReader,
    onBytes: (count: number) => void,
  ): Promise<boolean> {
    let lastByte = newlineByte
    for (let position = start; position < end; ) {
      const space = reader.space()
      const into = space.subarray(0, Math.min(space.byteLength, end - position))
      const count = readAt(file, into, position, name)
      if (count === 0) throw shrunk(name)
      lastByte = into[count - 1]!
      reader.filled(count)
      position += count
      onBytes(count)
      await giveWay()
    }
    return lastByte === newlineByte && reader.isBetweenRecords
  }

  /** Reads a chunk up to the first record that begins `left` bytes from its start or later. Returns how many bytes that were. */
  #takeRecords(reader: RecordReader, chunk: Uint8Array, left: number): number {
    for (let at = 0; ; ) {
      // The last record ends with a newline at or behind the last byte that is left.
      const newline = chunk.indexOf(newlineByte, Math.max(at, left - 1))
      const end = newline < 0 ? chunk.length : newline + 1
      reader.push(chunk.subarray(at, end))
      if (newline < 0 || reader.isBetweenRecords || end === chunk.length) return end
      at = end
    }
  }
}

function shrunk(name: string): UserError {
  return new UserError('INPUT_UNREADABLE', `${printable(name)} became shorter while it was read`, {
    hint: 'another program writes to it; read a copy',
  })
}

/** The first line that begins at `start` or later; `end` or more when none begins before `end`. */
function lineStart(file: number, start: number, end: number, name: string, chunk: Uint8Array): number {
  // The byte before the start tells whether a line begins there: look for the newline from there on.
  for (let position = start - 1; position < end - 1; ) {
    const count = readAt(file, chunk.subarray(0, rangeTailBytes), position, name)
    if (count === 0) throw shrunk(name)
    const newline = chunk.subarray(0, count).indexOf(newlineByte)
    if (newline >= 0) return position + newline + 1
    position += count
  }
  return end
}

function readAt(file: number, into: Uint8Array, position: number, name: string): number {
  try {
    return readSync(file, into, 0, into.byteLength, position)
  } catch (error) {
    throw unreadable(name, error)
  }
}
