/**
 * Values as bytes: JSON, and what JSON cannot say exactly: bytes, bigint, every double, lone surrogates. What JSON would leave
 * out (undefined, functions, symbols) is null in a list and absent in an object.
 */
import {type ByteWriter, readText} from './byte-writer.ts'
import {valueDepthMax} from './limits.ts'

const tag = {
  null: 0,
  false: 1,
  true: 2,
  /** varint */
  natural: 3,
  /** varint of the absolute value */
  negative: 4,
  double: 5,
  /** The rest of the value; inside lists and objects with its length in front. */
  text: 6,
  bytes: 7,
  bigint: 8,
  list: 9,
  object: 10,
  lengthText: 11,
  lengthBytes: 12,
} as const

/** @throws TypeError when a value is nested too deeply */
export function writeValue(out: ByteWriter, value: unknown): void {
  if (typeof value === 'string') {
    out.u8(tag.text)
    out.text(value)
  } else if (value instanceof Uint8Array) {
    out.u8(tag.bytes)
    out.raw(value)
  } else {
    writePart(out, value, 0)
  }
}

function writePart(out: ByteWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      out.u8(tag.lengthText)
      writeLengthText(out, value)
      break
    case 'number':
      writeNumber(out, value)
      break
    case 'boolean':
      out.u8(value ? tag.true : tag.false)
      break
    case 'bigint':
      out.u8(tag.bigint)
      writeLengthText(out, String(value))
      break
    case 'object':
      if (value === null) out.u8(tag.null)
      else writeObject(out, value, depth)
      break
    default:
      out.u8(tag.null)
  }
}

function writeLengthText(out: ByteWriter, text: string): void {
  // Most are short and plain: their length is known beforehand and takes one byte.
  const start = out.at
  out.u8(0)
  out.text(text)
  const length = out.at - start - 1
  if (length < 128) {
    out.bytes[start] = length
    return
  }
  const encoded = Buffer.from(out.bytes.subarray(start + 1, out.at))
  out.at = start
  out.varint(encoded.length)
  out.raw(encoded)
}

function writeNumber(out: ByteWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    out.u8(value < 0 ? tag.negative : tag.natural)
    out.varint(Math.abs(value))
  } else {
    out.u8(tag.double)
    out.reserve(8)
    out.at = out.bytes.writeDoubleLE(value, out.at)
  }
}

function writeObject(out: ByteWriter, value: object, depth: number): void {
  if (depth >= valueDepthMax) throw new TypeError(`a value is nested deeper than ${valueDepthMax} levels`)
  if (value instanceof Uint8Array) {
    out.u8(tag.lengthBytes)
    out.varint(value.length)
    out.raw(value)
  } else if (Array.isArray(value)) {
    out.u8(tag.list)
    out.varint(value.length)
    for (const member of value) writePart(out, member, depth + 1)
  } else if ('toJSON' in value && typeof value.toJSON === 'function') {
    writePart(out, value.toJSON(), depth + 1)
  } else {
    const members = Object.entries(value).filter(
      ([, member]) => !['undefined', 'function', 'symbol'].includes(typeof member),
    )
    out.u8(tag.object)
    out.varint(members.length)
    for (const [name, member] of members) {
      writeLengthText(out, name)
      writePart(out, member, depth + 1)
    }
  }
}

/** What `writeValue` wrote. Bytes are a copy. */
export function readValue(bytes: Buffer, start: number, end: number): unknown {
  switch (bytes[start]) {
    case tag.text:
      return readText(bytes, start + 1, end)
    case tag.bytes:
      return new Uint8Array(bytes.subarray(start + 1, end))
    case tag.null:
      return null
    case tag.natural:
      if (end === start + 2) return bytes[start + 1]
  }
  return new ValueReader(bytes, start).part()
}

class ValueReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes
    this.#at = start
  }

  part(): unknown {
    switch (this.#bytes[this.#at++]) {
      case tag.null:
        return null
      case tag.false:
        return false
      case tag.true:
        return true
      case tag.natural:
        return this.#varint()
      case tag.negative:
        return -this.#varint()
      case tag.double:
        this.#at += 8
        return this.#bytes.readDoubleLE(this.#at - 8)
      case tag.lengthText:
        return this.#text()
      case tag.lengthBytes: {
        const length = this.#varint()
        this.#at += length
        return new Uint8Array(this.#bytes.subarray(this.#at - length, this.#at))
      }
      case tag.bigint:
        return BigInt(this.#text())
      case tag.list:
        return Array.from({length: this.#varint()}, () => this.part())
      case tag.object:
        // Not assigned one by one: a member may be called __proto__.
        return Object.fromEntries(Array.from({length: this.#varint()}, () => [this.#text(), this.part()]))
      default:
        throw new TypeError('these bytes are no value')
    }
  }

  #text(): string {
    const length = this.#varint()
    this.#at += length
    return readText(this.#bytes, this.#at - length, this.#at)
  }

  #varint(): number {
    let value = 0
    let power = 1
    for (;;) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new TypeError('a value ends before its reader does')
      if (byte < 0x80) return value + byte * power
      value += (byte - 0x80) * power
      power *= 128
    }
  }
}
