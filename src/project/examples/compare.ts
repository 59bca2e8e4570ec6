/** `inferno test`: how the rows of an example differ from those expected. */
import {didYouMean, excerptOf} from '../../base/index.ts'
import type {Cell, RuleExample} from '../../rules/index.ts'
import {cellText} from '../../sinks/index.ts'
import {differenceRowCountMax} from '../limits.ts'
import type {ExampleOutcome, ExampleRows, KeysetOutcome} from './outcome.ts'

type TextRow = readonly string[]

/**
 * Compares what an example gave with what it expects.
 *
 * Cells are compared as the text of a CSV cell, so 3 and '3' are the same and 1.5 and '1.50' are not. The order of
 * rows does not matter. When `rows` names keysets, only those are compared.
 *
 * @returns lines for people, safe to print; empty when nothing differs
 */
export function compareExample(expected: Pick<RuleExample, 'rows' | 'bad'>, actual: ExampleOutcome): readonly string[] {
  const lines: string[] = []
  const rowsByKeyset = expectedByKeyset(expected.rows, actual)
  if (typeof rowsByKeyset === 'string') lines.push(rowsByKeyset)
  else for (const [keyset, rows] of rowsByKeyset) lines.push(...compareKeyset(keyset, rows, actual))
  const bad = expected.bad ?? 0
  if (bad !== actual.bad) lines.push(`bad records: expected ${bad}, got ${actual.bad}`)
  return lines
}

function expectedByKeyset(rows: ExampleRows, actual: ExampleOutcome): Map<string, TextRow[]> | string {
  if (!isList(rows)) return new Map(Object.entries(rows).map(([keyset, list]) => [keyset, list.map(textRow)]))
  const [only, ...others] = actual.keysets
  if (only !== undefined && others.length === 0) return new Map([[only.keyset, rows.map(textRow)]])
  const names = actual.keysets.map(keyset => keyset.keyset).join(', ')
  return `rows must say to which keyset they belong: {${names}}`
}

function compareKeyset(name: string, expected: TextRow[], actual: ExampleOutcome): string[] {
  const keyset = actual.keysets.find(candidate => candidate.keyset === name)
  if (keyset === undefined) {
    const known = actual.keysets.map(candidate => candidate.keyset)
    return [`keyset ${excerptOf(name)}: the rule has no such keyset.${didYouMean(name, known)}`]
  }
  const {missing, unexpected} = withoutEqualRows(expected, keyset.rows.map(textRow))
  if (missing.length === 0 && unexpected.length === 0) return []
  const changed = takeChanged(missing, unexpected, keyset)
  return [
    `keyset ${excerptOf(name)} (${keyset.columns.map(column => excerptOf(column)).join(' | ')})`,
    ...listed('changed   ', changed),
    ...listed('missing   ', missing.map(rowText)),
    ...listed('unexpected', unexpected.map(rowText)),
  ]
}

/** Takes away rows that stand on both sides, each as often as on the other. */
function withoutEqualRows(expected: TextRow[], actual: TextRow[]): {missing: TextRow[]; unexpected: TextRow[]} {
  const left = new Map<string, number>()
  for (const row of actual) left.set(JSON.stringify(row), (left.get(JSON.stringify(row)) ?? 0) + 1)
  const take = (counts: Map<string, number>, row: TextRow): boolean => {
    const text = JSON.stringify(row)
    const count = counts.get(text) ?? 0
    counts.set(text, count - 1)
    return count > 0
  }
  const missing = expected.filter(row => !take(left, row))
  // What is still counted was not expected. Expecting a row twice has counted below zero; it takes nothing more.
  const unexpected = actual.filter(row => take(left, row))
  return {missing, unexpected}
}

/** Pairs rows of equal keys, removes them from both lists, and says cell by cell what changed. */
function takeChanged(missing: TextRow[], unexpected: TextRow[], keyset: KeysetOutcome): string[] {
  const keyOf = (row: TextRow): string => JSON.stringify(row.slice(0, keyset.keyCount))
  const changed: string[] = []
  for (let index = 0; index < missing.length; ) {
    const wanted = missing[index]!
    const other = unexpected.findIndex(row => keyOf(row) === keyOf(wanted))
    if (other < 0) {
      index++
      continue
    }
    changed.push(changeText(wanted, unexpected[other]!, keyset))
    missing.splice(index, 1)
    unexpected.splice(other, 1)
  }
  return changed
}

function changeText(wanted: TextRow, got: TextRow, keyset: KeysetOutcome): string {
  const cells: string[] = []
  for (let index = keyset.keyCount; index < Math.max(wanted.length, got.length); index++) {
    if (wanted[index] === got[index]) continue
    const column = excerptOf(keyset.columns[index] ?? `column ${index + 1}`)
    cells.push(`${column} expected ${shown(wanted[index])}, got ${shown(got[index])}`)
  }
  const key = keyset.keyCount === 0 ? 'the total' : rowText(wanted.slice(0, keyset.keyCount))
  return `${key}: ${cells.join('; ')}`
}

function listed(label: string, rows: readonly string[]): string[] {
  const lines = rows.slice(0, differenceRowCountMax).map(row => `  ${label}  ${row}`)
  if (rows.length > differenceRowCountMax) lines.push(`  ${label}  … and ${rows.length - differenceRowCountMax} more`)
  return lines
}

function rowText(row: TextRow): string {
  return row.map(shown).join(' | ')
}

function shown(cell: string | undefined): string {
  if (cell === undefined) return 'no cell'
  return cell === '' ? '(empty)' : excerptOf(cell)
}

function textRow(row: readonly Cell[]): TextRow {
  return row.map(cellText)
}

/** Array.isArray does not narrow readonly arrays. */
function isList(rows: ExampleRows): rows is Extract<ExampleRows, readonly unknown[]> {
  return Array.isArray(rows)
}
