/** Keys in byte order. Bytes behind them may be read. */

/** How many bytes are the same from the start on. */
@inline
export function samePrefix(a: usize, b: usize, length: u32, from: u32): u32 {
  for (let at = from; at < length; at += 16) {
    const other = ~i8x16.bitmask(i8x16.eq(v128.load(a + <usize>at), v128.load(b + <usize>at))) & 0xffff
    if (other != 0) return min(at + <u32>ctz<u32>(other), length)
  }
  return length
}

export function compareKeys(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const length = min(aLength, bLength)
  const same = samePrefix(a, b, length, 0)
  if (same == length) return <i32>aLength - <i32>bLength
  return <i32>load<u8>(a + <usize>same) - <i32>load<u8>(b + <usize>same)
}
