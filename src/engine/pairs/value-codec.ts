/**
 * Values of pairs as bytes. JSON plus what JSON cannot say exactly: bigint, decimal, every double, lone surrogates.
 * What JSON would leave out (undefined, functions, symbols) is null in a list and absent in an object.
 */
import {InvariantError} from '../../base/index.ts'
import type {ByteReader, ByteWriter} from '../contracts.ts'
import {Decimal} from '../numbers/index.ts'
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
  text: 6,
  /** UTF-16 units as varints: text with lone surrogates, which UTF-8 cannot carry. */
  brokenText: 7,
  bigint: 8,
  decimal: 9,
  list: 10,
  object: 11,
} as const

/** Writes a list of values. @throws RangeError when one is nested deeper than valueDepthMax */
export function writeValues(out: ByteWriter, values: readonly unknown[]): void {
  out.varint(values.length)
  for (let index = 0; index < values.length; index++) writeValue(out, values[index], 0)
}

/** What writeValues wrote. @throws InvariantError at a tag that it does not write */
export function readValues(input: ByteReader): unknown[] {
  const count = input.varint()
  const values: unknown[] = []
  for (let index = 0; index < count; index++) values.push(readValue(input))
  return values
}

function writeValue(out: ByteWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'number':
      writeNumber(out, value)
      break
    case 'string':
      writeText(out, value)
      break
    case 'boolean':
      out.u8(value ? tag.true : tag.false)
      break
    case 'bigint':
      out.u8(tag.bigint)
      out.text(String(value))
      break
    case 'object':
      if (value === null) out.u8(tag.null)
      else writeObject(out, value, depth)
      break
    default:
      out.u8(tag.null)
  }
}

function writeNumber(out: ByteWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    out.u8(value < 0 ? tag.negative : tag.natural)
    out.varint(Math.abs(value))
  } else {
    out.u8(tag.double)
    out.f64(value)
  }
}

function writeText(out: ByteWriter, value: string): void {
  if (value.isWellFormed()) {
    out.u8(tag.text)
    out.text(value)
    return
  }
  out.u8(tag.brokenText)
  out.varint(value.length)
  for (let index = 0; index < value.length; index++) out.varint(value.charCodeAt(index))
}

function writeObject(out: ByteWriter, value: object, depth: number): void {
  if (depth >= valueDepthMax) throw new RangeError(`a value is nested deeper than ${valueDepthMax} levels`)
  if (value instanceof Decimal) {
    out.u8(tag.decimal)
    out.text(String(value.coefficient))
    out.varint(value.scale)
  } else if (Array.isArray(value)) {
    out.u8(tag.list)
    out.varint(value.length)
    for (let index = 0; index < value.length; index++) writeValue(out, value[index], depth + 1)
  } else if ('toJSON' in value && typeof value.toJSON === 'function') {
    writeValue(out, value.toJSON(), depth + 1)
  } else {
    writeMembers(out, value, depth)
  }
}

function writeMembers(out: ByteWriter, value: object, depth: number): void {
  const members = Object.entries(value).filter(([, member]) => isJsonMember(member))
  out.u8(tag.object)
  out.varint(members.length)
  for (const [name, member] of members) {
    writeText(out, name)
    writeValue(out, member, depth + 1)
  }
}

function isJsonMember(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol'
}

function readValue(input: ByteReader): unknown {
  const kind = input.u8()
  switch (kind) {
    case tag.null:
      return null
    case tag.false:
      return false
    case tag.true:
      return true
    case tag.natural:
      return input.varint()
    case tag.negative:
      return -input.varint()
    case tag.double:
      return input.f64()
    case tag.bigint:
      return BigInt(input.text())
    case tag.decimal:
      return new Decimal(BigInt(input.text()), input.varint())
    case tag.list:
      return readValues(input)
    case tag.object:
      return readMembers(input)
    default:
      return readText(input, kind)
  }
}

function readText(input: ByteReader, kind: number): string {
  if (kind === tag.text) return input.text()
  if (kind !== tag.brokenText) throw new InvariantError(`a pair's value has tag ${kind}`)
  const length = input.varint()
  let text = ''
  for (let index = 0; index < length; index++) text += String.fromCharCode(input.varint())
  return text
}

function readMembers(input: ByteReader): Record<string, unknown> {
  const count = input.varint()
  const result: Record<string, unknown> = {}
  for (let index = 0; index < count; index++) {
    const name = readText(input, input.u8())
    const value = readValue(input)
    // A plain assignment to this name would set the prototype instead.
    if (name === '__proto__')
      Object.defineProperty(result, name, {value, writable: true, enumerable: true, configurable: true})
    else result[name] = value
  }
  return result
}
