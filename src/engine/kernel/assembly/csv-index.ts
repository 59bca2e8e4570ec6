/**
 * Where the cells and records of CSV end: 64 bytes at a time, by masks with a bit for each byte.
 *
 * Most blocks hold none but plain bytes: of them only the places of cells are written, and records are counted off behind all of
 * them, because how many begin in a block cannot be foreseen. From the first other block of a step on, each block is looked at in full.
 *
 * Quotes are followed by their parity, which is what the row path's reader does as long as each quote opens a cell, closes one,
 * or is half of a doubled one inside. The first quote that is none of these ends the index: what is before it is certain, and the
 * record that it stands in is for the row path, which also says where it ends.
 */
import {equal, flatten, hasSpecial, join, parity} from './csv-blocks'
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
/** Behind the last cell that was found by `indexPlain`. */
let cellsEnd: usize = cellsAt
/** There is a record behind the last one that only the row path can follow. */
export let isStuck: bool = false

@inline
export function firstCell(): usize {
  return cellsAt
}

/** Indexes some of the complete records in from..to-1; a record begins at `from`. */
export function indexRecords(from: usize, to: usize, delimiter: u32): void {
  isStuck = false
  store<u32>(cellsAt - 4, <u32>from - 1)
  recordsEnd = recordsAt
  const at = indexPlain(from, to, delimiter)
  if (at < to && (at - from < stepBytes || recordsEnd == recordsAt)) indexAny(from, at, to, delimiter)
}

/** Indexes records up to a block with special bytes; most have none. Returns where it stopped. */
function indexPlain(from: usize, to: usize, delimiter: u32): usize {
  const separator = i8x16.splat(<i8>delimiter)
  const newline = newlineBytes()
  const quote = quoteBytes()
  const carriageReturn = returnBytes()
  const two = twoBytes()
  const end = min(to, from + stepBytes)
  let at = from
  let out = cellsAt
  // Of newlines, in 8 lanes: 16 KiB are fewer than a lane holds.
  let counts = i16x8.splat(0)
  while (at + 64 <= end) {
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    if (hasSpecial(a, b, c, d, quote, carriageReturn, two)) break
    const endsA = i8x16.eq(a, newline)
    const endsB = i8x16.eq(b, newline)
    const endsC = i8x16.eq(c, newline)
    const endsD = i8x16.eq(d, newline)
    counts = i16x8.sub(
      counts,
      i16x8.extadd_pairwise_i8x16_s(i8x16.add(i8x16.add(endsA, endsB), i8x16.add(endsC, endsD))),
    )
    const cells = join(
      v128.or(endsA, i8x16.eq(a, separator)),
      v128.or(endsB, i8x16.eq(b, separator)),
      v128.or(endsC, i8x16.eq(c, separator)),
      v128.or(endsD, i8x16.eq(d, separator)),
    )
    out = flatten(cells, at, out)
    at += 64
  }
  cellsEnd = out
  listRecords(sumOf(counts))
  return at
}

@inline
function sumOf(counts: v128): u32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(counts)
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  )
}

/**
 * Lists the records whose cells are found. Records with as many cells as the first one need no look at any other cell, if in the
 * end there are as many as newlines.
 *
 * @param count - newlines among the cells
 */
function listRecords(count: u32): void {
  let first = cellsAt
  while (first != cellsEnd && !isNewline(first)) first += 4
  const stride = first + 4 - cellsAt
  let record = recordsAt
  for (let behind = first + 4; behind <= cellsEnd && isNewline(behind - 4); behind += stride) {
    store<u64>(record, <u64>behind)
    record += 8
  }
  if (record - recordsAt != <usize>count << 3) {
    record = recordsAt
    for (let cell = cellsAt; cell != cellsEnd; cell += 4) {
      store<u64>(record, <u64>(cell + 4))
      record += <usize>isNewline(cell) << 3
    }
  }
  recordsEnd = record
}

@inline
function isNewline(cell: usize): bool {
  return load<u8>(load<u32>(cell)) == 0x0a
}

/** Goes on at `start`, with what comes: quotes, bytes beyond ASCII, the rest of the input. */
function indexAny(from: usize, start: usize, to: usize, delimiter: u32): void {
  const separator = i8x16.splat(<i8>delimiter)
  const newline = newlineBytes()
  const quote = quoteBytes()
  const carriageReturn = returnBytes()
  const two = twoBytes()
  let at = start
  let out = cellsEnd
  let record = recordsEnd
  let flags: u32 = 0
  // All ones: the block begins inside quotes.
  let quoted: u64 = 0
  // The byte before the block was a closing quote, a carriage return outside of quotes.
  let closed: u64 = 0
  let returned: u64 = 0
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
