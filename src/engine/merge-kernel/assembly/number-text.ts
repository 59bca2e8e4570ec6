/**
 * Numbers as decimal digits. Divisions are of 32 bits wherever that is enough: the engine makes multiplications of those by a
 * constant, and 64 bits take it ten times as long.
 */

/** 10^0 … 10^18. */
const powers = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
])
/** So many digits a word of 32 bits has at any rate. */
const wordDigits: u32 = 9
const wordEnd: u64 = 1000000000

/** @param power - 0 to 18 */
@inline
export function powerOfTen(power: u32): u64 {
  return load<u64>(powers + (<usize>power << 3))
}

/** Returns where the text ends. */
@inline
export function writeInteger(to: usize, value: u64): usize {
  if (value < 10) {
    store<u8>(to, <u8>(0x30 + value))
    return to + 1
  }
  return writeLong(to, value)
}

function writeLong(to: usize, value: u64): usize {
  if (value >= wordEnd) {
    const high = value / wordEnd
    const end = writeLong(to, high)
    writeDigits(end, <u32>(value - high * wordEnd), wordDigits)
    return end + <usize>wordDigits
  }
  let count: u32 = 1
  while (count < wordDigits && value >= powerOfTen(count)) count++
  writeDigits(to, <u32>value, count)
  return to + <usize>count
}

/** Writes `count` digits, zeros in front. */
@inline
function writeDigits(to: usize, value: u32, count: u32): void {
  let rest = value
  for (let at = to + <usize>count - 1; at >= to; at--) {
    const next = rest / 10
    store<u8>(at, <u8>(0x30 + (rest - next * 10)))
    rest = next
  }
}

/** Writes value / 10^scale with all its digits and no zero at the end of a fraction. Returns where the text ends. */
export function writeDecimal(to: usize, value: i64, scale: u32): usize {
  let out = to
  if (value < 0) store<u8>(out++, 0x2d)
  const size = <u64>(value < 0 ? -value : value)
  return size < wordEnd && scale <= wordDigits ? writeShort(out, <u32>size, scale) : writeWide(out, size, scale)
}

function writeShort(to: usize, size: u32, scale: u32): usize {
  let rest = size
  let places = scale
  for (; places > 0; places--) {
    const next = rest / 10
    if (rest != next * 10) break
    rest = next
  }
  if (places == 0) return writeInteger(to, rest)
  const power = <u32>powerOfTen(places)
  const whole = rest / power
  const out = writeInteger(to, whole)
  store<u8>(out, 0x2e)
  writeDigits(out + 1, rest - whole * power, places)
  return out + 1 + <usize>places
}

function writeWide(to: usize, size: u64, scale: u32): usize {
  let rest = size
  let places = scale
  while (places > 0 && rest % 10 == 0) {
    rest /= 10
    places--
  }
  if (places == 0) return writeInteger(to, rest)
  const power = powerOfTen(places)
  const whole = rest / power
  let out = writeInteger(to, whole)
  store<u8>(out++, 0x2e)
  let fraction = rest - whole * power
  for (let at = out + <usize>places - 1; at >= out; at--) {
    store<u8>(at, <u8>(0x30 + (fraction % 10)))
    fraction /= 10
  }
  return out + <usize>places
}
