/**
 * The version of a tag: which master wrote it, and how many changes it had.
 *
 * Ordered by epoch, then by counter, and never going backwards. Epochs come from masters (a new one is above every
 * epoch that any node has seen), so no clock is needed. Of two versions with one counter only one was ever committed.
 */
export interface Version {
  readonly epoch: number
  /** Counts committed changes from 1. What people see and compare with `--if-version`. */
  readonly counter: number
}

/** Negative, zero or positive, as a comparison function wants it. Nothing is older than every version. */
export function compareVersions(left: Version | undefined, right: Version | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined)
  return left.epoch - right.epoch || left.counter - right.counter
}

export const isSameVersion = (left: Version | undefined, right: Version | undefined): boolean =>
  compareVersions(left, right) === 0

/** The low part of an epoch is random, so that two masters that start from the same number differ: one in a million does not. */
export const epochRandomRange = 2 ** 20

/** The part of an epoch that counts masters, for people. */
export const epochCount = (epoch: number): number => Math.floor(epoch / epochRandomRange)
