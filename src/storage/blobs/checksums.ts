import {crc32} from 'node:zlib'

/**
 * CRC-32 of every block of a blob, taken while it is stored and compared before any byte of the block leaves.
 *
 * Against accidents of disks only: that a blob is what its name says was proven by SHA-256 when it came, and is proven
 * again by the scrub. CRC-32 runs at 6 GB/s here, SHA-256 at 1.9 GB/s with the processor's help and at a fifth without.
 */
export const blockBytes = 1 << 20

/** Takes checksums of a stream, cut anywhere. */
export class BlockChecksums {
  readonly #values: number[] = []
  #current = 0
  #filled = 0

  add(chunk: Uint8Array): void {
    for (let start = 0; start < chunk.length; ) {
      const end = Math.min(chunk.length, start + blockBytes - this.#filled)
      this.#current = crc32(chunk.subarray(start, end), this.#current)
      this.#filled += end - start
      start = end
      if (this.#filled === blockBytes) this.#endBlock()
    }
  }

  /** Four bytes a block, little end first. */
  finish(): Buffer {
    if (this.#filled > 0) this.#endBlock()
    const packed = Buffer.allocUnsafe(4 * this.#values.length)
    this.#values.forEach((value, index) => {
      packed.writeUInt32LE(value, 4 * index)
    })
    return packed
  }

  #endBlock(): void {
    this.#values.push(this.#current)
    this.#current = 0
    this.#filled = 0
  }
}

/** Is this the block that was stored? */
export function isBlockWhole(block: Uint8Array, checksums: Buffer, index: number): boolean {
  return 4 * index + 4 <= checksums.length && crc32(block) === checksums.readUInt32LE(4 * index)
}
