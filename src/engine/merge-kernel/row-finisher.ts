/** Rows whose values the merge kernel leaves to the columns. */
import {assert} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import {ByteCursor} from '../bytes/index.ts'
import {type ColumnNode, makeColumn} from '../columns/index.ts'

/** The text of the values of a row, and what ends it; `approximate`: which of them are estimates. */
export type FinishRow = (values: readonly Cell[], approximate: readonly number[]) => string

/** Finishes rows one after the other, and counts the estimates in them. */
export class RowFinisher {
  /** In how many rows a column is an estimate, by its index. */
  readonly estimates = new Map<number, number>()
  /** Rows so far. */
  rows = 0
  readonly #columns
  readonly #finish: FinishRow
  readonly #cursor = new ByteCursor()

  constructor(columns: readonly ColumnNode[], finish: FinishRow) {
    this.#columns = columns.map(makeColumn)
    this.#finish = finish
    for (const column of this.#columns) column.grow(1)
  }

  /** @param states - of the group, in each run that holds it */
  textOf(states: readonly Uint8Array[]): Buffer {
    for (const column of this.#columns) column.clear()
    for (const bytes of states) {
      this.#cursor.open(bytes)
      for (const column of this.#columns) column.merge(0, this.#cursor)
      assert(this.#cursor.isAtEnd, 'a run holds the states of exactly these columns')
    }
    const approximate: number[] = []
    const values = this.#columns.map((column, index) => {
      if (column.isApproximate(0)) {
        approximate.push(index)
        this.estimates.set(index, (this.estimates.get(index) ?? 0) + 1)
      }
      return column.finish(0)
    })
    this.rows++
    return Buffer.from(this.#finish(values, approximate))
  }
}
