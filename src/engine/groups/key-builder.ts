/**
 * Group keys as bytes, such that comparing whole keys byte by byte orders them by their parts, left to right, each by
 * code point.
 *
 * A part is its UTF-8 text (lone surrogates as U+FFFD) with byte 00 written as 01 01 and 01 as 01 02, followed by one
 * byte 00. So a part ends before anything that continues it, no key is the beginning of another one with as many parts,
 * and a key without parts (no bytes) differs from a key with one empty part (one byte 00).
 */
import {assert} from '../../base/index.ts'
import {mixed} from '../bytes/index.ts'

const initialBytes = 256

/** Bytes and hash of a key; what a GroupTable looks up. */
export interface KeyView {
  /** Holds the key from offset 0; longer than it. */
  readonly bytes: Uint8Array
  readonly length: number
  /** 32 bits, signed. */
  readonly hash: number
}

/** Builds keys one after the other in one buffer. */
export class KeyBuilder implements KeyView {
  bytes: Uint8Array = new Uint8Array(initialBytes)
  length = 0
  #running = 0
  #partCount = 0
  /** Length and running hash before each part. */
  readonly #lengths: number[] = []
  readonly #hashes: number[] = []
  readonly #encoder = new TextEncoder()
  #scratch = new Uint8Array(initialBytes)

  get hash(): number {
    return mixed(this.#running)
  }

  reset(): void {
    this.length = 0
    this.#running = 0
    this.#partCount = 0
  }

  /** Goes back to the first `partCount` parts. */
  truncate(partCount: number): void {
    if (partCount === this.#partCount) return
    assert(partCount >= 0 && partCount < this.#partCount, `the key has ${partCount} parts to go back to`)
    this.length = this.#lengths[partCount]!
    this.#running = this.#hashes[partCount]!
    this.#partCount = partCount
  }

  /** Appends a part. */
  add(text: string): void {
    // Three bytes a unit at most, or two when the unit is escaped.
    const needed = this.length + text.length * 3 + 1
    if (needed > this.bytes.length) this.#enlarge(needed)
    this.#lengths[this.#partCount] = this.length
    this.#hashes[this.#partCount] = this.#running
    this.#partCount++
    const bytes = this.bytes
    let at = this.length
    let hash = this.#running
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f || code < 2) {
        this.length = at
        this.#running = hash
        this.#addEncoded(index === 0 ? text : text.slice(index))
        return
      }
      bytes[at++] = code
      hash = Math.imul(hash ^ code, hashMultiplier)
    }
    bytes[at] = 0
    this.length = at + 1
    this.#running = Math.imul(hash, hashMultiplier) + 1
  }

  #addEncoded(text: string): void {
    if (this.#scratch.length < text.length * 3) this.#scratch = new Uint8Array(text.length * 3)
    const count = this.#encoder.encodeInto(text, this.#scratch).written
    let hash = this.#running
    for (let index = 0; index < count; index++) {
      let byte = this.#scratch[index]!
      if (byte < 2) {
        this.bytes[this.length++] = 1
        hash = Math.imul(hash ^ 1, hashMultiplier)
        byte++
      }
      this.bytes[this.length++] = byte
      hash = Math.imul(hash ^ byte, hashMultiplier)
    }
    this.bytes[this.length++] = 0
    this.#running = Math.imul(hash, hashMultiplier) + 1
  }

  #enlarge(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}

const hashMultiplier = 0x01000193

/** The parts of a key's bytes. */
export function decodeKey(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts: string[] = []
  let start = 0
  let isEscaped = false
  for (let at = 0; at < buffer.length; at++) {
    const byte = buffer[at]!
    if (byte === 1) isEscaped = true
    if (byte !== 0) continue
    parts.push(isEscaped ? unescaped(buffer.subarray(start, at)) : buffer.toString('utf8', start, at))
    start = at + 1
    isEscaped = false
  }
  assert(start === buffer.length, 'the last part of a key ends with its separator')
  return parts
}

function unescaped(part: Uint8Array): string {
  const bytes = Buffer.alloc(part.length)
  let length = 0
  for (let at = 0; at < part.length; at++) bytes[length++] = part[at] === 1 ? part[++at]! - 1 : part[at]!
  return bytes.toString('utf8', 0, length)
}

/** Byte order of two keys: <0, 0 or >0. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    if (a[index] !== b[index]) return a[index]! - b[index]!
  }
  return a.length - b.length
}

/** True when `key` begins with `prefix`. */
export function startsWithKey(key: Uint8Array, prefix: Uint8Array): boolean {
  if (key.length < prefix.length) return false
  for (let index = 0; index < prefix.length; index++) if (key[index] !== prefix[index]) return false
  return true
}
