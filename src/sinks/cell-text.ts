/** One cell as text. Whole numbers never get an exponent, Decimal and bigint keep their digits, null is nothing. */
import type {Cell, Decimal} from '../rules/index.ts'

/**
 * A cell as CSV and tables show it: null is empty, text is itself, arrays and objects are compact JSON.
 *
 * Postprocessors are the author's code, so values outside `Cell` (undefined, Date, NaN) are spelt out too and never throw.
 */
export function cellText(cell: Cell): string {
  switch (typeof cell) {
    case 'string':
      return cell
    case 'number':
      return numberText(cell)
    case 'object':
      if (cell === null) return ''
      return isDecimal(cell) ? cell.toString() : unquoted(cellJson(cell))
    case 'undefined':
      return ''
    default:
      return String(cell)
  }
}

/** A cell as JSON. Numbers keep all their digits (a reader may round them); what JSON cannot say is null. */
export function cellJson(cell: Cell): string {
  switch (typeof cell) {
    case 'string':
      return JSON.stringify(cell)
    case 'number':
      return Number.isFinite(cell) ? numberText(cell) : 'null'
    case 'bigint':
    case 'boolean':
      return String(cell)
    case 'object':
      return objectJson(cell)
    default:
      return 'null'
  }
}

/** True for values that tables align right and group by three. */
export function isNumeric(cell: Cell): boolean {
  return (
    typeof cell === 'number' ||
    typeof cell === 'bigint' ||
    (typeof cell === 'object' && cell !== null && isDecimal(cell))
  )
}

/** Shortest text that reads back as the same double; whole numbers are written out, where String would say `1e+21`. */
function numberText(value: number): string {
  const text = String(value)
  if (Math.abs(value) < 1e21) return text
  const match = /^(-?)(\d)(?:\.(\d+))?e\+(\d+)$/.exec(text)
  if (!match) return text
  const [, sign, first, fraction = '', exponent] = match
  return `${sign}${first}${fraction.padEnd(Number(exponent), '0')}`
}

function objectJson(cell: Exclude<Cell, string | number | bigint | boolean>): string {
  if (cell === null) return 'null'
  if (Array.isArray(cell)) return `[${cell.map(cellJson).join(',')}]`
  if (isDecimal(cell)) return cell.toString()
  if (cell instanceof Date) return JSON.stringify(cell)
  const fields = Object.entries(cell as Readonly<Record<string, Cell>>)
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${cellJson(value)}`).join(',')}}`
}

/** A Decimal is known by its number value; a plain object's `valueOf` is itself, or data when a field has that name. */
function isDecimal(cell: object): cell is Decimal {
  return typeof cell.valueOf === 'function' && typeof cell.valueOf() === 'number' && !(cell instanceof Date)
}

/** A Date's JSON is a quoted text; in a cell the quotes would only be noise. */
function unquoted(json: string): string {
  return json.startsWith('"') ? json.slice(1, -1) : json
}
