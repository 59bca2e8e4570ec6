/** Names of jobs: what the author called it, and a stamp that no other job has. */
import {randomInt} from 'node:crypto'
import {UserError} from '../../../base/index.ts'
import {isDiscoStamp} from '../../../protocol/index.ts'

/** Digits behind the time: jobs that are submitted in the same millisecond. */
const randomRange = 36 ** 5

const stampPattern = /^[a-z0-9]{8,24}$/

/**
 * `words@mj2k4x8f0a1c2`: sorts by time among jobs of one prefix.
 *
 * @param stamp - of the client, who may ask again with it when the answer was lost; made here when it gave none
 */
export function jobName(prefix: string, stamp: string | undefined): string {
  if (stamp === undefined)
    return `${prefix}@${Date.now().toString(36)}${randomInt(randomRange).toString(36).padStart(5, '0')}`
  if (stampPattern.test(stamp) || isDiscoStamp(stamp)) return `${prefix}@${stamp}`
  throw new UserError('BAD_NAME', 'the stamp of a job has 8 to 24 of a-z 0-9, or is one of Disco (586:64640:1e240)')
}

/** Tags have no dots in their names. */
export const resultTagOf = (job: string): string => `disco:results:${job.replaceAll('.', '_')}`
