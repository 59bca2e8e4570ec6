/** Tables of a ClickHouse server against those that rows need. */
import {UserError} from '../../base/index.ts'
import {differencesOf, refuseDifferences, settled} from '../sql/check-table.ts'
import type {Difference, SettledTable, TableInfo} from '../sql/contracts.ts'
import type {SinkTable} from '../tables/index.ts'
import {clickhouseDialect, clickhouseStorage, deduplicationWindow} from './clickhouse-dialect.ts'
import type {Statements} from './statements.ts'

/** Of one sink. */
export class ClickhouseTables {
  readonly #name: string
  readonly #statements: Statements

  /** @param name - of the sink, for messages */
  constructor(name: string, statements: Statements) {
    this.#name = name
    this.#statements = statements
  }

  /** The table as it is; one whose types are known is made when it is missing. @throws UserError BAD_SINK when it does not fit */
  async present(table: SinkTable): Promise<SettledTable | undefined> {
    const info = await this.info(table.name)
    if (info !== undefined) {
      this.refuse(table, info)
      return settled(table, info, clickhouseDialect)
    }
    const types = table.columns.map(column => clickhouseDialect.typeOf(column))
    const known = types.filter(type => type !== undefined)
    return known.length === types.length ? this.make(table, known) : undefined
  }

  /** Makes it, unless somebody has meanwhile. @throws as `present`; UserError OUTPUT_FAILED */
  async make(table: SinkTable, types: readonly string[]): Promise<SettledTable> {
    for (const statement of clickhouseDialect.createTable(table, types, 'append')) {
      await this.#statements.command(statement)
    }
    const info = await this.info(table.name)
    if (info === undefined)
      throw new UserError('OUTPUT_FAILED', `${this.#name}: table "${table.name}" was made and is not there`)
    this.refuse(table, info)
    return settled(table, info, clickhouseDialect)
  }

  /** @throws UserError BAD_SINK when the table does not fit */
  refuse(table: SinkTable, info: TableInfo): void {
    refuseDifferences(this.#name, table.name, differencesOf(table, info, 'append', clickhouseDialect))
  }

  /** undefined: there is no such table. */
  async info(name: string): Promise<TableInfo | undefined> {
    const columns = await this.#statements.query(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
      {table: name},
    )
    if (columns.length === 0) return undefined
    const [table] = await this.#statements.query(
      'SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}',
      {table: name},
    )
    return {
      // A column that a row lacks gets the default of its type.
      columns: columns.map(({name: column, type}) => ({
        name: String(column),
        type: String(type),
        storage: clickhouseStorage(String(type)),
        isRequired: false,
      })),
      uniqueKeys: [],
      problems: windowProblems(name, String(table?.['engine_full'] ?? '')),
    }
  }
}

/** Replicated tables remember blocks by themselves, others only when they are told to. */
function windowProblems(table: string, engine: string): Difference[] {
  if (
    engine.startsWith('Replicated') ||
    engine.startsWith('Shared') ||
    /non_replicated_deduplication_window = [1-9]/.test(engine)
  ) {
    return []
  }
  const change = `ALTER TABLE ${clickhouseDialect.quote(table)} MODIFY SETTING non_replicated_deduplication_window = ${deduplicationWindow}`
  return [{message: 'it remembers no blocks, so that a repeated batch would count twice', change}]
}
