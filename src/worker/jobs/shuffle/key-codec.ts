/**
 * Keys as bytes, such that comparing bytes orders keys: null < false < true < numbers < text < bytes < lists < objects.
 *
 * A key is a tag and its content. A number is its double with the bits turned so that they order, then one byte that says how
 * far an integer too long for a double is from it (80: not at all), then that distance. So numbers that are equal are one
 * key, whether they came as number or bigint. Text and bytes stand as they are when they are the whole key; inside lists and
 * objects a zero byte is written 00 ff and the end 00 01. Lists and objects end with 00; the names of an object are in order.
 */
import {compareText} from '../../../base/index.ts'
import type {Key} from '../../../jobs/index.ts'
import {type ByteWriter, readText} from './byte-writer.ts'
import {valueDepthMax} from './limits.ts'

const tag = {
  end: 0,
  null: 0x10,
  false: 0x11,
  true: 0x12,
  number: 0x20,
  text: 0x30,
  bytes: 0x40,
  list: 0x50,
  object: 0x60,
} as const

const exactMark = 0x80

/** @throws TypeError for what no key can be; nothing of use was written then */
export function writeKey(out: ByteWriter, key: unknown): void {
  if (typeof key === 'string') {
    out.u8(tag.text)
    out.text(key)
  } else if (key instanceof Uint8Array) {
    out.u8(tag.bytes)
    out.raw(key)
  } else {
    writePart(out, key, 0)
  }
}

function writePart(out: ByteWriter, key: unknown, depth: number): void {
  switch (typeof key) {
    case 'string': {
      out.u8(tag.text)
      const start = out.at
      out.text(key)
      escapeFrom(out, start)
      break
    }
    case 'number':
    case 'bigint':
      writeNumber(out, key)
      break
    case 'boolean':
      out.u8(key ? tag.true : tag.false)
      break
    case 'object':
      if (key === null) out.u8(tag.null)
      else writeObject(out, key, depth)
      break
    default:
      throw new TypeError(`a key is JSON or bytes, not ${key === undefined ? 'undefined' : `a ${typeof key}`}`)
  }
}

function writeObject(out: ByteWriter, key: object, depth: number): void {
  if (depth >= valueDepthMax) throw new TypeError(`a key is nested deeper than ${valueDepthMax} levels`)
  if (key instanceof Uint8Array) {
    out.u8(tag.bytes)
    const start = out.at
    out.raw(key)
    escapeFrom(out, start)
  } else if (Array.isArray(key)) {
    out.u8(tag.list)
    for (const part of key) writePart(out, part, depth + 1)
    out.u8(tag.end)
  } else if ('toJSON' in key && typeof key.toJSON === 'function') {
    writePart(out, key.toJSON(), depth + 1)
  } else {
    out.u8(tag.object)
    const members = Object.entries(key).filter(([, member]) => member !== undefined)
    for (const [name, member] of members.sort(([a], [b]) => compareText(a, b))) {
      writePart(out, name, depth + 1)
      writePart(out, member, depth + 1)
    }
    out.u8(tag.end)
  }
}

/** Turns what was written since `start` into its form inside lists. */
function escapeFrom(out: ByteWriter, start: number): void {
  let zeros = 0
  for (let at = start; at < out.at; at++) if (out.bytes[at] === 0) zeros++
  out.reserve(zeros + 2)
  const {bytes} = out
  let to = out.at + zeros
  const end = to
  for (let at = out.at - 1; zeros > 0; at--) {
    const byte = bytes[at]!
    if (byte === 0) {
      bytes[--to] = 0xff
      zeros--
    }
    bytes[--to] = byte
  }
  bytes[end] = 0
  bytes[end + 1] = 1
  out.at = end + 2
}

function writeNumber(out: ByteWriter, key: number | bigint): void {
  const double = Number(key)
  if (!Number.isFinite(double)) throw new TypeError(`a key is a finite number, not ${key}`)
  out.reserve(10)
  const {bytes, at} = out
  bytes[at] = tag.number
  // Adding zero turns -0 into 0: they are equal.
  bytes.writeDoubleBE(double + 0, at + 1)
  if (bytes[at + 1]! & 0x80) for (let index = at + 1; index <= at + 8; index++) bytes[index]! ^= 0xff
  else bytes[at + 1]! ^= 0x80
  out.at = at + 9
  const distance = typeof key === 'bigint' ? key - BigInt(double) : 0n
  if (distance === 0n) {
    out.u8(exactMark)
    return
  }
  const digits = (distance < 0n ? -distance : distance).toString(16)
  const magnitude = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  if (distance > 0n) {
    out.u8(exactMark + magnitude.length)
    out.raw(magnitude)
  } else {
    out.u8(exactMark - magnitude.length)
    out.raw(magnitude.map(byte => byte ^ 0xff))
  }
}

/** What `writeKey` wrote. Bytes are a copy. */
export function readKey(bytes: Buffer, start: number, end: number): Key {
  if (bytes[start] === tag.text) return readText(bytes, start + 1, end)
  if (bytes[start] === tag.bytes) return new Uint8Array(bytes.subarray(start + 1, end))
  return new PartReader(bytes, start).part()
}

class PartReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes
    this.#at = start
  }

  part(): Key {
    switch (this.#bytes[this.#at++]) {
      case tag.null:
        return null
      case tag.false:
        return false
      case tag.true:
        return true
      case tag.number:
        return this.#number()
      case tag.text: {
        const raw = this.#unescaped()
        return readText(raw, 0, raw.length)
      }
      case tag.bytes:
        return new Uint8Array(this.#unescaped())
      case tag.list:
        return this.#list()
      case tag.object:
        return this.#object()
      default:
        throw new TypeError('these bytes are no key')
    }
  }

  #number(): number | bigint {
    const raw = Buffer.from(this.#bytes.subarray(this.#at, this.#at + 8))
    if (raw[0]! & 0x80) raw[0]! ^= 0x80
    else for (let index = 0; index < 8; index++) raw[index]! ^= 0xff
    const double = raw.readDoubleBE(0)
    const length = this.#bytes[this.#at + 8]! - exactMark
    this.#at += 9
    if (length === 0) return double
    const magnitude = Buffer.from(this.#bytes.subarray(this.#at, this.#at + Math.abs(length)))
    this.#at += magnitude.length
    if (length < 0) for (let index = 0; index < magnitude.length; index++) magnitude[index]! ^= 0xff
    const distance = BigInt(`0x${magnitude.toString('hex')}`)
    return BigInt(double) + (length < 0 ? -distance : distance)
  }

  #unescaped(): Buffer {
    const start = this.#at
    let zeros = 0
    let at = start
    for (; at < this.#bytes.length; at++) {
      if (this.#bytes[at] !== 0) continue
      if (this.#bytes[at + 1] === 1) break
      zeros++
      at++
    }
    this.#at = at + 2
    if (zeros === 0) return this.#bytes.subarray(start, at)
    const plain = Buffer.alloc(at - start - zeros)
    for (let from = start, to = 0; from < at; from++) {
      const byte = this.#bytes[from]!
      plain[to++] = byte
      if (byte === 0) from++
    }
    return plain
  }

  #list(): Key[] {
    const list: Key[] = []
    while (this.#bytes[this.#at] !== tag.end) list.push(this.part())
    this.#at++
    return list
  }

  #object(): {readonly [name: string]: Key} {
    const members: [string, Key][] = []
    while (this.#bytes[this.#at] !== tag.end) members.push([this.part() as string, this.part()])
    this.#at++
    // Not assigned one by one: a member may be called __proto__.
    return Object.fromEntries(members)
  }
}
