/** Cells of staged rows as values of columns: which ones the server can make to the digit, and which rows do not fit. Pure. */
import type {Storage} from '../sql/contracts.ts'
import type {SinkColumn} from '../tables/index.ts'

export interface CellSql {
  /** Of the column's type, or what becomes it without loss. */
  readonly value: string
  /** True for cells that the column can hold. */
  readonly fits: string
}

const digits = '^-?[0-9]+(?:[.][0-9]+)?$'

/** Whether a cell is digits; null of null. */
export const isNumberSql = (cell: string): string => `match(${cell}, '${digits}')`

/**
 * @param cell - SQL of a text, or null
 * @returns undefined when it is left to the encoders here: dates and the like, which the server reads from JSON in its own ways
 */
export function cellSql({type, role}: SinkColumn, storage: Storage, cell: string): CellSql | undefined {
  if (storage.kind === 'text') return {value: cell, fits: '1'}
  if (role === 'key') return undefined
  if (type === 'double') return storage.kind === 'double' ? {value: `toFloat64OrNull(${cell})`, fits: '1'} : undefined
  if (type === 'text' || type === 'json') return undefined
  if (storage.kind === 'integer') {
    const value = `toInt256OrNull(${cell})`
    const isInside = `${value} BETWEEN toInt256('${storage.min}') AND toInt256('${storage.max}')`
    return {value, fits: `(isNull(${cell}) OR (match(${cell}, '^-?[0-9]+$') AND ${isInside}))`}
  }
  if (storage.kind !== 'decimal' || storage.wholeMax === null || storage.fractionMax === null) return undefined
  const whole = `length(replaceRegexpAll(${cell}, '^-?0*|[.].*$', ''))`
  const fraction = `if(position(${cell}, '.') = 0, 0, length(${cell}) - position(${cell}, '.'))`
  const hasRoom = `${whole} <= ${storage.wholeMax} AND ${fraction} <= ${storage.fractionMax}`
  return {
    value: `toDecimal256OrNull(${cell}, ${storage.fractionMax})`,
    fits: `(isNull(${cell}) OR (${isNumberSql(cell)} AND ${hasRoom}))`,
  }
}
