/** What the standard reduce adds up for one group. */
import type {Cell} from '../../rules/index.ts'
import {makeColumn} from '../columns/index.ts'
import type {Column} from '../contracts.ts'

export interface GroupTotals {
  add(values: readonly unknown[]): void
  /** The group's values; the totals are those of an empty group afterwards. */
  take(): {readonly values: Cell[]; readonly approximate: readonly number[]}
}

/** A value that is neither absent, null nor a number: it counted as 0. */
export type OnCoerced = (position: number, value: unknown) => void

/** Exact sums position by position; rows may differ in length, the totals have the longest. */
export class PositionSums implements GroupTotals {
  readonly #onCoerced: OnCoerced
  readonly #sums: Column[] = []
  #length = 0

  constructor(onCoerced: OnCoerced) {
    this.#onCoerced = onCoerced
  }

  add(values: readonly unknown[]): void {
    for (let position = 0; position < values.length; position++) {
      if (position === this.#sums.length) this.#sums.push(sumColumn())
      if (!this.#sums[position]!.add(0, values[position])) this.#onCoerced(position, values[position])
    }
    if (values.length > this.#length) this.#length = values.length
  }

  take(): {values: Cell[]; approximate: readonly number[]} {
    const values: Cell[] = []
    for (let position = 0; position < this.#length; position++) {
      const sum = this.#sums[position]!
      values.push(sum.finish(0))
      sum.clear()
    }
    this.#length = 0
    return {values, approximate: []}
  }
}

function sumColumn(): Column {
  const sum = makeColumn({aggregate: 'sum', field: '', absent: 0, column: ''})
  sum.grow(1)
  return sum
}

/** A value column of a keyset that is more than a sum. `takesBy`: its value in a pair is the list [value, ordering value]. */
export interface KeysetColumn {
  readonly column: Column
  readonly takesBy: boolean
}

/** The keyset's own aggregates by position; surplus positions are sums. */
export class ColumnTotals implements GroupTotals {
  readonly #columns: readonly KeysetColumn[]
  readonly #surplus: PositionSums
  readonly #onCoerced: OnCoerced

  constructor(columns: readonly KeysetColumn[], onCoerced: OnCoerced) {
    this.#columns = columns
    this.#onCoerced = onCoerced
    this.#surplus = new PositionSums((position, value) => onCoerced(columns.length + position, value))
    for (const {column} of columns) column.grow(1)
  }

  add(values: readonly unknown[]): void {
    const columns = this.#columns
    const count = Math.min(values.length, columns.length)
    for (let position = 0; position < count; position++) {
      const {column, takesBy} = columns[position]!
      const given = values[position]
      const [value, by] = takesBy && Array.isArray(given) ? given : [given, undefined]
      if (!column.add(0, value, by)) this.#onCoerced(position, value)
    }
    if (values.length > columns.length) this.#surplus.add(values.slice(columns.length))
  }

  take(): {values: Cell[]; approximate: readonly number[]} {
    const values: Cell[] = []
    const approximate: number[] = []
    for (const [position, {column}] of this.#columns.entries()) {
      values.push(column.finish(0))
      if (column.isApproximate(0)) approximate.push(position)
    }
    for (const {column} of this.#columns) column.clear()
    values.push(...this.#surplus.take().values)
    return {values, approximate}
  }
}
