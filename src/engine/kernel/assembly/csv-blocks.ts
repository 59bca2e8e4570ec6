/** 64 bytes of CSV in four vectors, and what is asked of them: a bit for each byte. */

/** A bit for each of 64 bytes that equals one. */
@inline
export function equal(a: v128, b: v128, c: v128, d: v128, byte: v128): u64 {
  return join(i8x16.eq(a, byte), i8x16.eq(b, byte), i8x16.eq(c, byte), i8x16.eq(d, byte))
}

@inline
export function join(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)
  const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)
  return <u64>low | (<u64>high << 32)
}

/** Quotes, carriage returns, bytes beyond ASCII (signed, they are the lowest), 00 and 01. */
@inline
export function hasSpecial(a: v128, b: v128, c: v128, d: v128, quote: v128, carriageReturn: v128, two: v128): bool {
  return v128.any_true(
    v128.or(
      v128.or(anyEqual(a, b, c, d, quote), anyEqual(a, b, c, d, carriageReturn)),
      i8x16.lt_s(i8x16.min_s(i8x16.min_s(a, b), i8x16.min_s(c, d)), two),
    ),
  )
}

@inline
function anyEqual(a: v128, b: v128, c: v128, d: v128, byte: v128): v128 {
  return v128.or(v128.or(i8x16.eq(a, byte), i8x16.eq(b, byte)), v128.or(i8x16.eq(c, byte), i8x16.eq(d, byte)))
}

/** Bit by bit whether the number of bits up to it is odd. */
@inline
export function parity(bits: u64): u64 {
  let sum = bits ^ (bits << 1)
  sum ^= sum << 2
  sum ^= sum << 4
  sum ^= sum << 8
  sum ^= sum << 16
  return sum ^ (sum << 32)
}

/** Writes the address of every bit. Some more than there are: the next ones overwrite them. */
@inline
export function flatten(bits: u64, at: usize, out: usize): usize {
  const count = <usize>popcnt<u64>(bits)
  let rest = bits
  let place = out
  rest = eight(rest, at, place)
  if (count > 8) {
    rest = eight(rest, at, place + 32)
    let written: usize = 16
    while (written < count) {
      place = out + (written << 2)
      rest = eight(rest, at, place)
      written += 8
    }
  }
  return out + (count << 2)
}

@inline
function eight(bits: u64, at: usize, out: usize): u64 {
  let rest = bits
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest))
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 4)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 8)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 12)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 16)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 20)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 24)
  rest &= rest - 1
  store<u32>(out, <u32>at + <u32>ctz<u64>(rest), 28)
  return rest & (rest - 1)
}
