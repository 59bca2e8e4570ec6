/** Results row for row: keys and counts exactly, sums to nine digits because most engines add doubles. */
import {readFileSync} from 'node:fs'

const sumTolerance = 1e-9
/** Between the keys of a row; no key of the generated data holds it. */
const separator = '\u001f'

/**
 * Reads a result.
 *
 * Ours has a header in front of each table. The others have none; if the case has several tables, their rows start with
 * the number of the table and then have all keys of all tables, empty where they are another table's.
 *
 * @returns {Map<string, readonly string[]>} number of the table and keys to count and, when the case has one, the sum
 */
export function readResult(path, one, hasHeader) {
  const text = readFileSync(path, 'utf8')
  return hasHeader ? rowsBehindHeaders(text, one) : rowsOfAll(text, one)
}

function rowsBehindHeaders(text, {keysets}) {
  const headers = keysets.map(({keys, sum}) => [...keys, 'count', ...(sum === undefined ? [] : [sum])].join(separator))
  const rows = new Map()
  let table = -1
  forEachCsvRow(text, cells => {
    const next = headers.indexOf(cells.join(separator))
    if (next >= 0) table = next
    else addRow(rows, table, cells.slice(0, keysets[table].keys.length), cells.slice(keysets[table].keys.length))
  })
  return rows
}

function rowsOfAll(text, {keysets}) {
  const all = allKeys(keysets)
  const rows = new Map()
  forEachCsvRow(text, cells => {
    if (keysets.length === 1) return addRow(rows, 0, cells.slice(0, all.length), cells.slice(all.length))
    const table = Number(cells[0])
    const {keys, sum} = keysets[table]
    const values = cells.slice(1 + all.length, 1 + all.length + (sum === undefined ? 1 : 2))
    return addRow(
      rows,
      table,
      keys.map(key => cells[1 + all.indexOf(key)]),
      values,
    )
  })
  return rows
}

/** A row that comes twice shows as a row of its own. */
function addRow(rows, table, keys, values) {
  let key = `${table}${separator}${keys.join(separator)}`
  while (rows.has(key)) key += `${separator}again`
  rows.set(key, values)
}

/** The keys of all tables, each once. */
export function allKeys(keysets) {
  return [...new Set(keysets.flatMap(({keys}) => keys))]
}

/** CSV with quotes doubled inside quotes; line breaks may stand in them. */
function forEachCsvRow(text, onRow) {
  let cells = []
  for (let at = 0; at < text.length; ) {
    let end
    if (text[at] === '"') {
      end = at + 1
      while (text[end] !== '"' || text[end + 1] === '"') {
        if (end >= text.length) throw new Error('a quoted cell does not end')
        end += text[end] === '"' ? 2 : 1
      }
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'))
      end++
    } else {
      end = at
      while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++
      cells.push(text.slice(at, end))
    }
    if (text[end] === ',') {
      at = end + 1
      continue
    }
    at = text[end] === '\r' ? end + 2 : end + 1
    if (cells.length > 1 || cells[0] !== '') onRow(cells)
    cells = []
  }
}

/** @returns {string | undefined} the first difference */
export function differenceOf(expected, found) {
  if (expected.size !== found.size) return `${found.size} rows instead of ${expected.size}`
  for (const [key, values] of expected) {
    const other = found.get(key)
    const name = key.split(separator).slice(1).join(', ')
    if (other === undefined) return `no row for ${name}`
    if (!isSame(values, other)) return `${name}: ${other.join(', ')} instead of ${values.join(', ')}`
  }
  return undefined
}

function isSame([count, sum], [otherCount, otherSum]) {
  if (count !== otherCount || (sum === undefined) !== (otherSum === undefined)) return false
  if (sum === otherSum) return true
  return Math.abs(Number(sum) - Number(otherSum)) <= sumTolerance * Math.max(1, Math.abs(Number(sum)))
}
