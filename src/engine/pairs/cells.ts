/** What a rule's own reduce may put into a row. */
import type {Cell} from '../../rules/index.ts'
import {Decimal} from '../numbers/index.ts'

/** A value as a cell: what no output can show is null, dates are ISO text, all else stays as it is. */
export function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case 'undefined':
    case 'function':
    case 'symbol':
      return null
    case 'object':
      if (value === null || value instanceof Decimal) return value
      return 'toJSON' in value && typeof value.toJSON === 'function' ? cellOf(value.toJSON()) : (value as Cell)
    default:
      return value as Cell
  }
}
