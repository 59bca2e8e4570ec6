import type {ResultRow} from '../../../src/engine/index.ts'
import type {Cell, Decimal} from '../../../src/rules/index.ts'
import type {KeysetHeader} from '../../../src/sinks/index.ts'

export function headerOf(name: string, columns: readonly string[], keyCount = 1): KeysetHeader {
  return {name, columns, keyCount, table: null}
}

export function rowOf(
  keyset: string,
  key: readonly string[],
  values: readonly Cell[],
  approximate: readonly number[] = [],
): ResultRow {
  return {keyset, key, values, approximate}
}

/** A number with more digits than a double. */
export function decimal(text: string): Decimal {
  return {toString: () => text, valueOf: () => Number(text)}
}

export function textOf(chunks: Iterable<string>): string {
  return [...chunks].join('')
}

/** Rows that fail after the first ones, and tell whether they were ended. */
export class FailingRows implements Iterable<ResultRow> {
  isEnded = false
  readonly rows: readonly ResultRow[]
  readonly error: Error | undefined

  constructor(rows: readonly ResultRow[], error?: Error) {
    this.rows = rows
    this.error = error
  }

  *[Symbol.iterator](): Iterator<ResultRow> {
    try {
      yield* this.rows
      if (this.error) throw this.error
    } finally {
      this.isEnded = true
    }
  }
}
