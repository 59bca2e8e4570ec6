/** Arithmetic on values of records: exact on integers of any size, doubles otherwise, null where there is no number. */
import {numberOf, smallest} from '../values.ts'

export type ArithmeticOperator = '+' | '-' | '*' | '/'

/**
 * Calculates with numbers, numeric text and booleans (as 1 and 0). Null when one of the two is anything else, on division by zero,
 * and when the result is too big for a double.
 */
export function calculate(operator: ArithmeticOperator, a: unknown, b: unknown): number | bigint | null {
  const x = numberOf(a)
  const y = numberOf(b)
  if (x === undefined || y === undefined) return null
  if (typeof x === 'number' && typeof y === 'number') {
    const result = onDoubles(operator, x, y)
    const isExact =
      !Number.isInteger(result) || Number.isSafeInteger(result) || !(Number.isSafeInteger(x) && Number.isSafeInteger(y))
    if (isExact) return Number.isFinite(result) ? result + 0 : null
  }
  return onIntegers(operator, x, y)
}

function onDoubles(operator: ArithmeticOperator, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      return x / y
  }
}

/** At least one of the two, or the result, is beyond 2^53. */
function onIntegers(operator: ArithmeticOperator, x: number | bigint, y: number | bigint): number | bigint | null {
  if ((typeof x === 'number' && !Number.isInteger(x)) || (typeof y === 'number' && !Number.isInteger(y))) {
    return finite(onDoubles(operator, Number(x), Number(y)))
  }
  const a = BigInt(x)
  const b = BigInt(y)
  switch (operator) {
    case '+':
      return smallest(a + b)
    case '-':
      return smallest(a - b)
    case '*':
      return smallest(a * b)
    case '/':
      if (b === 0n) return null
      return a % b === 0n ? smallest(a / b) : finite(Number(a) / Number(b))
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
