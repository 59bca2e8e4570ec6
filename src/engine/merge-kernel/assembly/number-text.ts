/** Numbers as decimal digits. */

const digitsAt: usize = memory.data(32)

/** 10^0 … 10^18. */
const powers = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
])

/** @param power - 0 to 18 */
@inline
export function powerOfTen(power: u32): u64 {
  return load<u64>(powers + (<usize>power << 3))
}

/** Returns where the text ends. */
export function writeInteger(to: usize, value: u64): usize {
  if (value < 10) {
    store<u8>(to, <u8>(0x30 + value))
    return to + 1
  }
  let at = digitsAt + 32
  let rest = value
  while (rest > u32.MAX_VALUE) {
    const next = rest / 10
    store<u8>(--at, <u8>(0x30 + (rest - next * 10)))
    rest = next
  }
  let small = <u32>rest
  while (small != 0) {
    const next = small / 10
    store<u8>(--at, <u8>(0x30 + (small - next * 10)))
    small = next
  }
  const length = digitsAt + 32 - at
  memory.copy(to, at, length)
  return to + length
}

/** Writes value / 10^scale with all its digits and no zero at the end of a fraction. Returns where the text ends. */
export function writeDecimal(to: usize, value: i64, scale: u32): usize {
  let rest = <u64>(value < 0 ? -value : value)
  let places = scale
  while (places > 0 && rest % 10 == 0) {
    rest /= 10
    places--
  }
  let out = to
  if (value < 0) store<u8>(out++, 0x2d)
  if (places == 0) return writeInteger(out, rest)
  const power = powerOfTen(places)
  const whole = rest / power
  out = writeInteger(out, whole)
  store<u8>(out++, 0x2e)
  let fraction = rest - whole * power
  for (let at = out + <usize>places - 1; at >= out; at--) {
    store<u8>(at, <u8>(0x30 + (fraction % 10)))
    fraction /= 10
  }
  return out + <usize>places
}
