/** Writes a partial, run by run. Nothing of it counts before its tail is there. */
import {closeSync, openSync, readSync, writeSync} from 'node:fs'
import {crc32} from 'node:zlib'
import {assert} from '../../base/index.ts'
import {type BlockIndex, BlockIndexWriter} from '../block-index.ts'
import {runLengthBytes, spillError} from '../run-files.ts'
import {writeBufferBytes} from './limits.ts'
import {
  type BadEntry,
  type PartialFooter,
  partialEnd,
  partialMagic,
  partialVersion,
  type RunEntry,
  type Span,
  tailBytes,
} from './partial-format.ts'

/** Runs and bad lines in any order, then `finish`, or `close` when it comes to nothing: the file stays, and is no partial. */
export class PartialWriter {
  readonly #path: string
  readonly #tables: RunEntry[][]
  readonly #bad: BadEntry[] = []
  readonly #buffer = Buffer.allocUnsafe(writeBufferBytes)
  #file: number | undefined
  #used = 0
  #position = 0
  #crc = 0

  /** @throws UserError SPILL_FAILED, like all that follows */
  constructor(path: string, tableCount: number) {
    this.#path = path
    this.#tables = Array.from({length: tableCount}, () => [])
    this.#file = this.#orSpillError(() => openSync(path, 'w', 0o600))
    this.#add(partialMagic)
  }

  /** @param write - hands over the blocks of one run; each is valid during the call */
  addRun(table: number, isIndexed: boolean, write: (sink: (block: Uint8Array) => void) => void): void {
    const from = this.#position
    const index = isIndexed ? new BlockIndexWriter() : undefined
    const length = Buffer.allocUnsafe(runLengthBytes)
    let bytes = 0
    write(block => {
      length.writeUInt32LE(block.byteLength)
      this.#add(length)
      this.#add(block)
      index?.add(block)
      bytes += block.byteLength
    })
    const entry = {from, end: this.#position, bytes, index: index === undefined ? null : textOfIndex(index.finish())}
    this.#tables[table]!.push(entry)
  }

  /** Names a run where it stands. @param part - number of that partial among the parts */
  addRunOf(table: number, part: number, entry: RunEntry): void {
    this.#tables[table]!.push({...entry, part})
  }

  /** Copies bad lines from another file. */
  addBad(input: number, name: string, path: string, span?: Span): void {
    const from = this.#position
    this.#orSpillError(() => this.#copy(path, span ?? {from: 0, end: Number.POSITIVE_INFINITY}))
    if (this.#position > from) this.#bad.push({input, name, from, end: this.#position})
  }

  /** Makes it whole. Not durable: what a loss of power leaves of it has not its checksum. @returns bytes of the file */
  finish(footer: Omit<PartialFooter, 'version' | 'tables' | 'bad'>): number {
    const whole: PartialFooter = {version: partialVersion, ...footer, tables: this.#tables, bad: this.#bad}
    const text = Buffer.from(JSON.stringify(whole))
    this.#add(text)
    const tail = Buffer.allocUnsafe(tailBytes)
    tail.writeUInt32LE(text.length, 0)
    tail.writeUInt32LE(crc32(text), 4)
    tail.writeUInt32LE(this.#crc, 8)
    partialEnd.copy(tail, 12)
    this.#add(tail)
    this.#flush()
    this.#orSpillError(() => this.close())
    return this.#position
  }

  /** Of what was not finished. */
  close(): void {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) closeSync(file)
  }

  #opened(): number {
    assert(this.#file !== undefined, 'a partial is written before it is finished')
    return this.#file
  }

  #add(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc)
    this.#position += bytes.byteLength
    if (bytes.byteLength > this.#buffer.byteLength - this.#used) this.#flush()
    if (bytes.byteLength > this.#buffer.byteLength) {
      this.#write(bytes)
      return
    }
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.byteLength
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }

  #write(bytes: Uint8Array): void {
    this.#orSpillError(() => {
      for (let done = 0; done < bytes.byteLength; ) done += writeSync(this.#opened(), bytes, done)
    })
  }

  #copy(path: string, {from, end}: Span): void {
    const file = openSync(path, 'r')
    try {
      const chunk = Buffer.allocUnsafe(writeBufferBytes)
      for (let at = from; at < end; ) {
        const count = readSync(file, chunk, 0, Math.min(chunk.length, end - at), at)
        if (count === 0) break
        this.#add(chunk.subarray(0, count))
        at += count
      }
    } finally {
      closeSync(file)
    }
  }

  #orSpillError<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw spillError(this.#path, error)
    }
  }
}

function textOfIndex({keys, keyEnds, blockBytes}: BlockIndex): NonNullable<RunEntry['index']> {
  const text = ({buffer, byteOffset, byteLength}: Uint8Array | Uint32Array): string =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64')
  return {keys: text(keys), keyEnds: text(keyEnds), blockBytes: text(blockBytes)}
}
