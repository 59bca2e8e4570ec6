/** Between two looks at what still runs. Milliseconds. */
const lookPauseMs = 20

/**
 * Waits until nothing runs any more, for a limited time.
 *
 * @param running - settle when what runs now has ended; empty: nothing does
 * @param limitMs - not longer than this
 * @param signal - aborted: not any longer
 */
export async function untilIdle(
  running: () => readonly Promise<unknown>[],
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  const {promise: isOver, resolve} = Promise.withResolvers<void>()
  over.signal.addEventListener('abort', () => resolve())
  const stop = (): void => over.abort()
  const timer = setTimeout(stop, limitMs)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await Promise.race([isOver, allEnd(running, over.signal)])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    // Who still looks at what runs looks no longer: the process could not end.
    stop()
  }
}

async function allEnd(running: () => readonly Promise<unknown>[], signal: AbortSignal): Promise<void> {
  for (;;) {
    const now = running()
    if (now.length === 0 || signal.aborted) return
    await Promise.allSettled(now)
    // So that what has just ended is off the list.
    await new Promise(resolve => setTimeout(resolve, lookPauseMs))
  }
}
