/** Values that nobody needs: checked and skipped. */
import {numberEnd, skipNumber} from './numbers'
import {stringEnd} from './text'

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
    if (byte != 0x20 && byte != 0x09 && byte != 0x0d) return at
    at++
  }
}

const atValue = 0
const atName = 1
const afterValue = 2

/** Behind the object or array at `from`; 0 when it is not well formed, or too deep. */
export function nestedEnd(from: usize): usize {
  let at = from
  let depth: u32 = 0
  /** A bit for each level: 1 for an object. The innermost is the lowest. */
  let levels: u64 = 0
  let state = atValue
  while (true) {
    at = afterBlanks(at)
    const byte = <u32>load<u8>(at)
    if (state == atValue) {
      if (byte == 0x22) {
        at = stringEnd(at + 1)
        if (at == 0) return 0
        at++
        state = afterValue
      } else if (byte == 0x7b || byte == 0x5b) {
        if (depth == depthMax) return 0
        const isObject = byte == 0x7b
        depth++
        levels = (levels << 1) | <u64>isObject
        at = afterBlanks(at + 1)
        if (<u32>load<u8>(at) == byte + 2) {
          at++
          depth--
          levels >>= 1
          if (depth == 0) return at
          state = afterValue
        } else {
          state = isObject ? atName : atValue
        }
      } else {
        at = byte == 0x2d || byte - 0x30 < 10 ? skipNumber(at) : literalEnd(at)
        if (at == 0) return 0
        state = afterValue
      }
    } else if (state == afterValue) {
      at++
      if (byte == 0x2c) {
        state = levels & 1 ? atName : atValue
      } else {
        if (byte != (levels & 1 ? 0x7d : 0x5d)) return 0
        depth--
        levels >>= 1
        if (depth == 0) return at
      }
    } else {
      if (byte != 0x22) return 0
      at = stringEnd(at + 1)
      if (at == 0) return 0
      at = afterBlanks(at + 1)
      if (load<u8>(at) != 0x3a) return 0
      at++
      state = atValue
    }
  }
}
