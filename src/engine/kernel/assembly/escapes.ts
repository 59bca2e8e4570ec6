/** Text with escapes, decoded beside the input: as UTF-8, like all text. */
import {scratchAt, scratchBytes} from './layout'

/** Where the next text goes. */
let free: usize = scratchAt

/** Bytes that are left for the texts of this batch. */
@inline
export function scratchRoom(): usize {
  return scratchAt + scratchBytes - free
}

/** Room for a text. */
@inline
export function takeScratch(bytes: usize): usize {
  const place = free
  free += bytes
  return place
}

/** Where the last decoded text is, and its bytes. */
export let decodedAt: usize = 0
export let decodedLength: u32 = 0

/** Forgets the texts of a batch. */
@inline
export function clearDecoded(): void {
  free = scratchAt
}

/**
 * Decodes the well-formed string in from..to-1.
 *
 * Returns false for what only the row path handles: half a surrogate pair, which UTF-8 cannot hold, and the characters 0 and 1,
 * which stand for other things in keys.
 */
export function decode(from: usize, to: usize): bool {
  decodedAt = free
  let out = free
  let at = from
  if (to - from > scratchRoom()) return false
  while (at < to) {
    const byte = <u32>load<u8>(at)
    if (byte != 0x5c) {
      store<u8>(out++, <u8>byte)
      at++
      continue
    }
    const letter = <u32>load<u8>(at, 1)
    if (letter != 0x75) {
      store<u8>(out++, <u8>simple(letter))
      at += 2
      continue
    }
    let code = hexOf(at + 2)
    at += 6
    if (code < 2 || code >> 10 == 0x37) return false
    if (code >> 10 == 0x36) {
      if (at + 6 > to || load<u16>(at) != 0x755c) return false
      const low = hexOf(at + 2)
      if (low >> 10 != 0x37) return false
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff)
      at += 6
    }
    out = encode(code, out)
  }
  decodedLength = <u32>(out - free)
  free = out
  return true
}

@inline
function simple(letter: u32): u32 {
  switch (letter) {
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    default:
      return letter
  }
}

function hexOf(at: usize): u32 {
  return (digitOf(load<u8>(at)) << 12) | (digitOf(load<u8>(at, 1)) << 8) | (digitOf(load<u8>(at, 2)) << 4) | digitOf(load<u8>(at, 3))
}

@inline
function digitOf(byte: u32): u32 {
  return byte < 0x3a ? byte - 0x30 : (byte | 0x20) - 0x57
}

function encode(code: u32, at: usize): usize {
  if (code < 0x80) {
    store<u8>(at, <u8>code)
    return at + 1
  }
  if (code < 0x800) {
    store<u8>(at, <u8>(0xc0 | (code >> 6)))
    store<u8>(at, <u8>(0x80 | (code & 0x3f)), 1)
    return at + 2
  }
  if (code < 0x10000) {
    store<u8>(at, <u8>(0xe0 | (code >> 12)))
    store<u8>(at, <u8>(0x80 | ((code >> 6) & 0x3f)), 1)
    store<u8>(at, <u8>(0x80 | (code & 0x3f)), 2)
    return at + 3
  }
  store<u8>(at, <u8>(0xf0 | (code >> 18)))
  store<u8>(at, <u8>(0x80 | ((code >> 12) & 0x3f)), 1)
  store<u8>(at, <u8>(0x80 | ((code >> 6) & 0x3f)), 2)
  store<u8>(at, <u8>(0x80 | (code & 0x3f)), 3)
  return at + 4
}
