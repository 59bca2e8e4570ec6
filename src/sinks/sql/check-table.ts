/** A table that is there against what rows need. */
import {UserError} from '../../base/index.ts'
import type {SinkMode} from '../row-sink.ts'
import type {ColumnType, SinkTable} from '../tables/index.ts'
import {
  batchColumn,
  type ColumnInfo,
  type Dialect,
  type Difference,
  keyColumn,
  type SettledTable,
  type Storage,
  type TableInfo,
} from './contracts.ts'

/** What is different, all at once; empty when rows can be written. */
export function differencesOf(table: SinkTable, info: TableInfo, mode: SinkMode, dialect: Dialect): Difference[] {
  const differences: Difference[] = [...info.problems]
  const find = finder(info, dialect)
  for (const column of table.columns) {
    const found = find(column.name)
    const type = dialect.typeOf(column) ?? dialect.dataType(true)
    if (found === undefined) {
      differences.push(missing(table.name, column.name, type, dialect))
    } else if (!fits(column.type, found.storage)) {
      differences.push({
        message: `column "${column.name}" is ${found.type}, and should be ${type}`,
        change: dialect.changeType(table.name, column.name, type),
      })
    }
  }
  differences.push(...aboutOwnColumns(table, info, mode, dialect))
  const known = new Set([...table.columns.map(column => column.name), keyColumn, batchColumn].map(folding(dialect)))
  for (const {name, type, isRequired} of info.columns) {
    if (!isRequired || known.has(folding(dialect)(name))) continue
    differences.push({
      message: `column "${name}" (${type}) must be given and the rule does not have it; it should have a default`,
      change: `-- make "${name}" of ${dialect.quote(table.name)} nullable, or give it a default`,
    })
  }
  return differences
}

function aboutOwnColumns(table: SinkTable, info: TableInfo, mode: SinkMode, dialect: Dialect): Difference[] {
  const find = finder(info, dialect)
  if (mode === 'replace' && find(batchColumn) === undefined) {
    return [missing(table.name, batchColumn, dialect.batchType, dialect)]
  }
  if (mode !== 'add') return []
  const identity = identityOf(table, dialect)
  const differences: Difference[] = []
  if (identity.includes(keyColumn) && find(keyColumn) === undefined) {
    differences.push(missing(table.name, keyColumn, dialect.keyType, dialect))
  }
  if (!info.uniqueKeys.some(key => isSame(key, identity, dialect))) {
    const names = identity.map(name => `"${name}"`).join(', ')
    differences.push({
      message: `totals are kept by a unique key over ${names}, and there is none`,
      change: dialect.addUniqueKey(table.name, identity),
    })
  }
  return differences
}

/** The columns by which `add` finds the row to add to. */
export function identityOf(table: SinkTable, dialect: Dialect): readonly string[] {
  if (dialect.usesKeyHash(table)) return [keyColumn]
  return table.columns.slice(0, table.keyCount).map(column => column.name)
}

function missing(table: string, column: string, type: string, dialect: Dialect): Difference {
  return {
    message: `column "${column}" is missing, and should be ${type === '' ? 'there' : type}`,
    change: dialect.addColumn(table, column, type),
  }
}

function isSame(key: readonly string[], identity: readonly string[], dialect: Dialect): boolean {
  const fold = folding(dialect)
  const wanted = new Set(identity.map(fold))
  return key.length === wanted.size && key.every(name => wanted.has(fold(name)))
}

function folding(dialect: Dialect): (name: string) => string {
  return dialect.foldsCase ? name => name.toLowerCase() : name => name
}

function finder(info: TableInfo, dialect: Dialect): (name: string) => ColumnInfo | undefined {
  const fold = folding(dialect)
  const byName = new Map(info.columns.map(column => [fold(column.name), column]))
  return name => byName.get(fold(name))
}

/** Whether a column of the database can take such values; single ones that do not fit are refused when they come. */
function fits(type: ColumnType, {kind}: Storage): boolean {
  if (kind === 'any') return true
  if (kind === 'unfit') return false
  switch (type) {
    case 'text':
      return kind !== 'double'
    case 'json':
      return kind === 'text' || kind === 'json'
    case 'integer':
    case 'exact':
      return kind === 'integer' || kind === 'decimal'
    case 'double':
      return kind === 'double' || kind === 'decimal'
    case 'data':
      return kind !== 'json'
  }
}

/** The table with what its columns are. Only after `differencesOf` found none. */
export function settled(table: SinkTable, info: TableInfo, dialect: Dialect): SettledTable {
  const find = finder(info, dialect)
  const columns = table.columns.map(column => {
    const {storage, type} = find(column.name)!
    return {...column, storage, declared: type}
  })
  return {table, columns}
}

/** @throws UserError BAD_SINK when there are differences; the hint is the statements that change them */
export function refuseDifferences(place: string, table: string, differences: readonly Difference[]): void {
  if (differences.length === 0) return
  throw new UserError(
    'BAD_SINK',
    `table "${table}" of ${place} does not fit the rule:\n${differences.map(({message}) => `  ${message}`).join('\n')}`,
    {hint: `change it with\n${differences.map(({change}) => `  ${change}`).join('\n')}`},
  )
}

/**
 * Names that the database cannot take, or would take for one another.
 *
 * @throws UserError BAD_SINK
 */
export function checkNames(tables: readonly SinkTable[], dialect: Dialect): void {
  const fold = folding(dialect)
  for (const table of tables) {
    const problem = fold(table.name) === ledgerName ? 'is the name of our own' : dialect.nameProblem(table.name)
    if (problem !== undefined) throw badName(`the table name "${table.name}" ${problem}`, 'name it with: table')
    const seen = new Set<string>()
    for (const {name} of table.columns) {
      const isOurs = [keyColumn, batchColumn].includes(fold(name))
      const wrong = isOurs ? 'is the name of a column of our own' : dialect.nameProblem(name)
      if (wrong !== undefined) throw badName(`column "${name}" of table "${table.name}" ${wrong}`, renaming)
      if (seen.has(fold(name))) throw badName(`table "${table.name}" would have two columns "${name}"`, renaming)
      seen.add(fold(name))
    }
    if (table.columns.length === 0)
      throw badName(`table "${table.name}" would have no columns`, 'give its keyset parts')
  }
}

const ledgerName = 'inferno_batches'
const renaming = 'name columns with columnMappings'

function badName(message: string, hint: string): UserError {
  return new UserError('BAD_SINK', message, {hint})
}
