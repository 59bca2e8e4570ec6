/**
 * Files of the shuffle, version 1. Numbers are little-endian.
 *
 *     file    = "DISCSHF1"  section*  index  footer
 *     section = block*  end               one for each label, in the order of labels
 *     block   = u32 stored  u32 plain  u32 records  u32 crc  stored bytes
 *     end     = u32 0       u32 0      u32 records of the section modulo 2^32  u32 crc
 *     index   = JSON: [[label, offset, bytes, records], …]
 *     footer  = u32 bytes of the index  u32 crc32 of the index  "DISCSHF1"
 *
 * The highest bit of `stored` says that the bytes are a zstd frame; otherwise they are the records. `crc` is the CRC-32 of the
 * twelve bytes before it and the stored bytes. A section can be read by itself, without the file around it; its end tells a
 * whole one from one that was cut.
 *
 *     record  = varint key bytes  varint value bytes  key  value
 */
import {crc32} from 'node:zlib'

export const magic: Buffer = Buffer.from('DISCSHF1', 'latin1')
export const blockHeaderBytes = 16
export const footerBytes = 16
export const packedFlag = 0x8000_0000

/** One label in a file. */
export interface Section {
  readonly label: number
  /** Where it begins in the file. */
  readonly offset: number
  readonly bytes: number
  readonly records: number
}

/**
 * A file of the shuffle that is not what was written: cut, changed or gone. The task that made it has to run again.
 */
export class InputLostError extends Error {
  override readonly name = 'InputLostError'
  /** The number of the input in its task; set by who knows it. */
  input: number | undefined

  constructor(what: string, file: string, offset: number, options?: ErrorOptions) {
    super(`${file}: ${what} at byte ${offset}`, options)
  }
}

/** @param header - twelve bytes of it are enough: what stands behind them is not looked at */
export function blockCrc(header: Buffer, stored: Buffer): number {
  return crc32(stored, crc32(header.subarray(0, 12)))
}
