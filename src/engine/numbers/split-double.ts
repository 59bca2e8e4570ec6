/**
 * A finite double as mantissa * 2^exponent, both integers; the mantissa is safe and carries the sign.
 *
 * Scaling by powers of two is exact, so no look at the bits is needed.
 */
export function splitDouble(value: number): {readonly mantissa: number; readonly exponent: number} {
  let mantissa = value
  let exponent = 0
  if (value === 0) return {mantissa: 0, exponent: 0}
  while (Math.abs(mantissa) >= 2 ** 1000) {
    mantissa *= 2 ** -500
    exponent += 500
  }
  while (!Number.isInteger(mantissa)) {
    const size = Math.abs(mantissa)
    const step = size < 2 ** -500 ? 500 : size < 1 ? 53 : 8
    mantissa *= 2 ** step
    exponent -= step
  }
  while (Math.abs(mantissa) > Number.MAX_SAFE_INTEGER) {
    mantissa /= 2
    exponent++
  }
  return {mantissa, exponent}
}
