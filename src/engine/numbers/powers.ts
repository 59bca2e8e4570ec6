import {assert} from '../../base/index.ts'

/** 10^0 … 10^22, all exact in a double. */
export const powersOfTen: readonly number[] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/** 10^power as an integer. */
export function bigPowerOfTen(power: number): bigint {
  assert(power >= 0, `the power of ten ${power} is not negative`)
  return 10n ** BigInt(power)
}
