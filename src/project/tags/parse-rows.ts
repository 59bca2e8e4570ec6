/** Rows that were kept as JSON lines, as they were: numbers with all their digits. */
import {UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {Cell, Decimal} from '../../rules/index.ts'
import {approximateField, fieldLabels, type KeysetHeader, keysetField} from '../../sinks/index.ts'

/**
 * @param headers - with the names under which the rows were written
 * @throws UserError INPUT_UNREADABLE for a line that is no row of these keysets
 */
export function rowParser(headers: readonly KeysetHeader[]): (line: string) => ResultRow {
  const keysets = new Map(
    headers.map(header => [header.name, {header, names: fieldLabels(header.columns).map(unlabelled)}]),
  )
  return line => {
    const record = JSON.parse(line, exactNumber) as Record<string, unknown>
    const keyset = keysets.get(String(record[keysetField]))
    if (keyset === undefined) {
      throw new UserError('INPUT_UNREADABLE', 'the kept rows are not of this rule as it is written now', {
        hint: 'run the rule again',
      })
    }
    const {header, names} = keyset
    const cells = names.map(name => record[name] as Cell)
    const values = cells.slice(header.keyCount)
    while (values.length > 0 && values.at(-1) === undefined) values.pop()
    const approximate = (record[approximateField] ?? []) as readonly string[]
    return {
      keyset: header.name,
      key: cells.slice(0, header.keyCount).map(String),
      values,
      approximate: approximate.map(name => names.indexOf(name) - header.keyCount),
    }
  }
}

const unlabelled = (label: string): string => JSON.parse(label.slice(0, -1)) as string

/** What no double says exactly keeps its digits: a whole number as bigint, another as a Decimal. */
function exactNumber(_name: string, value: unknown, context?: {readonly source?: string}): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
  const decimal: Decimal = {toString: () => source, valueOf: () => value}
  return decimal
}
