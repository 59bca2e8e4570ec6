/** How many records may be bad before a run is one that should not have been. */
import {printable, UserError} from '../base/index.ts'
import type {Account} from '../engine/index.ts'

/** A count ends the scan as soon as it is passed; a share is known at its end only. */
export type MaxBad =
  | {readonly kind: 'count'; readonly count: number}
  | {readonly kind: 'share'; readonly percent: number}

/** @throws UserError TOO_MANY_BAD */
export function checkBad(account: Account, maxBad: MaxBad): void {
  const isTooMuch =
    maxBad.kind === 'count' ? account.bad > maxBad.count : account.bad * 100 > maxBad.percent * account.in
  if (isTooMuch) throw tooManyBad(account, maxBad)
}

/** It shows the first bad records, because there are no rows to look at. */
export function tooManyBad(account: Account, maxBad: MaxBad): UserError {
  const limit = maxBad.kind === 'count' ? String(maxBad.count) : `${maxBad.percent}%`
  const samples = account.badSamples
    .slice(0, 3)
    .map(sample => `  ${printable(sample.file)}:${sample.line} ${sample.reason}: ${sample.excerpt}`)
  return new UserError(
    'TOO_MANY_BAD',
    [
      `${account.bad} of ${account.in} records are bad, --max-bad allows ${limit}; nothing was written`,
      ...samples,
    ].join('\n'),
    {
      hint: 'allow more with --max-bad, or see them all with --bad-out FILE and without --max-bad',
    },
  )
}
