/**
 * The parts of keys as text. In a key a part ends with byte 00; bytes 00 and 01 of its text stand there as 01 01 and 01 02
 * (../../groups/key-builder.ts).
 */
import {styleCsv, styleJson, styleTsv} from './layout'
import {writeMarkdownPart} from './markdown-text'

let partEnd: usize = 0

/** Where the part ended that was written last: behind its closing byte. */
@inline
export function partEndOf(): usize {
  return partEnd
}

/** Writes the part that begins at `from` to `to`. Returns where the text ends. */
@inline
export function writePart(from: usize, to: usize, style: u32): usize {
  if (style == styleCsv) return writeCsvPart(from, to, 0x2c)
  if (style == styleJson) return writeJsonPart(from, to)
  if (style == styleTsv) return writeCsvPart(from, to, 0x09)
  const end = endOfPart(from)
  partEnd = end + 1
  return writeMarkdownPart(from, end, to)
}

/** Where the closing byte of a part is. */
function endOfPart(from: usize): usize {
  let at = from
  while (true) {
    const closing = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)))
    if (closing != 0) return at + <usize>ctz<i32>(closing)
    at += 16
  }
}

function writeCsvPart(from: usize, to: usize, delimiter: u8): usize {
  let at = from
  let out = to
  const delimiters = i8x16.splat(delimiter)
  while (true) {
    const bytes = v128.load(at)
    v128.store(out, bytes)
    // Closing and escaping bytes, quote, delimiter, line feed, carriage return.
    const special =
      i8x16.bitmask(i8x16.le_u(bytes, i8x16.splat(1))) |
      i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x22))) |
      i8x16.bitmask(i8x16.eq(bytes, delimiters)) |
      i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x0a))) |
      i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x0d)))
    if (special == 0) {
      at += 16
      out += 16
      continue
    }
    const plain = <usize>ctz<i32>(special)
    if (load<u8>(at + plain) != 0) return writeSpecialCsv(from, to, delimiter)
    partEnd = at + plain + 1
    return out + plain
  }
}

/** A part with bytes that need quotes, or that were escaped in the key. */
function writeSpecialCsv(from: usize, to: usize, delimiter: u8): usize {
  const needsQuotes = hasQuotable(from, delimiter)
  let at = from
  let out = to
  if (needsQuotes) store<u8>(out++, 0x22)
  while (true) {
    let byte = load<u8>(at++)
    if (byte == 0) break
    if (byte == 1) byte = load<u8>(at++) - 1
    if (byte == 0x22) store<u8>(out++, 0x22)
    store<u8>(out++, byte)
  }
  if (needsQuotes) store<u8>(out++, 0x22)
  partEnd = at
  return out
}

function hasQuotable(from: usize, delimiter: u8): bool {
  for (let at = from; load<u8>(at) != 0; at++) {
    const byte = load<u8>(at)
    if (byte == 0x22 || byte == delimiter || byte == 0x0a || byte == 0x0d) return true
  }
  return false
}

function writeJsonPart(from: usize, to: usize): usize {
  store<u8>(to, 0x22)
  let at = from
  let out = to + 1
  while (true) {
    const bytes = v128.load(at)
    v128.store(out, bytes)
    const special =
      i8x16.bitmask(i8x16.lt_u(bytes, i8x16.splat(0x20))) |
      i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x22))) |
      i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x5c)))
    if (special == 0) {
      at += 16
      out += 16
      continue
    }
    const plain = <usize>ctz<i32>(special)
    at += plain
    out += plain
    let byte = load<u8>(at++)
    if (byte == 0) break
    if (byte == 1) byte = load<u8>(at++) - 1
    out = writeJsonEscape(out, byte)
  }
  store<u8>(out, 0x22)
  partEnd = at
  return out + 1
}

/** As JSON.stringify does it. */
function writeJsonEscape(to: usize, byte: u8): usize {
  store<u8>(to, 0x5c)
  const short: u8 =
    byte == 0x22 || byte == 0x5c
      ? byte
      : byte == 0x08
        ? 0x62
        : byte == 0x09
          ? 0x74
          : byte == 0x0a
            ? 0x6e
            : byte == 0x0c
              ? 0x66
              : byte == 0x0d
                ? 0x72
                : 0
  if (short != 0) {
    store<u8>(to + 1, short)
    return to + 2
  }
  store<u32>(to + 1, 0x30303075)
  const high = byte >> 4
  const low = byte & 15
  store<u8>(to + 4, 0x30 + high)
  store<u8>(to + 5, low < 10 ? 0x30 + low : 0x57 + low)
  return to + 6
}
