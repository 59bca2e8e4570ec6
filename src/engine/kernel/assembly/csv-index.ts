/**
 * Where the cells and records of CSV end: 64 bytes at a time, by masks with a bit for each byte.
 *
 * Quotes are followed by their parity, which is what the row path's reader does as long as each quote opens a cell, closes one,
 * or is half of a doubled one inside. The first quote that is none of these ends the index: what is before it is certain, and the
 * record that it stands in is for the row path, which also says where it ends.
 */
import {graphAt} from './layout'
import {newlineBytes, quoteBytes, returnBytes, twoBytes} from './vectors'

/** The record holds quotes. */
export const hasQuotes: u32 = 1
/** It holds bytes beyond ASCII. */
export const hasHigh: u32 = 2
/** It is for the row path: a byte 00 or 01, or a carriage return in the middle. */
export const isOdd: u32 = 4
/** Its line end is CRLF. */
export const hasReturn: u32 = 8

/** Bytes that are looked at before the records among them are read: they and their index stay in the first caches. */
const stepBytes: usize = 16 * 1024
/** Bytes of the longest record that is looked for. */
export const recordMax: usize = 64 * 1024

/** The graph is for other formats: its memory holds the index. In front of each record's cells stands the end of the one before. */
const cellsAt: usize = graphAt + 64
/** Addresses of the bytes behind cells, separators and newlines. Up to 64 of them are written too much. */
const cellsBytes: usize = (recordMax + 256) * 4
/** For each record the address behind the last of its cells, and its flags. */
export const recordsAt: usize = cellsAt + cellsBytes

/** Behind the last record. */
export let recordsEnd: usize = recordsAt
/** There is a record behind the last one that only the row path can follow. */
export let isStuck: bool = false

@inline
export function firstCell(): usize {
  return cellsAt
}

/** A bit for each of 64 bytes that equals one. */
@inline
function equal(a: v128, b: v128, c: v128, d: v128, byte: v128): u64 {
  return join(i8x16.eq(a, byte), i8x16.eq(b, byte), i8x16.eq(c, byte), i8x16.eq(d, byte))
}

@inline
function join(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)
  const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)
  return <u64>low | (<u64>high << 32)
}

/** Quotes, carriage returns, bytes beyond ASCII (signed, they are the lowest), 00 and 01. */
@inline
function hasSpecial(a: v128, b: v128, c: v128, d: v128, quote: v128, carriageReturn: v128, two: v128): bool {
  return v128.any_true(
    v128.or(
      v128.or(anyEqual(a, b, c, d, quote), anyEqual(a, b, c, d, carriageReturn)),
      i8x16.lt_s(i8x16.min_s(i8x16.min_s(a, b), i8x16.min_s(c, d)), two),
    ),
  )
}

@inline
function anyEqual(a: v128, b: v128, c: v128, d: v128, byte: v128): v128 {
  return v128.or(v128.or(i8x16.eq(a, byte), i8x16.eq(b, byte)), v128.or(i8x16.eq(c, byte), i8x16.eq(d, byte)))
}

/** Bit by bit whether the number of bits up to it is odd. */
@inline
function parity(bits: u64): u64 {
  let sum = bits ^ (bits << 1)
  sum ^= sum << 2
  sum ^= sum << 4
  sum ^= sum << 8
  sum ^= sum << 16
  return sum ^ (sum << 32)
}

