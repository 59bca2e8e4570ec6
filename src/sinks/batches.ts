/** Many small chunks become few large ones, so that a row does not cost a system call. */
import {batchCharsMax} from './limits.ts'

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
