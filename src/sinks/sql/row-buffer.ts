/** Rows on their way into one statement, bounded in rows and characters. */
import type {SqlValue} from './contracts.ts'
import {chunkCharsMax, chunkRowsMax} from './limits.ts'

export interface BufferedRow {
  readonly values: readonly SqlValue[]
  /** Stands for the row's key; empty when rows are not added to others. */
  readonly key: string
}

/**
 * Collects rows. With keys, never two rows of one key: a statement may not change the same row twice; the second one is held
 * back for the next statement.
 */
export class RowBuffer {
  #rows: BufferedRow[] = []
  #chars = 0
  #held: BufferedRow | undefined
  readonly #keys = new Set<string>()

  /** @returns true when the rows should be taken before another one comes */
  push(row: BufferedRow): boolean {
    if (row.key !== '' && this.#keys.has(row.key)) {
      this.#held = row
      return true
    }
    this.#add(row)
    return this.#rows.length >= chunkRowsMax || this.#chars >= chunkCharsMax
  }

  /** The rows of the next statement; empty when there are no more. */
  take(): readonly BufferedRow[] {
    const rows = this.#rows
    this.#rows = []
    this.#chars = 0
    this.#keys.clear()
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) this.#add(held)
    return rows
  }

  get isHolding(): boolean {
    return this.#held !== undefined
  }

  #add(row: BufferedRow): void {
    this.#rows.push(row)
    if (row.key !== '') this.#keys.add(row.key)
    for (const value of row.values) this.#chars += typeof value === 'string' ? value.length + 4 : 8
  }
}
