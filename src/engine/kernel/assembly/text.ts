/** JSON strings: 16 bytes at once up to the next byte that ends or complicates one. */

const quote: u32 = 0x22
const backslash: u32 = 0x5c

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

/** The same of 64 bytes. */
@inline
export function stopsOf64(at: usize): u64 {
  const low = <u64>(<u32>(stops(v128.load(at)) | (stops(v128.load(at, 16)) << 16)))
  const high = <u64>(<u32>(stops(v128.load(at, 32)) | (stops(v128.load(at, 48)) << 16)))
  return low | (high << 32)
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

/** Goes on at a stop that is no quote. What follows it in the same 32 bytes is not looked for again. */
export function unusualStringEnd(from: usize): usize {
  let base = from
  while (true) {
    let found = stops(v128.load(base)) | (stops(v128.load(base, 16)) << 16)
    let passed: usize = 32
    while (found != 0) {
      const place = <usize>ctz<i32>(found)
      const at = base + place
      const byte = <u32>load<u8>(at)
      if (byte == quote) return at
      // Two bytes mostly. A guess that is right by a branch costs less than a number that has to be waited for.
      let next = place + 2
      if (byte == backslash) {
        hasEscape = true
        const length = <usize>load<u8>(escapeLengths + <usize>load<u8>(at, 1))
        if (length != 2) {
          if (length == 0 || !areHex(at + 2)) return 0
          next = place + 6
        }
      } else if (byte < 0x80) {
        return 0
      } else if (byte - 0xc2 >= 0xe0 - 0xc2 || !isContinuation(load<u8>(at, 1))) {
        const length = sequenceLength(at)
        if (length == 0) return 0
        next = place + length
      }
      if (next >= 32) {
        passed = next
        // Shifting by 32 would not shift.
        found = 0
      } else {
        found &= -1 << <i32>next
      }
    }
    base += passed
  }
}

/** Bytes of an escape by the letter behind its backslash; 0: it is none. */
const escapeLengths = memory.data(256)

export function openText(): void {
  // " / \ b f n r t
  const letters: u64 = 0x74_72_6e_66_62_5c_2f_22
  for (let shift: u64 = 0; shift < 64; shift += 8) store<u8>(escapeLengths + <usize>((letters >> shift) & 0xff), 2)
  store<u8>(escapeLengths + 0x75, 6)
}

/** Whether four hexadecimal digits stand at `at`. */
function areHex(at: usize): bool {
  return isHex(load<u8>(at)) && isHex(load<u8>(at, 1)) && isHex(load<u8>(at, 2)) && isHex(load<u8>(at, 3))
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
