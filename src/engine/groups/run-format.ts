/**
 * A run: records in ascending key order, in blocks.
 *
 * Block: magic, records (the top bit marks the last block), bytes behind the header, checksum; each 32 bits, low byte first.
 * Record: length of the key, length of the states, key, states of the columns one after the other; lengths as varints.
 *
 * The checksum starts from the block's place in the run, so a missing, doubled or moved block is noticed like a damaged
 * one, and a run without its last block is incomplete. An empty run is one last block without records.
 */

import {crc32 as fastCrc32} from 'node:zlib'
import {UserError} from '../../base/index.ts'
import {ByteCursor, crc32, mixed} from '../bytes/index.ts'
import {shortBlockBytes} from './limits.ts'

export const blockHeaderBytes = 16

/** `DIR1`. */
const magic = 0x31524944
const lastBit = 0x80000000

export interface BlockHeader {
  readonly records: number
  readonly isLast: boolean
}

/** Fills in the header of a block that has room for it in front. */
export function sealBlock(block: Uint8Array, index: number, {records, isLast}: BlockHeader): void {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const count = (records | (isLast ? lastBit : 0)) >>> 0
  view.setUint32(0, magic, true)
  view.setUint32(4, count, true)
  view.setUint32(8, block.length - blockHeaderBytes, true)
  view.setUint32(12, checksum(block, index, count), true)
}

/** Bytes behind a header: for sources that read runs from a stream of bytes. @throws UserError SPILL_FAILED when it is no header */
export function payloadBytesOf(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.length)
  if (header.length < blockHeaderBytes || view.getUint32(0, true) !== magic)
    throw damagedRun('a block does not begin as one')
  return view.getUint32(8, true)
}

/** @throws UserError SPILL_FAILED when it is not the block of that index, whole and unchanged */
export function openBlock(block: Uint8Array, index: number): BlockHeader {
  if (payloadBytesOf(block) !== block.length - blockHeaderBytes) throw damagedRun(`block ${index} is incomplete`)
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const count = view.getUint32(4, true)
  if (view.getUint32(12, true) !== checksum(block, index, count))
    throw damagedRun(`the checksum of block ${index} is wrong`)
  return {records: (count & ~lastBit) >>> 0, isLast: count >= lastBit}
}

/** A copy of the first key of a block of groups; undefined for a block without records. */
export function firstKeyOf(block: Uint8Array): Uint8Array | undefined {
  const cursor = new ByteCursor()
  cursor.open(block, blockHeaderBytes)
  if (cursor.isAtEnd) return undefined
  const keyLength = cursor.varint()
  cursor.varint()
  const start = cursor.skip(keyLength)
  return block.slice(start, start + keyLength)
}

/** SPILL_FAILED. @param detail - what is wrong with the run, without its name: whoever opened it knows that */
export function damagedRun(detail: string): UserError {
  return new UserError('SPILL_FAILED', `a temporary run cannot be read back: ${detail}`, {
    hint: 'Look for a full or failing disk under the temporary folder, and that nothing else cleans it up.',
  })
}

/**
 * CRC-32 of what is behind the header, which the machine has instructions for: begun from the place and the records, which are mixed
 * one-to-one, so that equal contents at another place have another sum.
 */
function checksum(block: Uint8Array, index: number, count: number): number {
  const content = block.subarray(blockHeaderBytes)
  return (content.length > shortBlockBytes ? fastCrc32 : crc32)(content, mixed(index ^ mixed(count)) >>> 0)
}
