import {setTimeout as sleep} from 'node:timers/promises'
import {ClusterError} from '../base/index.ts'
import {isDiskFull} from '../storage/index.ts'

/** Between two tries to write to a full disk. Somebody has to make room: a second more is nothing. Milliseconds. */
const roomPauseMs = 1000

export interface RoomOptions {
  /** Of the disk, for people. */
  readonly path: string
  /** The disk is full: called once, before the first wait. */
  readonly onWait: () => void
  /** Aborted: it is not waited any more. */
  readonly signal: AbortSignal
  readonly pauseMs?: number | undefined
}

/**
 * Does work that writes to a disk; while the disk is full, again and again. What runs for months must not end because a disk was full for
 * a minute, and must not go on as if it had written.
 *
 * @param work - changes nothing when it throws
 * @throws what the work throws otherwise; ClusterError DISK_FULL when the signal aborts
 */
export async function whenRoom<T>(
  work: () => T,
  {path, onWait, signal, pauseMs = roomPauseMs}: RoomOptions,
): Promise<T> {
  for (let tryCount = 1; ; tryCount++) {
    try {
      return work()
    } catch (error) {
      if (!isDiskFull(error)) throw error
      if (signal.aborted) {
        throw new ClusterError('DISK_FULL', `no room left in ${path}`, {hint: 'make room on its disk', cause: error})
      }
      if (tryCount === 1) onWait()
      await sleep(pauseMs, undefined, {signal}).catch(() => undefined)
    }
  }
}
