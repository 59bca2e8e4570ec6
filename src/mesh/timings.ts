import {UserError} from '../base/index.ts'
import type {MeshTimings} from '../protocol/index.ts'
import {missedHeartbeatsMax, timingsDefault} from './limits.ts'

/** Fills in the defaults. @throws UserError BAD_SETTING for times that would make healthy nodes lost */
export function checkTimings(given: Partial<MeshTimings>, base: MeshTimings = timingsDefault): MeshTimings {
  const timings = {...base, ...given}
  for (const [name, value] of Object.entries(timings)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new UserError('BAD_SETTING', `${name} must be a whole number of milliseconds above 0`, {exitCode: 2})
    }
  }
  if (timings.lostAfterMs < missedHeartbeatsMax * timings.heartbeatMs) {
    throw new UserError('BAD_SETTING', `lostAfter (${seconds(timings.lostAfterMs)}) is too short`, {
      hint: `it must be at least ${missedHeartbeatsMax} times heartbeat (${seconds(timings.heartbeatMs)})`,
      exitCode: 2,
    })
  }
  return timings
}

/** As settings are written. */
const seconds = (ms: number): string => `${ms / 1000}s`
