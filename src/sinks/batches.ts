/** Many small chunks become few large ones, so that a row does not cost a system call. */
import {batchBytesMin, batchCharsMax} from './limits.ts'

/** Text is joined up to batchCharsMax characters; bytes pass as they are. Order is kept, empty chunks vanish. */
export function* batchesOf(chunks: Iterable<string | Uint8Array>): Iterable<string | Uint8Array> {
  let text = ''
  for (const chunk of chunks) {
    if (typeof chunk === 'string') {
      text += chunk
      if (text.length < batchCharsMax) continue
    }
    if (text !== '') yield text
    text = ''
    if (typeof chunk !== 'string' && chunk.length > 0) yield chunk
  }
  if (text !== '') yield text
}

/**
 * Bytes are joined up to batchBytesMin; larger pieces pass as they are. Pieces are given up: what a large one has behind it is freed once the next
 * batch is asked for. Left to the garbage collector all of them would stand side by side, each in memory that is new, and begin a collection.
 */
export async function* byteBatchesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    if (bytes + piece.length >= batchBytesMin) {
      if (bytes > 0) yield Buffer.concat(held)
      held = []
      bytes = 0
    }
    if (piece.length >= batchBytesMin) {
      yield piece
      free(piece)
    } else if (piece.length > 0) {
      held.push(piece)
      bytes += piece.length
    }
  }
  if (bytes > 0) yield Buffer.concat(held)
}

function free({buffer}: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
