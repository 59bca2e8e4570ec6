import {sequenceLength} from './text'

/** Whether the bytes from..to-1 are UTF-8, byte `to` being ASCII. */
export function isUtf8(from: usize, to: usize): bool {
  let at = from
  while (at < to) {
    const high = i8x16.bitmask(v128.load(at))
    if (high == 0) {
      at += 16
      continue
    }
    at += <usize>ctz<i32>(high)
    while (at < to && load<u8>(at) >= 0x80) {
      const length = sequenceLength(at)
      if (length == 0) return false
      at += length
    }
  }
  return true
}
