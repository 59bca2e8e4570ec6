/** How files are cut that nobody said it of: tables as tables, by their names and first bytes. */
import {printable} from '../../base/index.ts'
import type {Input} from '../../client/index.ts'
import {guessFormat} from '../../project/index.ts'
import {findInputs, firstBytesOf} from '../../worker/index.ts'

export interface Cut {
  /** Between cells: one ASCII character. */
  readonly separator: string
  readonly hasHeader: boolean
}

export interface GuessedCut {
  /** undefined: at line ends. */
  readonly csv?: Cut
  /** What a person should know. */
  readonly note?: string
}

const tableName = /\.[ct]sv(?:\.(?:gz|zst))?$/i
const guessBytes = 64 * 1024

/**
 * Cut at line ends, only the first chunk of a table has its header, and a cell may be cut in two: a rule would read the others by the
 * names of other columns. So files that are called tables are cut as such, when all are, and their beginnings look it.
 *
 * @throws UserError INPUT_UNREADABLE
 */
export async function guessCut(inputs: readonly Input[]): Promise<GuessedCut> {
  const tables = inputs.filter(({name}) => tableName.test(name))
  const [first] = tables
  if (first?.type !== 'file') return {}
  const [file] = findInputs([first.text]).files
  const guess = file === undefined ? null : guessFormat(await firstBytesOf(file, guessBytes), first.name)
  if (guess?.format !== 'csv') return {}
  const name = printable(first.name)
  if (tables.length < inputs.length)
    return {note: `${name} is cut at line ends, as the others are; tables are for a command of their own`}
  const csv = {separator: guess.delimiter, hasHeader: guess.fields === 'header'}
  const header = csv.hasHeader ? 'its header before every chunk' : 'without a header'
  return {
    csv,
    note: `${name} is cut as CSV with ${JSON.stringify(csv.separator)}, ${header}; --lines cuts at line ends`,
  }
}
