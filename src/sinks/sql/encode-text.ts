/** Cells as text that a database reads as its own type: PostgreSQL and MySQL. Nothing that would lose digits passes. */
import type {Cell} from '../../rules/index.ts'
import {cellJson, cellText, isNumeric} from '../cell-text.ts'
import {digitCounts, digitsOf} from '../tables/index.ts'
import {Misfit, type SettledColumn, type SqlValue} from './contracts.ts'

export interface TextEncoding {
  /** Of text in this database: characters it cannot hold replaced. */
  readonly clean: (text: string) => string
  /** Type names for hints. */
  readonly exactType: string
  readonly textType: string
}

type Encoder = (cell: Cell) => SqlValue | Misfit

/**
 * By the storage of the column: a number that would lose digits or leave its range is a Misfit, text is cleaned, null stays null.
 */
export function textEncoder(column: SettledColumn, {clean, exactType, textType}: TextEncoding): Encoder {
  const {storage} = column
  switch (storage.kind) {
    case 'json':
      return cell => (cell === null ? null : clean(cellJson(cell)))
    case 'integer':
      return orNull(cell => integerText(cell, storage.min, storage.max, {exactType, textType}))
    case 'decimal':
      return orNull(cell => decimalText(cell, storage.wholeMax, storage.fractionMax, {exactType, textType}))
    case 'double':
      return orNull(cell => doubleText(cell, column.type === 'double', {exactType, textType}))
    default:
      return cell => {
        if (typeof cell === 'string') return clean(cell)
        if (cell === null || cell === undefined) return null
        return clean(column.type === 'json' ? cellJson(cell) : cellText(cell))
      }
  }
}

interface Wanted {
  readonly exactType: string
  readonly textType: string
}

function orNull(encode: Encoder): Encoder {
  return cell => (cell === null || cell === undefined ? null : encode(cell))
}

function integerText(cell: Cell, min: bigint, max: bigint, wanted: Wanted): string | Misfit {
  if (typeof cell === 'number' && cell >= 0 && cell <= 2147483647 && Number.isInteger(cell) && max >= 2147483647n) {
    return String(cell)
  }
  const digits = digitsOf(cell)
  if (digits === undefined) return notANumber(cell, wanted)
  if (digits.includes('.')) return new Misfit('a fraction', wanted.exactType)
  const value = BigInt(digits)
  return value < min || value > max ? new Misfit('a number beyond its range', wanted.exactType) : digits
}

function decimalText(cell: Cell, wholeMax: number | null, fractionMax: number | null, wanted: Wanted): string | Misfit {
  const digits = digitsOf(cell)
  if (digits === undefined) return notANumber(cell, wanted)
  if (wholeMax === null || fractionMax === null) return digits
  if (digits.length <= Math.min(wholeMax, 15) && !digits.includes('.')) return digits
  const {whole, fraction} = digitCounts(digits)
  if (whole > wholeMax) return new Misfit(`${whole} digits before the point, it holds ${wholeMax}`, wanted.textType)
  if (fraction > fractionMax)
    return new Misfit(`${fraction} digits after the point, it holds ${fractionMax}`, wanted.textType)
  return digits
}

function doubleText(cell: Cell, mayRound: boolean, wanted: Wanted): string | Misfit {
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : notANumber(cell, wanted)
  const digits = digitsOf(cell)
  if (digits === undefined) return notANumber(cell, wanted)
  if (mayRound || digitsOf(Number(digits)) === digits) return digits
  return new Misfit('more digits than a double holds', wanted.exactType)
}

function notANumber(cell: Cell, wanted: Wanted): Misfit {
  return new Misfit(isNumeric(cell) ? 'a number without digits' : 'something that is no number', wanted.textType)
}
