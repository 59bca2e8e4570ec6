/** Parts of keys in a table of Markdown, as ../../../sinks/markdown.ts writes them. */

/** The host writes a part that takes knowing all letters there are. Returns where the text ends. */
@external('host', 'markdown')
declare function markdownByHost(from: usize, end: usize, to: usize): usize

/**
 * Bytes that are not copied, by the halves of their bits: each high half has a bit, each low half the bits of those that it is one with.
 * 00 and 01 (of keys), line feed, carriage return, & * < [ \ ] _ ` | ~
 */
const lowHalves = memory.data<u8>([0x11, 0x01, 0, 0, 0, 0, 0x02, 0, 0, 0, 0x03, 0x08, 0x2c, 0x09, 0x20, 0x08])
const highHalves = memory.data<u8>([0x01, 0, 0x02, 0x04, 0, 0x08, 0x10, 0x20, 0, 0, 0, 0, 0, 0, 0, 0])

/** Writes from..end-1 of a key to `to`. Returns where the text ends. */
export function writeMarkdownPart(from: usize, end: usize, to: usize): usize {
  let at = from
  let out = to
  while (true) {
    const bytes = v128.load(at)
    v128.store(out, bytes)
    const low = i8x16.swizzle(v128.load(lowHalves), v128.and(bytes, i8x16.splat(0x0f)))
    const high = i8x16.swizzle(v128.load(highHalves), i8x16.shr_u(bytes, 4))
    const marks = i8x16.bitmask(i8x16.ne(v128.and(low, high), i8x16.splat(0)))
    if (marks == 0) {
      at += 16
      out += 16
      continue
    }
    const plain = <usize>ctz<i32>(marks)
    at += plain
    out += plain
    if (at >= end) return out - (at - end)
    let byte = load<u8>(at++)
    if (byte == 1) {
      // Of the bytes that keys escape neither is a mark.
      store<u8>(out++, load<u8>(at++) - 1)
      continue
    }
    if (byte == 0x5f) {
      const before = at - 1 > from ? kindOf(load<u8>(at - 2)) : other
      const after = at < end ? kindOf(load<u8>(at)) : other
      if (before == beyond || after == beyond) return markdownByHost(from, end, to)
      // Within a word it begins nothing.
      if (before == word && after == word) {
        store<u8>(out++, byte)
        continue
      }
    }
    if (byte == 0x3c) {
      store<u32>(out, 0x3b746c26)
      out += 4
    } else if (byte == 0x26) {
      store<u32>(out, 0x706d6126)
      store<u8>(out, 0x3b, 4)
      out += 5
    } else if (byte == 0x0a || byte == 0x0d) {
      if (byte == 0x0d && at < end && load<u8>(at) == 0x0a) at++
      store<u32>(out, 0x3e72623c)
      out += 4
    } else {
      store<u8>(out, 0x5c)
      store<u8>(out, byte, 1)
      out += 2
    }
  }
}

const other: u32 = 0
/** Letters and digits of ASCII. */
const word: u32 = 1
/** Part of another character. */
const beyond: u32 = 2

function kindOf(byte: u8): u32 {
  if (byte >= 0x80) return beyond
  const isLetter = <u32>(byte | 0x20) - 0x61 < 26
  return isLetter || <u32>byte - 0x30 < 10 ? word : other
}
