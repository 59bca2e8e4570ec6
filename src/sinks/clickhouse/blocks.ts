/**
 * How rows are cut into blocks, each of which is one insert with one token. A run that was killed may be repeated in another way
 * (rows that come from here, rows that are moved on the server): both must cut at the same places.
 *
 * A row belongs to the next block when the number of rows before it, or the bytes of long texts in the rows before it, has passed
 * a multiple of its limit.
 */

/** Rows of one insert. */
export const blockRowsMax = 50_000

/** Bytes of long texts in one insert, which bound its memory. */
export const blockBytesMax = 16 * 1024 * 1024

/** Settings by which an insert is one block for the server, too: there as a whole or not at all, and under one token. */
export const oneBlock = {
  input_format_parallel_parsing: 0,
  min_insert_block_size_rows: String(2 * blockRowsMax),
  min_insert_block_size_bytes: '0',
} as const

/** Shorter texts are not counted: digits may be written in more than one way. */
export const longBytesMin = 256

/** Bytes of a value that count. */
export function longBytesOf(value: unknown): number {
  // A character has at most three bytes of UTF-8 for each of its code units.
  if (typeof value !== 'string' || value.length * 3 <= longBytesMin) return 0
  const bytes = Buffer.byteLength(value)
  return bytes > longBytesMin ? bytes : 0
}

/** One for each table of a batch: it counts from the first row. */
export class BlockCutter {
  #rows = 0
  #bytes = 0

  /** Counts a row. @returns true when the next one belongs to another block */
  ends(longBytes: number): boolean {
    const block = this.#block()
    this.#rows++
    this.#bytes += longBytes
    return this.#block() !== block
  }

  #block(): string {
    return `${Math.floor(this.#rows / blockRowsMax)} ${Math.floor(this.#bytes / blockBytesMax)}`
  }
}
