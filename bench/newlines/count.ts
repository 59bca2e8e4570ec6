/**
 * Finds the newlines of a stretch of memory, 16 bytes at a time. AssemblyScript, compiled by limit.mjs.
 *
 * It visits each one and keeps the longest line, so that finding cannot be optimised into something less.
 */
let longestLine: usize = 0

/** @returns how many newlines stand in `bytes` (a multiple of 16) from `start` */
export function countNewlines(start: usize, bytes: usize): u32 {
  const newline = i8x16.splat(10)
  const end = start + bytes
  let lineStart = start
  let count: u32 = 0
  for (let at = start; at < end; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), newline))
    while (found !== 0) {
      const lineEnd = at + ctz(found)
      longestLine = max(longestLine, lineEnd - lineStart)
      lineStart = lineEnd + 1
      count++
      found &= found - 1
    }
  }
  return count
}

/** @returns bytes of the longest line seen so far, as far as it lay in one stretch */
export function longest(): usize {
  return longestLine
}
