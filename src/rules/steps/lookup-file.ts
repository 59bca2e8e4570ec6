/**
 * lookupFile: a lookup table from a file.
 *
 * The one place in `rules` that reads a file. It runs while the rule file is loaded, in Node, and what it reads becomes part of the plan;
 * nothing reads the file again.
 */
import {readFileSync} from 'node:fs'
import {dirname, extname, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {messageOf, UserError} from '../../base/index.ts'
import type {PreprocessStep} from '../types.ts'
import {checkOptions, checkText, refuse, show} from './check-arguments.ts'
import {parseCsvTable} from './csv-table.ts'
import {type LookupColumns, type LookupTable, lookup} from './lookup.ts'

export interface LookupFileOptions extends LookupColumns {
  /** A `.csv` or `.tsv` file with a header, or a `.json` file with a list of rows or an object of them. */
  readonly file: string
  /** `import.meta.url` of the rule: the file's name is then relative to the rule, else to the working directory. */
  readonly base?: string
  /** The column that is compared with the field; an object of rows in JSON needs none. */
  readonly key?: string
  /** Of a CSV file; a comma unless given. */
  readonly delimiter?: string
}

/**
 * Adds columns of a table in a file to records:
 * `lookupFile('country', {file: 'countries.csv', base: import.meta.url, key: 'code', columns: ['name']})`.
 *
 * Cells of CSV are text. Integers beyond 2^53 in JSON become text, so that they keep their digits.
 *
 * @throws UserError INPUT_NOT_FOUND, INPUT_UNREADABLE, and BAD_RULE like lookup
 */
export function lookupFile(field: string, options: LookupFileOptions): PreprocessStep {
  checkOptions('lookupFile', options, ['file', 'base', 'key', 'delimiter', 'columns', 'unmatched'])
  const {file, base, delimiter, ...rest} = options
  checkText('lookupFile', 'the file', file)
  const path = base === undefined ? resolve(file) : resolve(folderOf(base), file)
  return lookup(field, {...rest, table: readTable(path, delimiter)})
}

function folderOf(base: string): string {
  checkText('lookupFile', 'the base', base)
  return base.startsWith('file:') ? dirname(fileURLToPath(base)) : base
}

function readTable(path: string, delimiter: string | undefined): LookupTable {
  const kind = extname(path).toLowerCase()
  switch (kind) {
    case '.csv':
      return parseCsvTable(readText(path), checkDelimiter(delimiter ?? ','))
    case '.tsv':
      return parseCsvTable(readText(path), checkDelimiter(delimiter ?? '\t'))
    case '.json':
      return parseJsonTable(readText(path), path)
    default:
      return refuse('lookupFile', `the file ${show(path)} is none of .csv, .tsv and .json`)
  }
}

function checkDelimiter(delimiter: string): string {
  if (delimiter.length !== 1 || '"\r\n'.includes(delimiter))
    refuse('lookupFile', `the delimiter is ${show(delimiter)}, expected one character`)
  return delimiter
}

/** Where whoever loads a rule file collects what loading it reads: such files belong to the rule as its modules do. */
const filesReadKey = Symbol.for('disco-inferno.files-read')

function readText(path: string): string {
  const holder = globalThis as {[filesReadKey]?: string[]}
  holder[filesReadKey]?.push(path)
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(readFileSync(path))
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = isMissing
      ? `there is no lookup file ${show(path)}`
      : `the lookup file ${show(path)} cannot be read: ${messageOf(error)}`
    throw new UserError(isMissing ? 'INPUT_NOT_FOUND' : 'INPUT_UNREADABLE', message, {
      hint: 'names are relative to the working directory; with {base: import.meta.url} to the rule file',
      cause: error,
    })
  }
}

/** The reviver's third argument, which the library types do not know yet. */
type Reviver = (name: string, value: unknown, context: {readonly source?: string}) => unknown

function parseJsonTable(text: string, path: string): LookupTable {
  const keepDigits: Reviver = (_name, value, {source}) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '') ? source : value
  try {
    return JSON.parse(text, keepDigits as (name: string, value: unknown) => unknown) as LookupTable
  } catch (error) {
    throw new UserError('INPUT_UNREADABLE', `the lookup file ${show(path)} is not JSON: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
