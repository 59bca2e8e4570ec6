/** HTTP ranges of one blob. Pure. */

export interface ByteRange {
  readonly start: number
  /** Behind the last byte. */
  readonly end: number
}

/**
 * What a `Range` header asks for. Of several ranges, and of units that are not bytes, nothing is understood: the whole blob
 * is answered then, as the standard allows.
 *
 * @returns `whole` for no (usable) header, `unsatisfiable` when no byte of the blob is asked for
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? '')
  if (match === null) return 'whole'
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return 'whole'
  if (first === '') {
    const count = Math.min(Number(last), bytes)
    return count === 0 ? 'unsatisfiable' : {start: bytes - count, end: bytes}
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole'
  if (start >= bytes) return 'unsatisfiable'
  return {start, end: last === '' ? bytes : Math.min(Number(last) + 1, bytes)}
}
