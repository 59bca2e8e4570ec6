/** Reads the records of one section, block by block, from a file or from memory. A block that is damaged is an error, never records. */
import {closeSync, fstatSync, openSync, readSync} from 'node:fs'
import {crc32, zstdDecompressSync} from 'node:zlib'
import {messageOf} from '../../../base/index.ts'
import {blockCrc, blockHeaderBytes, footerBytes, InputLostError, magic, packedFlag, type Section} from './format.ts'

/** Where a section is. `name` is what errors call it. */
export type SectionSource =
  | {
      readonly type: 'file'
      readonly name: string
      readonly path: string
      readonly offset: number
      readonly bytes: number
    }
  | {readonly type: 'memory'; readonly name: string; readonly bytes: Buffer}

/** Stands before the first record; `advance` goes to the next. Fields are of the current record, good until then. */
export class SectionCursor {
  /** Ties of keys: the lower one comes first. */
  readonly order: number
  bytes: Buffer = empty
  keyStart = 0
  keyEnd = 0
  valueEnd = 0
  /** The first six bytes of the key as a number: settles most comparisons. */
  prefix = 0
  readonly #source: SectionSource
  readonly #header = Buffer.allocUnsafeSlow(blockHeaderBytes)
  #file: number | undefined
  #position = 0
  #next = 0
  #blockEnd = 0
  #records = 0
  #stored: Buffer = empty

  constructor(source: SectionSource, order: number) {
    this.#source = source
    this.order = order
  }

  /** @returns false at the end; @throws InputLostError naming file and byte when what is there was not written so */
  advance(): boolean {
    if (this.#next >= this.#blockEnd && !this.#loadBlock()) return false
    const bytes = this.bytes
    let at = this.#next
    let keyLength = bytes[at++]!
    if (keyLength > 0x7f) {
      keyLength &= 0x7f
      let byte: number
      let shift = 7
      do {
        byte = bytes[at++]!
        keyLength |= (byte & 0x7f) << shift
        shift += 7
      } while (byte > 0x7f)
    }
    let valueLength = bytes[at++]!
    if (valueLength > 0x7f) {
      valueLength &= 0x7f
      let byte: number
      let shift = 7
      do {
        byte = bytes[at++]!
        valueLength |= (byte & 0x7f) << shift
        shift += 7
      } while (byte > 0x7f)
    }
    this.keyStart = at
    this.keyEnd = at + keyLength
    this.valueEnd = this.#next = at + keyLength + valueLength
    // Bytes behind a short key count as zeros.
    if (keyLength >= 6) {
      this.prefix =
        (((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!) >>> 0) * 0x1000000 +
        ((bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!)
    } else {
      let prefix = 0
      for (let index = 0; index < 6; index++) prefix = prefix * 256 + (index < keyLength ? bytes[at + index]! : 0)
      this.prefix = prefix
    }
    return true
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.bytes = this.#stored = empty
    this.#next = this.#blockEnd = 0
  }

  /** @returns false at the section's end */
  #loadBlock(): boolean {
    const start = this.#position
    const header = this.#read(blockHeaderBytes, this.#header)
    const stored = header.readUInt32LE(0)
    const length = stored & ~packedFlag
    const block = this.#read(length >>> 0, undefined)
    if (blockCrc(header, block) !== header.readUInt32LE(12)) throw this.#lost('a block has another checksum', start)
    const records = header.readUInt32LE(8)
    if (stored === 0) {
      if (records !== this.#records % 2 ** 32)
        throw this.#lost(`the section ends after ${this.#records} of ${records} records`, start)
      this.close()
      return false
    }
    this.bytes = stored & packedFlag ? this.#unpack(block, header.readUInt32LE(4), start) : block
    this.#next = 0
    this.#blockEnd = this.bytes.length
    this.#records += records
    return true
  }

  #unpack(block: Buffer, plainLength: number, start: number): Buffer {
    try {
      const plain = zstdDecompressSync(block, {maxOutputLength: plainLength, chunkSize: Math.max(64, plainLength)})
      if (plain.length === plainLength) return plain
    } catch (error) {
      throw this.#lost(`a block does not unpack (${messageOf(error)})`, start, error)
    }
    throw this.#lost('a block has another length', start)
  }

  #read(length: number, into: Buffer | undefined): Buffer {
    const source = this.#source
    const available = (source.type === 'file' ? source.bytes : source.bytes.length) - this.#position
    if (length > available) throw this.#lost(`${length} bytes are expected, ${available} are there`, this.#position)
    if (source.type === 'memory') {
      const stretch = source.bytes.subarray(this.#position, this.#position + length)
      this.#position += length
      return stretch
    }
    const target = into ?? this.#room(length)
    try {
      this.#file ??= openSync(source.path, 'r')
      for (let done = 0; done < length; ) {
        const count = readSync(this.#file, target, done, length - done, source.offset + this.#position + done)
        if (count === 0) throw this.#lost('the file ends', this.#position + done)
        done += count
      }
    } catch (error) {
      throw error instanceof InputLostError ? error : this.#lost(messageOf(error), this.#position, error)
    }
    this.#position += length
    return target
  }

  #room(length: number): Buffer {
    if (this.#stored.length < length) this.#stored = Buffer.allocUnsafeSlow(Math.max(length, 64 * 1024))
    return this.#stored.subarray(0, length)
  }

  #lost(what: string, position: number, cause?: unknown): InputLostError {
    const offset = (this.#source.type === 'file' ? this.#source.offset : 0) + position
    return new InputLostError(what, this.#source.name, offset, cause === undefined ? undefined : {cause})
  }
}

const empty = Buffer.alloc(0)

/** The sections of a file, by label. @throws InputLostError when it is no whole file of the shuffle */
export function readSections(path: string): readonly Section[] {
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    const footer = Buffer.alloc(footerBytes)
    if (size >= magic.length + footerBytes) readSync(file, footer, 0, footerBytes, size - footerBytes)
    const length = footer.readUInt32LE(0)
    if (!footer.subarray(8).equals(magic) || length > size - magic.length - footerBytes)
      throw new InputLostError('there is no whole file of the shuffle', path, Math.max(0, size - footerBytes))
    const index = Buffer.alloc(length)
    readSync(file, index, 0, length, size - footerBytes - length)
    if (crc32(index) !== footer.readUInt32LE(4))
      throw new InputLostError('the index has another checksum', path, size - footerBytes - length)
    const rows = JSON.parse(index.toString()) as [number, number, number, number][]
    return rows.map(([label, offset, bytes, records]) => ({label, offset, bytes, records}))
  } finally {
    closeSync(file)
  }
}
