import {assert} from '../../base/index.ts'
import {resizedWords, type Words} from '../bytes/index.ts'
import type {KeyView} from './key-builder.ts'
import {keyChunkBits, keyChunksMax} from './limits.ts'

const chunkBytes = 2 ** keyChunkBits
const offsetMask = chunkBytes - 1

/** Bytes of a length in front of a key: 1 below 255, else 255 and four more. */
const longMark = 255
const longHeaderBytes = 5

/**
 * The key bytes of a table's groups, in chunks. An address is chunk and offset in 32 bits; a key never crosses a chunk,
 * and one that is longer than a chunk has a chunk of its own.
 */
export class KeyStore {
  #chunks: Uint8Array[] = []
  /** Address of each group's key. */
  #addresses: Words = new Uint32Array(0)
  #chunk: Uint8Array = new Uint8Array(0)
  #used = 0
  #chunkBytes = 0

  /** Bytes held. Infinity when the addresses run out, so that any budget calls for a spill. */
  get bytes(): number {
    return this.#chunks.length > keyChunksMax - 64
      ? Number.POSITIVE_INFINITY
      : this.#chunkBytes + this.#addresses.byteLength
  }

  grow(capacity: number): void {
    this.#addresses = resizedWords(this.#addresses, capacity)
  }

  add(group: number, {bytes, length}: KeyView): void {
    const header = length < longMark ? 1 : longHeaderBytes
    if (this.#used + header + length > this.#chunk.length || this.#used > offsetMask) this.#addChunk(header + length)
    const chunk = this.#chunk
    let at = this.#used
    this.#addresses[group] = (((this.#chunks.length - 1) << keyChunkBits) | at) >>> 0
    if (header === 1) chunk[at++] = length
    else {
      chunk[at++] = longMark
      for (let shift = 0; shift < 32; shift += 8) chunk[at++] = length >>> shift
    }
    for (let index = 0; index < length; index++) chunk[at + index] = bytes[index]!
    this.#used = at + length
  }

  #addChunk(needed: number): void {
    assert(this.#chunks.length < keyChunksMax, `a table holds at most ${keyChunksMax} chunks of keys`)
    this.#chunk = new Uint8Array(Math.max(this.#chunks.length === 0 ? chunkBytes / 16 : chunkBytes, needed))
    this.#chunks.push(this.#chunk)
    this.#chunkBytes += this.#chunk.length
    this.#used = 0
  }

  chunkOf(group: number): Uint8Array {
    return this.#chunks[this.#addresses[group]! >>> keyChunkBits]!
  }

  /** Where a group's key begins in its chunk. */
  startOf(group: number): number {
    const at = this.#addresses[group]! & offsetMask
    return this.chunkOf(group)[at] === longMark ? at + longHeaderBytes : at + 1
  }

  lengthOf(group: number): number {
    const chunk = this.chunkOf(group)
    const at = this.#addresses[group]! & offsetMask
    const length = chunk[at]!
    if (length !== longMark) return length
    return (chunk[at + 1]! | (chunk[at + 2]! << 8) | (chunk[at + 3]! << 16) | (chunk[at + 4]! << 24)) >>> 0
  }

  isSame(group: number, {bytes, length}: KeyView): boolean {
    const address = this.#addresses[group]!
    const chunk = this.#chunks[address >>> keyChunkBits]!
    let at = address & offsetMask
    if (chunk[at] === longMark || length >= longMark) {
      if (this.lengthOf(group) !== length) return false
      at += longHeaderBytes
    } else if (chunk[at++] !== length) return false
    for (let index = 0; index < length; index++) if (chunk[at + index] !== bytes[index]) return false
    return true
  }

  /** A view of a group's key. */
  keyOf(group: number): Uint8Array {
    const start = this.startOf(group)
    return this.chunkOf(group).subarray(start, start + this.lengthOf(group))
  }

  clear(): void {
    this.#chunks = []
    this.#chunk = new Uint8Array(0)
    this.#used = 0
    this.#chunkBytes = 0
    this.#addresses = resizedWords(this.#addresses, 0)
  }
}
