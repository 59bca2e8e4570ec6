/**
 * Keys: the order of the tasks of a stage that does not depend on when anything happened.
 *
 * A key is text whose plain order is the wanted one. Numbers are written in base 36 with leading zeros, so that they
 * compare as numbers do. The tasks of a stage that is not concurrent are numbered in the order of their keys; where a
 * concurrent stage is numbered as groups turn up, the keys still give the order of inputs and results.
 */

/** Digits of 2^53 in base 36. */
const digitCount = 11

export const keyOfNumber = (value: number): string => value.toString(36).padStart(digitCount, '0')

/** Plain order of keys: <0, 0 or >0. */
export const compareKeys = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
