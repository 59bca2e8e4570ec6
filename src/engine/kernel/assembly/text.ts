/** JSON strings: 16 bytes at once up to the next byte that ends or complicates one. */

const quote: i32 = 0x22
const backslash: i32 = 0x5c

/** Set by stringEnd: the string holds an escape. */
export let hasEscape: bool = false

@inline
export function clearEscape(): void {
  hasEscape = false
}

/** A bit for each byte that is a quote, a backslash, a control character or not ASCII. */
@inline
export function stops(bytes: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>quote)), i8x16.eq(bytes, i8x16.splat(<i8>backslash))),
      // Signed: bytes from 0x80 on are below.
      i8x16.lt_s(bytes, i8x16.splat(0x20)),
    ),
  )
}

/** The next stop at or after `from`. There is one: the newline at the end of the input. */
@inline
export function nextStop(from: usize): usize {
  let at = from
  while (true) {
    // Two loads at once: most strings end in the first 32 bytes, and one branch is missed less often than two.
    const found = stops(v128.load(at)) | (stops(v128.load(at, 16)) << 16)
    if (found != 0) return at + <usize>ctz<i32>(found)
    at += 32
  }
}

/**
 * The closing quote of a string whose first byte is at `from`; 0 when it is not a string. Sets hasEscape when there is one, and leaves it
 * alone otherwise.
 */
@inline
export function stringEnd(from: usize): usize {
  const at = nextStop(from)
  return load<u8>(at) == quote ? at : unusualStringEnd(at)
}

/** Goes on at a stop that is no quote. */
export function unusualStringEnd(from: usize): usize {
  let at = from
  while (true) {
    const byte = <i32>load<u8>(at)
    if (byte == quote) return at
    if (byte == backslash) {
      const length = escapeLength(at)
      if (length == 0) return 0
      hasEscape = true
      at += length
    } else if (byte >= 0x80) {
      const length = sequenceLength(at)
      if (length == 0) return 0
      at += length
      // Other scripts come in runs.
      if (load<u8>(at) >= 0x80) continue
    } else {
      return 0
    }
    at = nextStop(at)
  }
}

/** Bytes of the escape at `at`; 0 when it is none. */
function escapeLength(at: usize): usize {
  switch (<i32>load<u8>(at, 1)) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2
    case 0x75: // u
      return isHex(load<u8>(at, 2)) && isHex(load<u8>(at, 3)) && isHex(load<u8>(at, 4)) && isHex(load<u8>(at, 5)) ? 6 : 0
    default:
      return 0
  }
}

@inline
function isHex(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6
}

/** Bytes of the UTF-8 sequence at `at`, which begins with 0x80 or more; 0 when it is none (too long, surrogate, cut off). */
export function sequenceLength(at: usize): usize {
  const first = <u32>load<u8>(at)
  const second = <u32>load<u8>(at, 1)
  if (first < 0xe0) return first >= 0xc2 && isContinuation(second) ? 2 : 0
  if (!isContinuation(load<u8>(at, 2))) return 0
  if (first < 0xf0) {
    const lowest: u32 = first == 0xe0 ? 0xa0 : 0x80
    const highest: u32 = first == 0xed ? 0x9f : 0xbf
    return second >= lowest && second <= highest ? 3 : 0
  }
  const lowest: u32 = first == 0xf0 ? 0x90 : 0x80
  const highest: u32 = first == 0xf4 ? 0x8f : 0xbf
  return first <= 0xf4 && second >= lowest && second <= highest && isContinuation(load<u8>(at, 3)) ? 4 : 0
}

@inline
function isContinuation(byte: u32): bool {
  return (byte & 0xc0) == 0x80
}
