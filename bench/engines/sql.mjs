/** Queries over a source, in the SQL that DuckDB and ClickHouse share. */
import {allKeys} from '../compare.mjs'

/** A text as SQL. */
export function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * One query for all tables of a case: see `readResult` for the shape of its rows.
 *
 * @param terms - SQL of a field's value as key and as number, and of the condition's number
 */
export function groupingQuery({keysets, where}, source, {keyOf, numberOf}) {
  const filter = where === undefined ? '' : ` WHERE ${numberOf(where.field)} > ${where.above}`
  const sum = keysets.find(keyset => keyset.sum !== undefined)?.sum
  const values = sum === undefined ? 'count(*)' : `count(*), sum(${numberOf(sum)})`
  if (keysets.length === 1) {
    const keys = keysets[0].keys.map(keyOf).join(', ')
    return `SELECT ${keys}, ${values} FROM ${source}${filter} GROUP BY ${keys}`
  }
  const sets = keysets.map(({keys}) => `(${keys.map(keyOf).join(', ')})`)
  const table = keysets.map(({keys}, index) => `WHEN grouping(${keyOf(keys[0])}) = 0 THEN ${index}`)
  const columns = [`CASE ${table.join(' ')} END`, ...allKeys(keysets).map(keyOf), values].join(', ')
  return `SELECT ${columns} FROM ${source}${filter} GROUP BY GROUPING SETS (${sets.join(', ')})`
}

/** The same from a source that is read once for each table. */
export function unionQuery({keysets}, source, {keyOf, numberOf}) {
  const selects = keysets.map(({keys, sum}, index) => {
    const cells = allKeys(keysets).map(key => (keys.includes(key) ? `CAST(${keyOf(key)} AS VARCHAR)` : 'NULL'))
    const total = sum === undefined ? 'NULL' : `sum(${numberOf(sum)})`
    return `SELECT ${[index, ...cells].join(', ')}, count(*), ${total} FROM ${source} GROUP BY ${keys.map(keyOf).join(', ')}`
  })
  return selects.join(' UNION ALL ')
}

/**
 * Columns of a source by the first name of their paths: `a: text` and `b.c: double` as `[['a', 'text'], ['b', [['c', 'double']]]]`.
 *
 * @param {Record<string, string>} columns - path to type
 */
export function columnTree(columns) {
  const tree = new Map()
  for (const [path, type] of Object.entries(columns)) {
    const [name, ...rest] = path.split('.')
    if (rest.length === 0) tree.set(name, type)
    else tree.set(name, {...tree.get(name), [rest.join('.')]: type})
  }
  return Array.from(tree, ([name, type]) => [name, typeof type === 'string' ? type : columnTree(type)])
}
