/** Reads a small CSV file with a header into rows. The big readers are the engine's; this one is for tables beside a rule. */

/**
 * Rows by column name; all cells are text. Quotes may hold delimiters and line ends and are doubled inside; empty lines are skipped;
 * short rows lack their last columns, what a row has beyond the header is dropped. Line ends may be LF or CRLF, a byte order mark is
 * dropped.
 *
 * @param delimiter - one character
 */
export function parseCsvTable(text: string, delimiter: string): Record<string, string>[] {
  const [header, ...rows] = parseCells(text.startsWith('\ufeff') ? text.slice(1) : text, delimiter)
  if (header === undefined) return []
  return rows.map(cells =>
    Object.fromEntries(header.slice(0, cells.length).map((name, index) => [name, cells[index]!])),
  )
}

function parseCells(text: string, delimiter: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const {cell, end} = cellAt(text, at, delimiter)
    row.push(cell)
    at = end
    if (text[at] === delimiter && at < text.length) {
      at++
      // A delimiter at the very end is followed by one more, empty cell.
      if (at === text.length) row.push('')
      else continue
    }
    if (row.length > 1 || row[0] !== '' || text[at - 1] === '"') rows.push(row)
    row = []
    at += text.startsWith('\r\n', at) ? 2 : 1
  }
  return rows
}

/** A cell from `start`; `end` is where its delimiter or line end stands. */
function cellAt(text: string, start: number, delimiter: string): {readonly cell: string; readonly end: number} {
  let cell = ''
  let at = start
  if (text[at] === '"') {
    at++
    for (;;) {
      const quote = text.indexOf('"', at)
      if (quote === -1) return {cell: cell + text.slice(at), end: text.length}
      cell += text.slice(at, quote)
      at = quote + 1
      if (text[at] !== '"') break
      cell += '"'
      at++
    }
  }
  const from = at
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && !text.startsWith('\r\n', at)) at++
  return {cell: cell + text.slice(from, at), end: at}
}
