/** Values that nobody needs: checked and skipped. */
import {skipNumber} from './numbers'
import {stopsOf64, unusualStringEnd} from './text'

/** Levels of nesting; a bit of a word each. Deeper ones go to the row path. */
const depthMax: u32 = 63

/** Behind `true`, `false` or `null` at `from`; 0 when it is none of them. */
@inline
export function literalEnd(from: usize): usize {
  const word = load<u32>(from)
  if (word == 0x65757274 || word == 0x6c6c756e) return from + 4
  return word == 0x736c6166 && load<u8>(from, 4) == 0x65 ? from + 5 : 0
}

/** White space inside a line. */
@inline
export function afterBlanks(from: usize): usize {
  let at = from
  while (true) {
    const byte = <u32>load<u8>(at)
    // Seldom any: one comparison then tells.
    if (byte > 0x20 || (byte != 0x20 && byte != 0x09 && byte != 0x0d)) return at
    at++
  }
}

/** The stops of the 64 bytes from `stopsAt` on, as bits (text.ts): strings in lists and objects are short, and lie close together. */
let stopsAt: usize = 0
let stopBits: u64 = 0

/** As `stringEnd`, for one string after another. */
@inline
function nextStringEnd(from: usize): usize {
  let at = from
  let place = at - stopsAt
  while (true) {
    // Shifting by 64 and more would not shift all bits out.
    const bits = place < 64 ? stopBits >> <u64>place : 0
    if (bits != 0) {
      at += <usize>ctz<u64>(bits)
      return load<u8>(at) == 0x22 ? at : unusualStringEnd(at)
    }
    if (place < 64) at += 64 - place
    stopsAt = at
    stopBits = stopsOf64(at)
    place = 0
  }
}

/** Behind the name at `from`, its colon and blanks: where its value begins; 0 when there is no name. */
@inline
function nameEnd(from: usize): usize {
  if (load<u8>(from) != 0x22) return 0
  const end = nextStringEnd(from + 1)
  if (end == 0) return 0
  const at = afterBlanks(end + 1)
  return load<u8>(at) == 0x3a ? afterBlanks(at + 1) : 0
}

/** Behind the object or array at `from`; 0 when it is not well formed, or too deep. */
export function nestedEnd(from: usize): usize {
  let at = from
  let depth: u32 = 0
  /** A bit for each level: 1 for an object. The innermost is the lowest. */
  let levels: u64 = 0
  stopsAt = from
  stopBits = stopsOf64(from)
  while (true) {
    // A value begins here.
    let byte = <u32>load<u8>(at)
    if (byte == 0x22) {
      at = nextStringEnd(at + 1)
      if (at == 0) return 0
      at++
    } else if (byte == 0x7b || byte == 0x5b) {
      if (depth == depthMax) return 0
      const isObject = byte == 0x7b
      at = afterBlanks(at + 1)
      if (<u32>load<u8>(at) != byte + 2) {
        depth++
        levels = (levels << 1) | <u64>isObject
        if (isObject) {
          at = nameEnd(at)
          if (at == 0) return 0
        }
        continue
      }
      at++
      if (depth == 0) return at
    } else {
      at = byte == 0x2d || byte - 0x30 < 10 ? skipNumber(at) : literalEnd(at)
      if (at == 0) return 0
    }
    // Behind a value: what is open may end here, once or more often.
    while (true) {
      at = afterBlanks(at)
      byte = <u32>load<u8>(at)
      at++
      if (byte == 0x2c) break
      if (byte != (levels & 1 ? 0x7d : 0x5d)) return 0
      levels >>= 1
      depth--
      if (depth == 0) return at
    }
    at = afterBlanks(at)
    if (levels & 1) {
      at = nameEnd(at)
      if (at == 0) return 0
    }
  }
}