/** Indexes some of the complete records in from..to-1; a record begins at `from`. */
export function indexRecords(from: usize, to: usize, delimiter: u32): void {
  const separator = i8x16.splat(<i8>delimiter)
  const newline = newlineBytes()
  const quote = quoteBytes()
  const carriageReturn = returnBytes()
  const two = twoBytes()
  let at = from
  let out = cellsAt
  let record = recordsAt
  let flags: u32 = 0
  // All ones: the block begins inside quotes.
  let quoted: u64 = 0
  // The byte before the block was a closing quote, a carriage return outside of quotes.
  let closed: u64 = 0
  let returned: u64 = 0
  isStuck = false
  store<u32>(cellsAt - 4, <u32>from - 1)
  while (at < to) {
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    let ends = equal(a, b, c, d, newline)
    let cells = equal(a, b, c, d, separator) | ends
    if ((quoted | closed | returned) == 0 && !hasSpecial(a, b, c, d, quote, carriageReturn, two)) {
      if (to - at < 64) {
        const valid = (<u64>1 << <u64>(to - at)) - 1
        ends &= valid
        cells &= valid
      }
      let rest = ends
      while (rest != 0) {
        const upTo = rest ^ (rest - 1)
        store<u32>(record, <u32>out + (<u32>popcnt<u64>(cells & upTo) << 2))
        store<u32>(record, flags, 4)
        record += 8
        flags = 0
        rest &= rest - 1
      }
    } else {
      const valid = to - at < 64 ? (<u64>1 << <u64>(to - at)) - 1 : u64.MAX_VALUE
      const quotes = equal(a, b, c, d, quote) & valid
      const returns = equal(a, b, c, d, carriageReturn)
      const high = join(a, b, c, d)
      const inside = parity(quotes) ^ quoted
      cells &= ~inside & valid
      ends &= ~inside & valid
      const opening = quotes & inside
      const closing = quotes & ~inside
      // In quotes no quote opens: what precedes the block matters only outside.
      const before = ((cells | quotes) << 1) | <u64>(at == from || endsCell(load<u8>(at - 1), delimiter))
      const behind = (closing << 1) | closed
      let wrong = ((opening & ~before) | (behind & ~(cells | quotes | returns))) & valid
      const loose = returns & ~inside & valid
      let odd = ((loose << 1) | returned) & ~ends & valid
      // The separator may be one of them.
      odd |= join(i8x16.lt_u(a, two), i8x16.lt_u(b, two), i8x16.lt_u(c, two), i8x16.lt_u(d, two)) & ~cells & valid
      if (wrong != 0) {
        wrong = (wrong & (0 - wrong)) - 1
        ends &= wrong
        cells &= wrong
        isStuck = true
      }
      let seen: u64 = 0
      let rest = ends
      while (rest != 0) {
        const upTo = rest ^ (rest - 1)
        const own = upTo & ~seen
        seen = upTo
        store<u32>(record, <u32>out + (<u32>popcnt<u64>(cells & upTo) << 2))
        store<u32>(record, flags | flagsOf(quotes & own, high & own, odd & own, loose & own), 4)
        record += 8
        flags = 0
        rest &= rest - 1
      }
      flags |= flagsOf(quotes & ~seen, high & ~seen & valid, odd & ~seen, loose & ~seen)
      quoted = <u64>(<i64>inside >> 63)
      closed = closing >> 63
      returned = loose >> 63
    }
    out = flatten(cells, at, out)
    at += 64
    if (isStuck || (at - from >= stepBytes && (record != recordsAt || at - from >= recordMax))) break
  }
  recordsEnd = record
  // A record that goes on for so long is not for the kernel.
  if (record == recordsAt && at - from >= recordMax) isStuck = true
}

@inline
function endsCell(byte: u32, delimiter: u32): bool {
  return byte == delimiter || byte == 0x0a || byte == 0x22
}

@inline
function flagsOf(quotes: u64, high: u64, odd: u64, returns: u64): u32 {
  return (
    (quotes != 0 ? hasQuotes : 0) |
    (high != 0 ? hasHigh : 0) |
    (odd != 0 ? isOdd : 0) |
    (returns != 0 ? hasReturn : 0)
  )
}

/** Writes the address of every bit. Some more than there are: the next ones overwrite them. */
@inline
function flatten(bits: u64, at: usize, out: usize): usize {
  const count = <usize>popcnt<u64>(bits)
  let rest = bits
  let place = out
  rest = eight(rest, at, place)
  if (count > 8) {
    rest = eight(rest, at, place + 32)
    let written: usize = 16
    while (written < count) {
      place = out + (written << 2)
      rest = eight(rest, at, place)
      written += 8
    }
  }
  return out + (count << 2)
}

@inline
function eight(bits: u64, at: usize, out: usize): u64 {
  let rest = bits
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest))
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 4)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 8)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 12)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 16)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 20)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 24)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 28)
  return rest & (rest - 1)
}
