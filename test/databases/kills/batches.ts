/** The batches of the exactly-once test, and what the tables must hold when all are written. Both made from their numbers alone. */
import type {ResultRow} from '../../../src/engine/index.ts'
import type {SinkMode} from '../../../src/sinks/index.ts'
import {exactText, parseExact, type SinkTable} from '../../../src/sinks/tables/index.ts'
import {clicksTables, decimal, row, totals} from '../place.ts'

export const modes: readonly SinkMode[] = ['append', 'add', 'replace']

export interface TestBatch {
  readonly name: string
  readonly scope: string
  readonly mode: SinkMode
  readonly rows: readonly ResultRow[]
}

export function tablesOfMode(mode: SinkMode): SinkTable[] {
  return clicksTables(totals).map(table => ({...table, name: `clicks_${mode}`}))
}

const keyCount = 40
const scopeCount = 5

/** Batch `index`: up to 400 rows with keys, counts, sums of cents with many digits, and null or numeric minima. */
export function batchOf(index: number): TestBatch {
  const mode = modes[index % modes.length]!
  const size = (index * 7919) % 400
  const rows = Array.from({length: size}, (_, each) => {
    const number = (index * 31 + each * 17) % 9973
    const ms = number % 5 === 0 ? null : number
    return row(
      `key ${(index + each) % keyCount} 'ä'`,
      number,
      decimal(`${number}.000000000000000000${(each % 9) + 1}`),
      ms,
      ms,
    )
  })
  return {name: `batch ${index}`, scope: `scope ${Math.floor(index / modes.length) % scopeCount}`, mode, rows}
}

/** By table, rows as text, sorted. Sums in units of 10^-19. */
export function expectedRows(batchCount: number): Record<string, string[]> {
  const appended: string[] = []
  const replaced = new Map<string, string[]>()
  const added = new Map<string, {hits: bigint; revenue: bigint; least: number | null; most: number | null}>()
  for (let index = 0; index < batchCount; index++) {
    const {mode, rows, scope} = batchOf(index)
    const texts = rows.map(({key, values}) =>
      rowText([key[0]!, ...values.map(cell => (cell === null ? null : String(cell)))]),
    )
    if (mode === 'append') appended.push(...texts)
    if (mode === 'replace') replaced.set(scope, texts)
    if (mode !== 'add') continue
    for (const {key, values} of rows) {
      const [hits, revenue, least, most] = values
      const old = added.get(key[0]!) ?? {hits: 0n, revenue: 0n, least: null, most: null}
      added.set(key[0]!, {
        hits: old.hits + BigInt(hits as number),
        revenue: old.revenue + unitsOf(String(revenue)),
        least: least === null ? old.least : Math.min(old.least ?? Infinity, least as number),
        most: most === null ? old.most : Math.max(old.most ?? -Infinity, most as number),
      })
    }
  }
  const sums = [...added].map(([key, {hits, revenue, least, most}]) =>
    rowText([
      key,
      String(hits),
      textOfUnits(revenue),
      least === null ? null : String(least),
      most === null ? null : String(most),
    ]),
  )
  return {clicks_append: appended.sort(), clicks_add: sums.sort(), clicks_replace: [...replaced.values()].flat().sort()}
}

/** A row as text: databases write the same number in several ways. */
export function rowText(cells: readonly (string | null)[]): string {
  const [key, ...values] = cells
  return [key, ...values.map(cell => (cell === null ? 'null' : exactText(parseExact(cell)!)))].join('|')
}

function unitsOf(text: string): bigint {
  const [whole, fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(19, '0'))
}

function textOfUnits(units: bigint): string {
  const digits = String(units).padStart(20, '0')
  return `${digits.slice(0, -19)}.${digits.slice(-19)}`
}
