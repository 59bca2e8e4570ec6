/** Reads many things in their order, the next ones being opened while one is used. */
/** Things that are open at once. Each holds what its socket and its decompressor buffer, a few MiB. */
const openCountMax = 4

type Opened<Piece> = {readonly pieces: AsyncGenerator<Piece>; readonly first: Promise<IteratorResult<Piece>>}

/**
 * All pieces of all sources, in order. Up to `openCountMax` sources are begun: the first piece of each is there, or on its
 * way, when it is its turn. A source that fails does so in its turn.
 */
export async function* readAhead<Piece>(sources: AsyncIterable<AsyncGenerator<Piece>>): AsyncGenerator<Piece> {
  const queue: Opened<Piece>[] = []
  const iterator = sources[Symbol.asyncIterator]()
  let sourcesError: {readonly error: unknown} | undefined
  let isEnd = false
  const fill = async (): Promise<void> => {
    while (!isEnd && queue.length < openCountMax) {
      try {
        const next = await iterator.next()
        if (next.done === true) isEnd = true
        else queue.push(begin(next.value))
      } catch (error) {
        isEnd = true
        sourcesError = {error}
      }
    }
  }
  try {
    for (await fill(); queue.length > 0; await fill()) {
      const opened = queue[0]
      if (opened === undefined) break
      for (let next = await opened.first; next.done !== true; next = await opened.pieces.next()) yield next.value
      queue.shift()
    }
    if (sourcesError !== undefined) throw sourcesError.error
  } finally {
    await Promise.allSettled([...queue.map(({pieces}) => pieces.return(undefined)), iterator.return?.()])
  }
}

function begin<Piece>(pieces: AsyncGenerator<Piece>): Opened<Piece> {
  const first = pieces.next()
  // Looked at in its turn.
  first.catch(() => undefined)
  return {pieces, first}
}
