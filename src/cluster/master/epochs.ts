/**
 * Epochs of masters: a number that grows, and random digits behind it, so that two masters that begin at the same time
 * never have the same one. Equal versions of a tag must mean equal contents; a shared epoch would break that.
 */
import {randomInt} from 'node:crypto'
import {epochRandomRange} from '../../protocol/index.ts'

/** An epoch above `seen`, of nobody else. */
export const nextEpoch = (seen: number): number =>
  (Math.floor(seen / epochRandomRange) + 1) * epochRandomRange + randomInt(epochRandomRange)
