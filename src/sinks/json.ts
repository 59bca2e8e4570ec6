/** JSON for programs: one object a line, or one document. Both are streamed. */
import type {ResultRow} from '../engine/index.ts'
import {cellJson} from './cell-text.ts'
import {type KeysetHeader, refuseSecondPlace, sectionsOf} from './sections.ts'

/** Names that we put into a row; a column of that name gets a suffix. */
export const keysetField = '_keyset'
export const approximateField = '_approximate'

/**
 * One object per row: `{"_keyset":"clicks","site":"a","count":3}`. Key parts are text. Cells that are estimates are
 * named in `_approximate`, which is absent when there are none.
 *
 * @throws UserError OUTPUT_FAILED as `sectionsOf` does
 */
export function* ndjsonLines(headers: readonly KeysetHeader[], rows: Iterable<ResultRow>): Iterable<string> {
  for (const {header, rows: sectionRows} of sectionsOf(headers, rows)) {
    const labels = fieldLabels(header.columns)
    const start = `{"${keysetField}":${JSON.stringify(header.name)}`
    for (const row of sectionRows) {
      const fields = rowFields(row, labels)
      yield fields === '' ? `${start}}\n` : `${start},${fields}}\n`
    }
  }
}

/**
 * One document: `{"keysets":{"clicks":[{"site":"a","count":3}]}}`, a row a line. Keysets without rows are empty lists.
 *
 * @throws UserError OUTPUT_FAILED as `sectionsOf` does, and when the rows of a keyset come in several places
 */
export function* jsonDocument(headers: readonly KeysetHeader[], rows: Iterable<ResultRow>): Iterable<string> {
  const seen = new Set<string>()
  yield documentStart
  for (const {header, rows: sectionRows} of sectionsOf(headers, rows)) {
    refuseSecondPlace(seen, header.name)
    const labels = fieldLabels(header.columns)
    const {gap, head, foot, separator} = jsonSection(header.name)
    yield (seen.size > 1 ? gap : '') + head
    let before = separator.slice(1)
    for (const row of sectionRows) {
      yield `${before}{${rowFields(row, labels)}}`
      before = separator
    }
    yield foot
  }
  yield documentEnd(headers, seen)
}

/** The same of rows that are text, as rowTemplate has them written. @param seen - keysets with rows; asked behind the last piece */
export async function* jsonPieces(
  headers: readonly KeysetHeader[],
  pieces: AsyncIterable<Uint8Array>,
  seen: () => readonly string[],
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(documentStart)
  yield* pieces
  yield Buffer.from(documentEnd(headers, new Set(seen())))
}

const documentStart = '{"keysets":{'

/** What stands around the rows of a keyset: before it when there was another one, before its first row, behind its last, and between rows. */
export function jsonSection(name: string): Record<'gap' | 'head' | 'foot' | 'separator', string> {
  return {gap: ',', head: `\n${JSON.stringify(name)}:[`, foot: '\n]', separator: ',\n'}
}

/** Keysets without rows, and the end. @param seen - those with rows; the others are added */
function documentEnd(headers: readonly KeysetHeader[], seen: Set<string>): string {
  let text = ''
  for (const header of headers) {
    if (seen.has(header.name)) continue
    seen.add(header.name)
    text += `${seen.size > 1 ? ',' : ''}\n${JSON.stringify(header.name)}:[]`
  }
  return `${text}${seen.size > 0 ? '\n' : ''}}}\n`
}

/** `"name":` for each column; a name that is taken becomes name_2, name_3 … */
export function fieldLabels(columns: readonly string[]): string[] {
  const taken = new Set([keysetField, approximateField])
  const declared = new Set(columns)
  return columns.map(column => {
    let name = column
    // A suffixed name must not take the place of a column that is really called so.
    for (let suffix = 2; taken.has(name) || (name !== column && declared.has(name)); suffix++)
      name = `${column}_${suffix}`
    taken.add(name)
    return `${JSON.stringify(name)}:`
  })
}

function rowFields(row: ResultRow, labels: readonly string[]): string {
  const keyCount = row.key.length
  let text = ''
  for (let index = 0; index < labels.length; index++) {
    if (index > 0) text += ','
    text += labels[index]
    if (index < keyCount) text += JSON.stringify(row.key[index])
    else text += cellJson(row.values[index - keyCount] ?? null)
  }
  if (row.approximate.length === 0) return text
  const names = row.approximate.map(index => labels[keyCount + index]!.slice(0, -1))
  return `${text},"${approximateField}":[${names.join(',')}]`
}
