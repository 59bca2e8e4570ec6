/**
 * Runs work on items in their order, a few at a time; the first failure stops the rest and is thrown when all have ended.
 *
 * @param itemsOf - the items; told to stop by the signal, too, so that a slow source does not hold a failure back
 * @throws the reason of `signal` when it is aborted, else the first failure
 */
export async function forEachLimited<Item>(
  itemsOf: (signal: AbortSignal) => Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const running = new Set<Promise<void>>()
  let failure: {readonly error: unknown} | undefined
  let index = 0
  try {
    for await (const item of itemsOf(both)) {
      if (failure !== undefined || both.aborted) break
      const task: Promise<void> = work(item, index++, both)
        .catch((error: unknown) => {
          failure ??= {error}
          stop.abort(error)
        })
        .finally(() => running.delete(task))
      running.add(task)
      if (running.size >= limit) await Promise.race(running)
    }
  } catch (error) {
    failure ??= {error}
    stop.abort(error)
  } finally {
    await Promise.all(running)
  }
  signal?.throwIfAborted()
  if (failure !== undefined) throw failure.error
}
