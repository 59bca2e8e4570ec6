/** Unsigned totals of 128 bits, for the squares of stddev. */

/** Low half first. */
@unmanaged
export class Wide {
  low: u64
  high: u64
}

/** Totals stay below 2^125: a batch of squares of 2^55 each does not reach the end of 128 bits. */
const highMax: u64 = 1 << 61

let productHigh: u64 = 0

/** The low half of a product; the upper one is in productHigh. */
@inline
function multiply(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff
  const aHigh = a >> 32
  const bLow = b & 0xffffffff
  const bHigh = b >> 32
  const low = aLow * bLow
  const crossed = aHigh * bLow + (low >> 32)
  const middle = aLow * bHigh + (crossed & 0xffffffff)
  productHigh = aHigh * bHigh + (crossed >> 32) + (middle >> 32)
  return (middle << 32) | (low & 0xffffffff)
}

/** Adds the square of a number of at most 55 bits. Returns whether the total comes near its end. */
@inline
export function addSquare(total: Wide, value: i64): bool {
  const size = <u64>abs<i64>(value)
  let high: u64 = 0
  let low = size * size
  if (size >> 32 != 0) {
    low = multiply(size, size)
    high = productHigh
  }
  const sum = total.low + low
  total.high += high + <u64>(sum < low)
  total.low = sum
  return total.high >= highMax
}

/** Whether total * factor is far from its end. */
export function canMultiply(total: Wide, factor: u64): bool {
  if (total.high == 0) return true
  multiply(total.high, factor)
  return productHigh == 0 && total.high * factor < highMax - factor
}

export function multiplyBy(total: Wide, factor: u64): void {
  const high = total.high * factor
  total.low = multiply(total.low, factor)
  total.high = high + productHigh
}

/** Divides by ten if that leaves nothing over; else changes nothing and returns false. */
export function divideByTen(total: Wide): bool {
  const upper = total.high
  const middle = ((upper % 10) << 32) | (total.low >> 32)
  const lower = ((middle % 10) << 32) | (total.low & 0xffffffff)
  if (lower % 10 != 0) return false
  total.high = upper / 10
  total.low = ((middle / 10) << 32) | (lower / 10)
  return true
}
