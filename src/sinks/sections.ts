/**
 * Rows, cut into sections: the consecutive rows of one keyset under one settled header.
 *
 * A header is settled when its section begins. Values that postprocessors appended without declared names are then
 * called extra1, extra2 … (D26), by the widest of the rows read ahead, so that no table is ever ragged.
 */
import {printable, UserError} from '../base/index.ts'
import type {ResultRow} from '../engine/index.ts'
import {sampleRowCountMax} from './limits.ts'

export interface KeysetHeader {
  readonly name: string
  /** Key parts, then values, then what postprocessors append, as far as declared. */
  readonly columns: readonly string[]
  readonly keyCount: number
  /** Database table of the keyset; files and streams do not use it. */
  readonly table: string | null
}

export interface Section {
  readonly header: KeysetHeader
  /** The first rows, at most sampleRowCountMax. `rows` begins with them. */
  readonly sample: readonly ResultRow[]
  /** True when the sample is all there is. */
  readonly isWhole: boolean
  /** All rows of the section; to be read once, to the end, before the next section. */
  readonly rows: Iterable<ResultRow>
}

/**
 * Cuts rows into sections, in their order. A keyset whose rows come in several places gives several sections.
 *
 * @throws UserError OUTPUT_FAILED for a row of an unknown keyset, and (while `rows` is read) for a row with more cells
 *   than its header has columns
 */
export function* sectionsOf(headers: readonly KeysetHeader[], rows: Iterable<ResultRow>): Iterable<Section> {
  const headerByName = new Map(headers.map(header => [header.name, header]))
  const source = rows[Symbol.iterator]()
  // Leaving the loop early, on an error too, must end the source: it may hold temporary files.
  let isSourceDone = false
  const next = (): ResultRow | undefined => {
    const result = source.next()
    if (result.done) isSourceDone = true
    return result.done ? undefined : result.value
  }
  try {
    let first = next()
    while (first !== undefined) {
      const {keyset} = first
      const sample: ResultRow[] = []
      let following: ResultRow | undefined = first
      while (following?.keyset === keyset && sample.length < sampleRowCountMax) {
        sample.push(copyOf(following))
        following = next()
      }
      const header = settledHeader(declaredHeader(headerByName, keyset), sample)
      const width = header.columns.length
      let isRead = false
      const sectionRows = function* (): Iterable<ResultRow> {
        yield* sample
        while (following?.keyset === keyset) {
          if (cellCountOf(following) > width) throw tooWide(header, following)
          yield following
          following = next()
        }
        isRead = true
      }
      yield {header, sample, isWhole: following?.keyset !== keyset, rows: sectionRows()}
      if (!isRead) return
      first = following
    }
  } finally {
    if (!isSourceDone) source.return?.()
  }
}

/**
 * A row to keep. If the rows themselves were kept, V8 would learn from these first ones that rows live long, and make all
 * later ones where only its slow collector finds them: a third of the time of a large result.
 */
function copyOf({keyset, key, values, approximate}: ResultRow): ResultRow {
  return {keyset, key: [...key], values: [...values], approximate}
}

/** Cells of a row: key parts and values. */
function cellCountOf(row: ResultRow): number {
  return row.key.length + row.values.length
}

/**
 * Notes that a keyset's rows begin here.
 *
 * @throws UserError OUTPUT_FAILED when they began before: what was written for it could not be added to
 */
export function refuseSecondPlace(seen: Set<string>, keyset: string): void {
  if (seen.has(keyset)) {
    throw new UserError('OUTPUT_FAILED', `the rows of keyset "${keyset}" come in several places`, {
      hint: 'a postprocessor that moves rows to another keyset works with csv, table and ndjson on one stream only',
    })
  }
  seen.add(keyset)
}

function declaredHeader(headerByName: ReadonlyMap<string, KeysetHeader>, name: string): KeysetHeader {
  const header = headerByName.get(name)
  if (header) return header
  throw new UserError('OUTPUT_FAILED', `a row belongs to keyset "${printable(name)}", which the rule does not have`, {
    hint: 'a postprocessor or reduceFunction must keep the keyset name in key[0]',
  })
}

function settledHeader(header: KeysetHeader, sample: readonly ResultRow[]): KeysetHeader {
  let width = header.columns.length
  for (const row of sample) width = Math.max(width, cellCountOf(row))
  const surplus = width - header.columns.length
  if (surplus === 0) return header
  const extra = Array.from({length: surplus}, (_, index) => `extra${index + 1}`)
  return {...header, columns: [...header.columns, ...extra]}
}

function tooWide(header: KeysetHeader, row: ResultRow): UserError {
  const message = `keyset "${header.name}" has ${header.columns.length} columns, but a later row has ${cellCountOf(row)} values`
  return new UserError('OUTPUT_FAILED', message, {
    hint: `name what its postprocessors append in extraColumns of keyset "${header.name}"`,
  })
}
