/** What a file looks like by its first bytes. A guess for infer and for messages; readers never guess. */
import type {FormatNode} from '../../rules/index.ts'
import {guessLineCountMax} from '../limits.ts'
import {knownLinesOf} from './known-lines.ts'

export type GuessedFormat = Exclude<FormatNode, {readonly format: 'custom'}>

const commonLogStart =
  /^\S+ \S+ .+? \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)/
const combinedLogEnd = / "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"/
const logfmtPair = /(?:^|\s)[A-Za-z_][\w.\-/@]*=(?:"(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s|$)/g
const delimiters = [',', '\t', ';', '|'] as const
/** Share of lines that must look alike: real logs hold stack traces and broken lines. */
const agreeShareMin = 0.8
/** Less is enough for JSON, since a line that parses as an object is hardly anything else, and for files whose name says CSV. */
const evidentShareMin = 0.5

/** Bytes in which the beginning of a list is looked for: blanks before its first object. */
const guessListBytes = 1024

/**
 * Guesses the format of a file.
 *
 * @param firstBytes - its beginning, decompressed; some ten kilobytes are plenty, the last line may be cut
 * @param name - of the file: what is called CSV may have more rows that fit badly
 * @returns null when nothing fits, or when there is not a single line
 */
export function guessFormat(firstBytes: Uint8Array, name = ''): GuessedFormat | null {
  const lines = firstLines(firstBytes)
  if (lines.length === 0 || isOneList(firstBytes)) return null
  const share = (fits: (line: string) => boolean): number => lines.filter(fits).length / lines.length
  if (share(isJsonObject) >= evidentShareMin) return {format: 'json'}
  if (share(line => commonLogStart.test(line)) >= agreeShareMin) {
    const isCombined = share(line => combinedLogEnd.test(line.replace(commonLogStart, ''))) >= agreeShareMin
    return {format: isCombined ? 'combined-log' : 'common-log'}
  }
  const known = knownLinesOf(lines, agreeShareMin)
  if (known !== undefined) return {format: 'regex', pattern: known.pattern}
  if (share(isLogfmt) >= agreeShareMin) return {format: 'logfmt'}
  return guessCsv(lines, /\.[ct]sv(?:\.\w+)?$/i.test(name) ? evidentShareMin : agreeShareMin)
}

/** One JSON list of objects, over however many lines: of its lines some would pass for records. */
export function isOneList(firstBytes: Uint8Array): boolean {
  return /^\s*\[\s*\{\s*["}]/.test(new TextDecoder().decode(firstBytes.subarray(0, guessListBytes)))
}

/**
 * The names of a W3C extended log (IIS, CloudFront), which says them in a comment; undefined when it is none.
 * Its comments stand between records, so that no format of ours reads it as it is.
 */
export function extendedLogNames(
  firstBytes: Uint8Array,
): {readonly names: string[]; readonly delimiter: string} | undefined {
  const lines = firstLines(firstBytes)
  const named = lines.find(line => line.startsWith('#Fields:'))
  if (named === undefined || lines[0]?.startsWith('#') !== true) return undefined
  const record = lines.find(line => !line.startsWith('#'))
  const names = named.slice('#Fields:'.length).trim().split(/\s+/)
  return {names, delimiter: record?.includes('\t') ? 'tab' : ' '}
}

/** Names that stand more than once in the header of a CSV file. */
export function repeatedNames(firstBytes: Uint8Array, delimiter: string): string[] {
  const names = rowsOf(firstLines(firstBytes), delimiter)[0] ?? []
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

/** Complete lines that hold something. A cut last line is used only when it is the only one. */
function firstLines(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes)
  const lines = text.split('\n')
  if (lines.length > 1) lines.pop()
  return lines
    .map(line => line.replace(/\r$/, ''))
    .filter(line => line.trim() !== '')
    .slice(0, guessLineCountMax)
}

function isJsonObject(line: string): boolean {
  const text = line.trim()
  if (!text.startsWith('{')) return false
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    // The only line of a short beginning may be cut; one complete member is enough to tell.
    return /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.+-]+|[[{])\s*[,[{"]?/.test(text)
  }
}

function isLogfmt(line: string): boolean {
  const pairs = line.match(logfmtPair)
  if (pairs === null || pairs.length < 2) return false
  const covered = pairs.reduce((sum, pair) => sum + pair.length, 0)
  return covered >= line.length * agreeShareMin
}

/** The delimiter by which most rows are as wide as the first one; of equals the one that comes first. */
function guessCsv(lines: readonly string[], shareMin: number): GuessedFormat | null {
  // Programs and archives have lines as well.
  if (lines.some(line => line.includes('\0'))) return null
  let best: {readonly share: number; readonly guess: GuessedFormat} | undefined
  for (const delimiter of delimiters) {
    const rows = rowsOf(lines, delimiter)
    const width = rows[0]?.length ?? 0
    if (width < 2) continue
    // A trailing delimiter may change the count of some rows.
    const share = rows.filter(row => row.length === width || row.length === width + 1).length / rows.length
    if (share < shareMin || share <= (best?.share ?? 0)) continue
    best = {share, guess: {format: 'csv', fields: hasHeader(rows) ? 'header' : null, delimiter}}
  }
  return best?.guess ?? null
}

/** A quoted cell may go on over so many lines; past that its quote is taken for a stray one: longer cells are rare, stray quotes are not. */
const cellLineCountMax = 20

/** Rows of cells: a quoted cell may go on in the next lines. */
function rowsOf(lines: readonly string[], delimiter: string): string[][] {
  const rows: string[][] = []
  for (let index = 0; index < lines.length; index++) {
    const alone = cellsOf(lines[index]!, delimiter)
    let row = alone
    let end = index
    let text = lines[index]!
    while (row.isOpen && end + 1 < lines.length && end - index < cellLineCountMax) {
      text += `\n${lines[++end]!}`
      row = cellsOf(text, delimiter)
    }
    if (!row.isOpen) index = end
    rows.push(row.isOpen ? alone.cells : row.cells)
  }
  return rows
}

/** The cells of one row, quotes respected. `isOpen`: it ends inside quotes. */
function cellsOf(line: string, delimiter: string): {readonly cells: string[]; readonly isOpen: boolean} {
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let index = 0; index < line.length; index++) {
    const char = line[index]!
    if (isQuoted && char === '"' && line[index + 1] === '"') {
      cell += '"'
      index++
    } else if (char === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted
    else if (char === delimiter && !isQuoted) {
      cells.push(cell)
      cell = ''
    } else cell += char
  }
  cells.push(cell)
  return {cells, isOpen: isQuoted}
}

/** A first row without numbers over columns of numbers, or of different, filled, wordlike cells over rows that look otherwise. */
function hasHeader(rows: readonly (readonly string[])[]): boolean {
  const [first, ...rest] = rows
  if (first === undefined || rest.length === 0) return false
  const isNumber = (cell: string | undefined): boolean => cell !== undefined && /^\s*[+-]?\d[\d.,]*\s*$/.test(cell)
  if (first.some(isNumber)) return false
  // Names may be missing there, or stand twice: exports have both.
  const isNumeric = (column: number): boolean => {
    const filled = rest.map(row => row[column]?.trim() ?? '').filter(cell => cell !== '')
    return filled.length >= rest.length / 2 && filled.filter(isNumber).length >= filled.length * agreeShareMin
  }
  if (first.some((cell, column) => cell.trim() !== '' && isNumeric(column))) return true
  if (first.some(cell => cell.trim() === '') || new Set(first).size < first.length) return false
  const isName = (cell: string): boolean => /^[a-z][a-z0-9_]*$/.test(cell)
  return first.every(isName) && rest.some(row => row.some(cell => cell !== '' && !isName(cell)))
}
