/** `inferno test --update`: writes the rows that an example gave into the rule file. */
import {isDeepStrictEqual} from 'node:util'
import type {Json} from '../../base/index.ts'
import type {RuleExample} from '../../rules/index.ts'
import {keysetRowsLiteral, rowsLiteral} from '../source-text.ts'
import {type ExamplePlace, type LocatedExample, locateExample} from './locate.ts'
import {type ExampleOutcome, literalCell} from './outcome.ts'

export type UpdatedSource =
  | {readonly isUpdated: true; readonly source: string}
  /** `reason` is a sentence without full stop; `paste` is what belongs into the example, for the author to put there. */
  | {readonly isUpdated: false; readonly reason: string; readonly paste: string}

export interface UpdateRequest extends ExamplePlace {
  /** The example as the loaded rule has it: only a literal that says the same is replaced. */
  readonly example: Pick<RuleExample, 'rows' | 'bad'>
  readonly outcome: ExampleOutcome
}

/**
 * Replaces `rows` (and `bad`) of one example in the text of a rule file.
 *
 * Changes nothing unless it is certain of the place: the literal that it finds must be equal to what the loaded rule
 * expects, and the changed text, read again, must hold the new rows in that place. For several examples of one file
 * update from the last to the first, so that the lines of the others stay true.
 *
 * @param source - text of the rule file as it was loaded
 */
export function updateExampleSource(source: string, request: UpdateRequest): UpdatedSource {
  const rows = newRows(request)
  const refuse = (reason: string): UpdatedSource => ({
    isUpdated: false,
    reason,
    paste: pasteText(rows, request.outcome),
  })
  const located = locateExample(source, request)
  if (typeof located === 'string') return refuse(located)
  if (
    !isDeepStrictEqual(located.rows.value, plain(request.example.rows)) ||
    (located.bad?.value ?? 0) !== (request.example.bad ?? 0)
  ) {
    return refuse('the example found in the file is not the one that ran')
  }
  const updated = replaced(source, located, rows, request.outcome.bad)
  const check = locateExample(updated, request)
  if (typeof check === 'string' || !isDeepStrictEqual(check.rows.value, plain(rows))) {
    return refuse('the changed file would not read as intended')
  }
  return {isUpdated: true, source: updated}
}

type PlainRows = readonly (readonly Json[])[] | Readonly<Record<string, readonly (readonly Json[])[]>>

/** The outcome in the form in which the example has its rows; of named keysets only those it names. */
function newRows({example, outcome}: UpdateRequest): PlainRows {
  const byKeyset = outcome.keysets.map(keyset => [keyset.keyset, keyset.rows.map(row => row.map(literalCell))] as const)
  if (Array.isArray(example.rows)) {
    // Rows without a keyset only work for a rule with one; for others the names are what was missing.
    return byKeyset.length === 1 ? byKeyset[0]![1] : Object.fromEntries(byKeyset)
  }
  return Object.fromEntries(byKeyset.filter(([name]) => Object.hasOwn(example.rows, name)))
}

function replaced(source: string, located: LocatedExample, rows: PlainRows, bad: number): string {
  const edits = [{...located.rows, text: rowsSource(source, located.rows.start, rows)}]
  const indent = indentAt(source, located.rows.start)
  if (located.bad !== undefined) edits.push({...located.bad, text: String(bad)})
  else if (bad > 0) {
    const lineStart = source.lastIndexOf('\n', located.rows.start - 1) + 1
    const standsAlone = /^\s*rows\s*:\s*$/.test(source.slice(lineStart, located.rows.start))
    edits[0]!.text += standsAlone ? `,\n${indent}bad: ${bad}` : `, bad: ${bad}`
  }
  // From the end, so that the offsets of earlier edits stay true.
  edits.sort((a, b) => b.start - a.start)
  return edits.reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), source)
}

function rowsSource(source: string, start: number, rows: PlainRows): string {
  const column = start - (source.lastIndexOf('\n', start - 1) + 1)
  const text = literalOf(rows, column, indentAt(source, start))
  return /\r\n/.test(source) ? text.replace(/\n/g, '\r\n') : text
}

function literalOf(rows: PlainRows, column: number, indent: string): string {
  return isList(rows) ? rowsLiteral(rows, column, indent) : keysetRowsLiteral(rows, column, indent)
}

function pasteText(rows: PlainRows, outcome: ExampleOutcome): string {
  return `rows: ${literalOf(rows, 6, '')},${outcome.bad > 0 ? `\nbad: ${outcome.bad},` : ''}`
}

/** White space at the beginning of the line that holds `offset`. */
function indentAt(source: string, offset: number): string {
  const lineStart = source.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(source.slice(lineStart))?.[0] ?? ''
}

/** The same data without prototypes or accessors of the rule's own. */
function plain(rows: unknown): unknown {
  return JSON.parse(JSON.stringify(rows))
}

function isList(rows: PlainRows): rows is Extract<PlainRows, readonly unknown[]> {
  return Array.isArray(rows)
}
