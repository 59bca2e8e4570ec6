/** Names of jobs: what the author called it, and a stamp that no other job has. */
import {randomInt} from 'node:crypto'

/** Digits behind the time: jobs that are submitted in the same millisecond. */
const randomRange = 36 ** 3

/** `words@mj2k4x8f0a1`: sorts by time among jobs of one prefix. */
export const newJobName = (prefix: string): string =>
  `${prefix}@${Date.now().toString(36)}${randomInt(randomRange).toString(36).padStart(3, '0')}`

/** Tags have no dots in their names. */
export const resultTagOf = (job: string): string => `disco:results:${job.replaceAll('.', '_')}`
