/** Where lines end. */

/** Where the line at `from` ends, behind its newline. There is one. */
export function lineEnd(from: usize): usize {
  let at = from
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)))
    if (found != 0) return at + <usize>ctz<i32>(found) + 1
    at += 16
  }
}
