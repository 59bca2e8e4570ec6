/** Row implementations of the preprocess steps. None changes the record it is given. */
import {parseJson} from '../../base/index.ts'
import {type compileCopyWith, compilePath, parsePath} from '../paths.ts'
import type {StepNode} from '../plan.ts'
import type {Parts} from '../types.ts'
import {textOf} from '../value-text.ts'
import {setField} from '../values.ts'

type CopyWith = ReturnType<typeof compileCopyWith>
type LookupNode = Extract<StepNode, {readonly step: 'lookup'}>

/** Words are runs of letters, digits and the marks that combine with them, of any script. */
const wordPattern = (): RegExp => /[\p{L}\p{M}\p{N}]+/gu

/** What is kept of a nested object: everything, or some of its fields. */
export type Kept = 'whole' | ReadonlyMap<string, Kept>
type Growing = 'whole' | Map<string, Growing>

/**
 * Makes the function that keeps the named fields. Nested ones keep their place (`user.geo.country` gives `{user: {geo: {country}}}`);
 * arrays on the way are kept whole. A field that has a dotted name itself is kept under that name.
 */
export function compileSelect(fields: readonly string[]): (parts: Parts) => Parts {
  const kept = keptFields(fields)
  const dotted = fields.filter(field => parsePath(field).length > 1)
  return parts => {
    const selected = pick(parts, kept)
    for (const field of dotted) if (Object.hasOwn(parts, field)) setField(selected, field, parts[field])
    return selected
  }
}

/** What a selection keeps of a record, in the order in which it has them; beside it fields whose names are dotted themselves. */
export function keptFields(fields: readonly string[]): ReadonlyMap<string, Kept> {
  const kept = new Map<string, Growing>()
  for (const field of fields) keep(kept, parsePath(field))
  return kept
}

function keep(kept: Map<string, Growing>, [name, ...inner]: readonly string[]): void {
  const known = kept.get(name!)
  if (known === 'whole') return
  if (inner.length === 0) {
    kept.set(name!, 'whole')
    return
  }
  const nested = known ?? new Map<string, Growing>()
  kept.set(name!, nested)
  keep(nested, inner)
}

function pick(record: Parts, kept: ReadonlyMap<string, Kept>): Parts {
  const picked: Parts = {}
  for (const [name, inner] of kept) {
    if (!Object.hasOwn(record, name)) continue
    const value = record[name]
    if (inner === 'whole' || Array.isArray(value)) setField(picked, name, value)
    else if (typeof value === 'object' && value !== null) setField(picked, name, pick(value as Parts, inner))
  }
  return picked
}

/**
 * Makes the function that computes fields, in order: later ones see earlier ones. A value that is absent leaves the record without
 * the field.
 */
export function compileDerive(
  fields: readonly {readonly name: string; readonly compute: (parts: Parts) => unknown}[],
): (parts: Parts) => Parts {
  return parts => {
    const copy = {...parts}
    for (const {name, compute} of fields) {
      const value = compute(copy)
      if (value !== undefined) setField(copy, name, value)
      else if (Object.hasOwn(copy, name)) delete copy[name]
    }
    return copy
  }
}

/**
 * One record per element of an array, like unnest in SQL: none for an empty array, null and absent; a value that is no array counts as
 * its own only element.
 */
export function explodeRecord(parts: Parts, value: unknown, copyWith: CopyWith): Iterable<Parts> | Parts | null {
  if (value === null || value === undefined) return null
  if (!Array.isArray(value)) return copyWith(parts, value)
  return value.length === 1 ? copyWith(parts, value[0]) : copiesWith(parts, value, copyWith)
}

/** One at a time, because a line may hold millions of elements and each copy is a whole record. */
function* copiesWith(parts: Parts, values: Iterable<unknown>, copyWith: CopyWith): Generator<Parts> {
  for (const value of values) yield copyWith(parts, value)
}

/** One record per word of a text, as it is written; none for null, absent and text without a word. */
export function splitRecord(parts: Parts, value: unknown, copyWith: CopyWith): Iterable<Parts> | null {
  if (value === null || value === undefined) return null
  return copiesWith(parts, wordsOf(textOf(value)), copyWith)
}

function* wordsOf(text: string): Generator<string> {
  for (const match of text.matchAll(wordPattern())) yield match[0]
}

/**
 * Puts what a text holds in its place, where that is a JSON object or list; the record itself where it is anything else: logs mix both, and
 * a text that looks like a number or `null` is still text.
 */
export function parsedRecord(parts: Parts, value: unknown, copyWith: CopyWith): Parts {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return parts
  let parsed: unknown
  try {
    parsed = parseJson(value)
  } catch {
    // Not JSON after all, or nested deeper than anything that is logged.
    return parts
  }
  return copyWith(parts, parsed)
}

/**
 * Makes the function that adds columns of a table's row to a record. A matched row without a column gives null. Keys are compared as
 * key text, so 7 finds `"7"`; null and absent find nothing.
 */
export function compileLookup({field, table, columns, unmatched}: LookupNode): (parts: Parts) => Parts | null {
  const read = compilePath(field)
  const rows = new Map(Object.entries(table))
  return parts => {
    const value = read(parts)
    const row = value === null || value === undefined ? undefined : rows.get(textOf(value))
    if (row === undefined) return unmatched === 'keep' ? parts : null
    const copy = {...parts}
    for (const {column, as} of columns) setField(copy, as, Object.hasOwn(row, column) ? row[column] : null)
    return copy
  }
}
