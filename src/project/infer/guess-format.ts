/** What a file looks like by its first bytes. A guess for infer and for messages; readers never guess. */
import type {FormatNode} from '../../rules/index.ts'
import {guessLineCountMax} from '../limits.ts'

export type GuessedFormat = Exclude<FormatNode, {readonly format: 'custom' | 'regex'}>

const commonLogStart =
  /^\S+ \S+ .+? \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)/
const combinedLogEnd = / "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"/
const logfmtPair = /(?:^|\s)[A-Za-z_][\w.\-/@]*=(?:"(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s|$)/g
const delimiters = [',', '\t', ';', '|'] as const
/** Share of lines that must look alike: real logs hold stack traces and broken lines. */
const agreeShareMin = 0.8
/** JSON needs less: a line that parses as an object is hardly anything else. */
const jsonShareMin = 0.5

/**
 * Guesses the format of a file.
 *
 * @param firstBytes - its beginning, decompressed; some ten kilobytes are plenty, the last line may be cut
 * @returns null when nothing fits, or when there is not a single line
 */
export function guessFormat(firstBytes: Uint8Array): GuessedFormat | null {
  const lines = firstLines(firstBytes)
  if (lines.length === 0) return null
  const share = (fits: (line: string) => boolean): number => lines.filter(fits).length / lines.length
  if (share(isJsonObject) >= jsonShareMin) return {format: 'json'}
  if (share(line => commonLogStart.test(line)) >= agreeShareMin) {
    const isCombined = share(line => combinedLogEnd.test(line.replace(commonLogStart, ''))) >= agreeShareMin
    return {format: isCombined ? 'combined-log' : 'common-log'}
  }
  if (share(isLogfmt) >= agreeShareMin) return {format: 'logfmt'}
  return guessCsv(lines)
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

function guessCsv(lines: readonly string[]): GuessedFormat | null {
  for (const delimiter of delimiters) {
    const rows = lines.map(line => cellsOf(line, delimiter))
    const width = rows[0]?.length ?? 0
    if (width < 2) continue
    // A trailing delimiter, or a cell that continues on the next line, may change the count of some rows.
    const alike = rows.filter(row => row.length === width || row.length === width + 1).length
    if (alike < rows.length * agreeShareMin) continue
    return {format: 'csv', fields: hasHeader(rows) ? 'header' : null, delimiter}
  }
  return null
}

/** The cells of one line, quotes respected. */
function cellsOf(line: string, delimiter: string): string[] {
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
  return cells
}

/** A first row of different, filled, wordlike cells over rows that look otherwise. */
function hasHeader(rows: readonly (readonly string[])[]): boolean {
  const [first, ...rest] = rows
  if (first === undefined || rest.length === 0) return false
  const isNumber = (cell: string | undefined): boolean => cell !== undefined && /^\s*[+-]?\d[\d.,]*\s*$/.test(cell)
  if (first.some(cell => cell.trim() === '' || isNumber(cell)) || new Set(first).size < first.length) return false
  if (first.some((_, column) => rest.filter(row => isNumber(row[column])).length >= rest.length * agreeShareMin))
    return true
  const isName = (cell: string): boolean => /^[a-z][a-z0-9_]*$/.test(cell)
  return first.every(isName) && rest.some(row => row.some(cell => cell !== '' && !isName(cell)))
}
