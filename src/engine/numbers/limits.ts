/** Significant digits that every decimal keeps on its way through a double and back. */
export const exactDigitsMax = 15

/** The first coefficient with more than exactDigitsMax digits. */
export const coefficientBound = 1e15

/** Decimal places of an exact number: 10^22 is the largest power of ten that a double holds, so one division is exact. */
export const exactScaleMax = 22

/** Digits of an integer. Longer ones cost quadratic time to read and stand for nothing that is counted: unusable. */
export const integerDigitsMax = 4096

/** Doubles from here on are printed with an exponent; they are taken as inexact. */
export const plainDoubleBound = 1e21
