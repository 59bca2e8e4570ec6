/** For a promise that is awaited later: until then its failure must not be taken for one that nobody waits for. */
export const ignoreUntilAwaited = (): undefined => undefined

/** The stream, ended with the signal's reason also while it has nothing to give. */
export async function* abortable(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted()
  const {promise, reject} = Promise.withResolvers<never>()
  promise.catch(ignoreUntilAwaited)
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, {once: true})
  const iterator = source[Symbol.asyncIterator]()
  let isDone = false
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), promise])
      isDone = next.done === true
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Not awaited: a source that hangs would hang its end too.
    if (!isDone) iterator.return?.().catch(ignoreUntilAwaited)
  }
}
