/** Writes a file of the shuffle, section by section. Synchronous: one task, one thread, and the author's functions need no await. */
import {closeSync, fsyncSync, openSync, writeSync} from 'node:fs'
import {constants, crc32, zstdCompressSync} from 'node:zlib'
import {assert} from '../../../base/index.ts'
import {blockCrc, blockHeaderBytes, footerBytes, magic, packedFlag, type Section} from './format.ts'
import {blockBytes, recordBytesMax, zstdLevel} from './limits.ts'

/** Share of the plain bytes that packing has to save, or a block stays as it is. */
const packedShareMax = 0.9
/** Bytes of a piece of what zstd gives: a block at once; records that are larger in several. */
const chunkBytesMax = 4 * 1024 * 1024

/** `begin` before the first `add`. Throws what the system says: it does not know whose file it is. `close` after an error. */
export class ShuffleFileWriter {
  readonly path: string
  readonly #file: number
  readonly #isPacked: boolean
  readonly #sections: Section[] = []
  #position = 0
  #block = Buffer.allocUnsafeSlow(blockBytes + 16)
  #used = 0
  #blockRecords = 0
  #label = -1
  #sectionStart = 0
  #sectionRecords = 0
  #isOpen = true

  constructor(path: string, isPacked: boolean) {
    this.path = path
    this.#isPacked = isPacked
    this.#file = openSync(path, 'w', 0o600)
    this.#write(magic)
  }

  /** Records from now on belong to `label`, which is higher than those before. */
  begin(label: number): void {
    this.#endSection()
    assert(label > this.#label, 'sections are written in the order of labels')
    this.#label = label
    this.#sectionStart = this.#position
    this.#sectionRecords = 0
  }

  get label(): number {
    return this.#label
  }

  /** Adds a record whose key and value lie one behind the other. */
  add(bytes: Buffer, start: number, keyEnd: number, end: number): void {
    const length = end - start
    if (this.#used + length + 10 > this.#block.length) this.#makeRoom(length)
    let at = this.#varint(this.#used, keyEnd - start)
    at = this.#varint(at, end - keyEnd)
    if (length < 48) for (let from = start; from < end; ) this.#block[at++] = bytes[from++]!
    else at += bytes.copy(this.#block, at, start, end)
    this.#used = at
    this.#blockRecords++
    if (at >= blockBytes) this.#flush()
  }

  /** Writes what is left and, when asked to, makes it survive a loss of power. */
  finish(isDurable: boolean): readonly Section[] {
    this.#endSection()
    const index = Buffer.from(
      JSON.stringify(this.#sections.map(each => [each.label, each.offset, each.bytes, each.records])),
    )
    const footer = Buffer.alloc(footerBytes)
    footer.writeUInt32LE(index.length, 0)
    footer.writeUInt32LE(crc32(index), 4)
    magic.copy(footer, 8)
    this.#write(index)
    this.#write(footer)
    if (isDurable) fsyncSync(this.#file)
    this.close()
    return this.#sections
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#file)
  }

  #varint(at: number, value: number): number {
    const block = this.#block
    let rest = value
    while (rest > 0x7f) {
      block[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    block[at++] = rest
    return at
  }

  #makeRoom(length: number): void {
    assert(length <= recordBytesMax, `a record has at most ${recordBytesMax} bytes`)
    this.#flush()
    if (length + 10 > this.#block.length) this.#block = Buffer.allocUnsafeSlow(length + 16)
  }

  #endSection(): void {
    if (this.#label < 0) return
    this.#flush()
    const end = Buffer.alloc(blockHeaderBytes)
    end.writeUInt32LE(this.#sectionRecords >>> 0, 8)
    end.writeUInt32LE(blockCrc(end, Buffer.alloc(0)), 12)
    this.#write(end)
    this.#sections.push({
      label: this.#label,
      offset: this.#sectionStart,
      bytes: this.#position - this.#sectionStart,
      records: this.#sectionRecords,
    })
  }

  #flush(): void {
    if (this.#used === 0) return
    const plain = this.#block.subarray(0, this.#used)
    const packed = this.#isPacked ? packOf(plain) : plain
    const isPacked = packed.length < plain.length * packedShareMax
    const stored = isPacked ? packed : plain
    const header = Buffer.allocUnsafe(blockHeaderBytes)
    header.writeUInt32LE(((isPacked ? packedFlag : 0) | stored.length) >>> 0, 0)
    header.writeUInt32LE(plain.length, 4)
    header.writeUInt32LE(this.#blockRecords, 8)
    header.writeUInt32LE(blockCrc(header, stored), 12)
    this.#write(header)
    this.#write(stored)
    this.#sectionRecords += this.#blockRecords
    this.#used = 0
    this.#blockRecords = 0
    if (this.#block.length > blockBytes * 2) this.#block = Buffer.allocUnsafeSlow(blockBytes + 16)
  }

  #write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done)
    this.#position += bytes.length
  }
}

/** Knowing the size, zstd takes small tables; with room for all of it, the answer comes in one piece. */
function packOf(plain: Buffer): Buffer {
  return zstdCompressSync(plain, {
    params: {[constants.ZSTD_c_compressionLevel]: zstdLevel},
    pledgedSrcSize: plain.length,
    chunkSize: Math.min(plain.length, chunkBytesMax) + 1024,
  })
}
