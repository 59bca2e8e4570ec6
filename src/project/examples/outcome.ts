/** What an example gave, and what it should have given. */
import type {Json} from '../../base/index.ts'
import type {Cell, RuleExample} from '../../rules/index.ts'
import {cellText} from '../../sinks/index.ts'

export interface KeysetOutcome {
  readonly keyset: string
  /** Header: key parts, then values, then extra columns. */
  readonly columns: readonly string[]
  /** How many of the columns are key parts: rows with equal keys are shown as one changed row. */
  readonly keyCount: number
  /** In result order: key cells, then values. */
  readonly rows: readonly (readonly Cell[])[]
}

/** The result of running a rule over the input of one of its examples. All keysets, also those without rows. */
export interface ExampleOutcome {
  readonly keysets: readonly KeysetOutcome[]
  readonly bad: number
}

export type ExampleRows = RuleExample['rows']

/**
 * The cell as it is written into a rule file: data whose text (as CSV shows it) is that of the cell, digit for digit.
 * What a JavaScript literal would round is written as that text.
 */
export function literalCell(cell: Cell): Json {
  if (cell === null || typeof cell === 'string' || typeof cell === 'boolean') return cell
  const text = cellText(cell)
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : text
  if (typeof cell === 'bigint') return text
  // Lists, objects and Decimals: the latter are numbers in JSON, and kept only as far as they survive it.
  const parsed = parsedJson(text)
  return parsed !== undefined && typeof parsed === 'object' && cellText(parsed) === text ? parsed : text
}

function parsedJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
