/** Trying again what a database could not do just now, within bounds. */
import {setTimeout as sleep} from 'node:timers/promises'
import {ClusterError, UserError} from '../../base/index.ts'
import {withoutSecrets} from '../target/index.ts'
import type {Driver, Verdict} from './contracts.ts'
import {attemptCountMax, firstRetryDelayMs} from './limits.ts'

export interface AttemptOptions {
  readonly driver: Driver
  /** For messages. */
  readonly place: string
  readonly secrets: readonly string[]
  readonly attemptCountMax?: number | undefined
  readonly firstRetryDelayMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Hears why something is tried again, and when. */
  readonly onNote?: ((line: string) => void) | undefined
}

/** The transaction met another one that writes the same batch: what it did shows after a new look. */
export class LedgerConflict extends Error {
  override readonly name = 'LedgerConflict'
}

/** The work cannot be done twice: its rows were read. */
export class NotRepeatable extends Error {
  override readonly name = 'NotRepeatable'
}

/**
 * @throws UserError what the person can mend; ClusterError what did not work after all attempts; the signal's reason
 */
export async function withAttempts<T>(options: AttemptOptions, work: (attempt: number) => Promise<T>): Promise<T> {
  const {driver, signal} = options
  const countMax = options.attemptCountMax ?? attemptCountMax
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (thrown) {
      signal?.throwIfAborted()
      const isLast = thrown instanceof NotRepeatable || attempt >= countMax
      const error = thrown instanceof NotRepeatable ? thrown.cause : thrown
      const verdict = error instanceof LedgerConflict ? anotherWriter : driver.judge(error)
      if (verdict.kind === 'foreign') throw error
      const failure = failureOf(verdict, error, options)
      if (isLast || !(failure instanceof ClusterError)) throw failure
      const delayMs = (options.firstRetryDelayMs ?? firstRetryDelayMs) * 2 ** (attempt - 1)
      const retry = `trying again in ${Math.ceil(delayMs / 1000)} s (${attempt + 1} of ${countMax})`
      options.onNote?.(`${failure.message}; ${retry}`)
      await sleep(delayMs, undefined, {signal}).catch(() => signal?.throwIfAborted())
    }
  }
}

const anotherWriter: Verdict = {kind: 'again', code: 'UNAVAILABLE', reason: 'another process is writing the same batch'}

/** What to tell of an error of the database, without secrets. */
function failureOf(verdict: Verdict, cause: unknown, {place, secrets}: AttemptOptions): UserError | ClusterError {
  const shown = (text: string): string => withoutSecrets(text, secrets)
  switch (verdict.kind) {
    case 'final': {
      const {code, message, hint, exitCode} = verdict.error
      return new UserError(code, `${place}: ${shown(message)}`, {
        cause,
        exitCode,
        ...(hint !== undefined && {hint: shown(hint)}),
      })
    }
    case 'duplicate':
      return new UserError('OUTPUT_FAILED', `${place}: ${shown(verdict.reason)}`, {
        cause,
        hint: 'a unique key of the table refuses the rows; use mode add to keep totals, or replace',
      })
    case 'exists':
      return new ClusterError('UNAVAILABLE', `${place}: a table was made by somebody else at the same time`, {cause})
    case 'again':
      return new ClusterError(verdict.code, `${place}: ${shown(verdict.reason)}`, {
        cause,
        retryable: true,
        hint: 'nothing was written twice: run it again when the database works',
      })
    case 'foreign':
      return new ClusterError('UNAVAILABLE', `${place}: ${shown(String(cause))}`, {cause})
  }
}
