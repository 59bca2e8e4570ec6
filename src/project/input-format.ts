/** The format of inputs that nobody named a format for. */
import {printable, UserError} from '../base/index.ts'
import type {Format} from '../rules/index.ts'
import {findInputs, firstBytesOf, peekStandardInput} from '../worker/index.ts'
import {extendedLogNames, type GuessedFormat, guessFormat, isOneList} from './infer/guess-format.ts'
import {knownLines} from './infer/known-lines.ts'

export interface GuessedInput {
  readonly format: Format
  readonly node: GuessedFormat
  /** For a note: `CSV with a header, delimiter ";"`. */
  readonly description: string
  /** Its field `time` may lack the year. */
  readonly isYearless: boolean
}

/** Bytes that a guess looks at. */
const guessBytes = 64 * 1024

/** Files that are looked at. */
const guessFileCountMax = 20

/**
 * Guesses by the first bytes of the first input that looks like something: folders hold other files, too. Standard input that looks like nothing, or is not there yet to be looked at, is JSON.
 *
 * @throws UserError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function guessInputFormat(inputs: readonly string[]): Promise<GuessedInput> {
  const files = findInputs(inputs).files.filter(({bytes = 0}) => bytes > 0)
  const [first] = files
  if (first === undefined) return inputOfNode((await guessStandardInput(inputs)) ?? {format: 'json'})
  for (const file of files.slice(0, guessFileCountMax)) {
    const bytes = await firstBytesOf(file, guessBytes)
    const guess = isUtf16(bytes) ? null : guessFormat(bytes, file.name)
    if (guess !== null) return inputOfNode(guess)
  }
  throw unknownFormat(first.name, await firstBytesOf(first, guessBytes))
}

/** The first lines that come through a pipe may be few: what they are not sure of is no error. */
async function guessStandardInput(inputs: readonly string[]): Promise<GuessedFormat | null> {
  if (!inputs.includes('-') || process.stdin.isTTY) return null
  return guessFormat(await peekStandardInput())
}

/** Says what can be done, where it is plain what the file is. */
function unknownFormat(name: string, bytes: Uint8Array): UserError {
  const file = printable(name)
  const refused = (what: string, hint: string): UserError =>
    new UserError('INPUT_UNREADABLE', `${file} ${what}`, {hint, exitCode: 2})
  if (isUtf16(bytes)) return refused('is UTF-16', `convert it: iconv -f UTF-16 -t UTF-8 ${file}`)
  if (isOneList(bytes)) {
    return refused('is one JSON list', `make lines of it: jq -c '.[]' ${file}`)
  }
  const extended = extendedLogNames(bytes)
  if (extended !== undefined) {
    const {names, delimiter} = extended
    const flags = `--delimiter ${delimiter === ' ' ? "' '" : delimiter} --names ${names.map(printable).join(',')}`
    return refused(
      'is a W3C extended log, with comments between its records',
      `leave them out: grep -v '^#' ${file} | inferno query ${flags} -k … -`,
    )
  }
  return new UserError('INPUT_UNREADABLE', `cannot tell how ${file} is written`, {
    hint: 'say it with --from json|csv|logfmt|combined-log … (--delimiter for CSV), or give --pattern with named groups',
    exitCode: 2,
  })
}

/** As spreadsheets write it: with a mark at the beginning. */
const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)

/** How a person says that an input is written; all undefined: nothing was said. */
export interface SaidFormat {
  readonly from?: string | undefined
  /** One character, or `tab`. */
  readonly delimiter?: string | undefined
  /** Of the columns, separated by commas, where the first row has none. */
  readonly names?: string | undefined
}

/**
 * What --from, --delimiter and --names say.
 *
 * @returns undefined when nothing was said
 * @throws UserError BAD_FLAG when they contradict one another
 */
export function formatNodeOf({from, delimiter, names}: SaidFormat): GuessedFormat | undefined {
  const flag = delimiter !== undefined ? '--delimiter' : names !== undefined ? '--names' : undefined
  if (from === undefined && flag === undefined) return undefined
  const base = from === 'tsv' ? '\t' : ','
  if (from === undefined || from === 'csv' || from === 'tsv') {
    const fields = names === undefined ? 'header' : names.split(',').map(name => name.trim())
    return {format: 'csv', fields, delimiter: delimiter === undefined ? base : delimiterOf(delimiter)}
  }
  if (flag === undefined) return {format: from as 'json' | 'logfmt' | 'common-log' | 'combined-log'}
  throw new UserError('BAD_FLAG', `${flag} is for CSV, not for --from ${from}`, {hint: 'leave one out', exitCode: 2})
}

function delimiterOf(text: string): string {
  const delimiter = text === 'tab' || text === '\\t' ? '\t' : text
  // What the reader can cut at; quotes and line ends have their own meaning.
  if (/^[^"\r\n\u0000\u0080-\uffff]$/.test(delimiter)) return delimiter
  throw new UserError('BAD_FLAG', `--delimiter is "${printable(text)}", expected one ASCII character or tab`, {
    hint: "quote it for the shell: --delimiter ';'",
    exitCode: 2,
  })
}

/** A node as a rule says it, and in words. */
export function inputOfNode(node: GuessedFormat): GuessedInput {
  if (node.format === 'regex') {
    const {pattern} = node
    const known = knownLines.find(each => each.pattern === pattern)
    const fields = [...pattern.matchAll(/\(\?<(\w+)>/g)].map(([, field]) => field)
    const description = `${known?.name ?? 'lines'}: ${fields.join(', ')}`
    return {format: {type: 'regex', pattern}, node, description, isYearless: known?.isYearless === true}
  }
  if (node.format !== 'csv' && node.format !== 'dynamic')
    return {format: node.format, node, description: node.format, isYearless: false}
  const format: Format = {
    type: node.format,
    delimiter: node.delimiter,
    ...(node.fields === null ? {} : {fields: node.fields}),
  }
  const names = node.fields === 'header' ? 'with a header' : 'without a header (columns 0, 1, 2 …)'
  const description = `${node.format} ${names}, delimiter ${JSON.stringify(node.delimiter)}`
  return {format, node, description, isYearless: false}
}
