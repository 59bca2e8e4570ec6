/** Values as TypeScript source, in the style of the templates: single quotes, no semicolons, trailing commas. */
import type {Json} from '../base/index.ts'
import {sourceColumnCountMax} from './limits.ts'

/** A string literal; single quotes unless the text holds some and no double ones. */
export function quoted(text: string): string {
  const json = JSON.stringify(text)
  if (text.includes("'") && !text.includes('"')) return json
  return `'${json.slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`
}

/** A property name, quoted only where TypeScript needs it. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}

/** Data as a literal on one line. */
export function literal(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  return `{${Object.entries(value)
    .map(([name, item]) => `${propertyName(name)}: ${literal(item)}`)
    .join(', ')}}`
}

/** Formatters put each of several rows on a line of its own, even where all would fit on one. */
function isTall(rows: readonly (readonly Json[])[]): boolean {
  return rows.length > 1 && rows.every(row => row.length > 1)
}

/**
 * Rows as a literal, as the usual formatters write it: one row a line, or all on one where that is enough.
 *
 * @param column - where the literal begins on its line
 * @param indent - the white space at the beginning of that line
 */
export function rowsLiteral(rows: readonly (readonly Json[])[], column: number, indent: string): string {
  const flat = literal(rows)
  if (!isTall(rows) && column + flat.length < sourceColumnCountMax) return flat
  return `[\n${rows.map(row => `${indent}  ${literal(row)},\n`).join('')}${indent}]`
}

/** The same for rows by keyset. */
export function keysetRowsLiteral(
  rows: Readonly<Record<string, readonly (readonly Json[])[]>>,
  column: number,
  indent: string,
): string {
  const flat = literal(rows)
  if (!Object.values(rows).some(isTall) && column + flat.length < sourceColumnCountMax) return flat
  const inner = `${indent}  `
  const entries = Object.entries(rows).map(([keyset, keysetRows]) => {
    const start = `${inner}${propertyName(keyset)}: `
    return `${start}${rowsLiteral(keysetRows, start.length, inner)},\n`
  })
  return `{\n${entries.join('')}${indent}}`
}
