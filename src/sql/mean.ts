/** A mean in ClickHouse, to the digit: the double nearest to an exact sum by a count. */

/** Digits of one step of the division: a remainder below 2^64 · 10^22, times 10 to this, is below 2^256. */
const stepDigits = 35
/**
 * Steps: 210 digits behind the point. A mean is 0 or above 10^-22 / 2^64, and what lies half way between two doubles of that size
 * has 191 of them. So a last digit that says that there is more decides on which side a mean is.
 */
const stepCount = 6

/**
 * Digits that are read as the mean's double; null without any value.
 *
 * @param sum - text of a decimal with up to 22 digits behind its point
 * @param count - text of a whole number
 */
export function meanText(sum: string, count: string): string {
  const unsigned = `replaceOne(coalesce(${sum}, '0'), '-', '')`
  const fraction = `if(position(${unsigned}, '.') = 0, 0, length(${unsigned}) - position(${unsigned}, '.'))`
  const dividend = `toUInt256(replaceOne(${unsigned}, '.', ''))`
  const divisor = `(toUInt256(greatest(toUInt64OrZero(coalesce(${count}, '0')), 1)) * toUInt256(concat('1', repeat('0', ${fraction}))))`
  const shifted = `(done.2 * toUInt256('1${'0'.repeat(stepDigits)}'))`
  const step = `(concat(done.1, leftPad(toString(intDiv(${shifted}, ${divisor})), ${stepDigits}, '0')), toUInt256(${shifted} % ${divisor}))`
  const start = `(concat(toString(intDiv(${dividend}, ${divisor})), '.'), toUInt256(${dividend} % ${divisor}))`
  const divided = `arrayFold((done, step) -> ${step}, range(${stepCount}), ${start})`
  const digits = `concat(if(startsWith(coalesce(${sum}, '0'), '-'), '-', ''), ${divided}.1, if(${divided}.2 = 0, '', '1'))`
  return `if(isNull(${sum}) OR coalesce(${count}, '0') = '0', NULL, ${digits})`
}
