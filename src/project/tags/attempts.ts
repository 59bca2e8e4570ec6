/** Repeats what is safe to repeat. */
import {setTimeout as sleep} from 'node:timers/promises'
import {ClusterError, InvariantError, messageOf, UserError} from '../../base/index.ts'
import {firstWaitMs, tryCountMax} from './limits.ts'

export interface AttemptOptions {
  /** For the note: `the result tag`. */
  readonly what: string
  readonly onNote: (line: string) => void
  readonly signal: AbortSignal
  /** Of the wait before the second attempt. Milliseconds. */
  readonly waitMs?: number
}

/**
 * Runs `work` up to `tryCountMax` times. What a person has to mend, a bug, or an error that says it is final ends it at once.
 *
 * @throws the last error; the signal's reason
 */
export async function withAttempts<Result>(
  {what, onNote, signal, waitMs = firstWaitMs}: AttemptOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (attempt >= tryCountMax || isFinal(error)) throw error
      const ms = waitMs * 2 ** (attempt - 1)
      onNote(`${what}: ${messageOf(error)}; again in ${Math.ceil(ms / 1000)} s (${attempt + 1} of ${tryCountMax})`)
      await sleep(ms, undefined, {signal}).catch(() => signal.throwIfAborted())
    }
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof ClusterError) return !error.retryable
  return error instanceof UserError || error instanceof InvariantError
}
