/** ClickHouse (chdb) and DuckDB inside this process: installed here, or taken from the benchmark's folder. */
import {mkdtempSync, rmSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

export type Row = readonly (string | null)[]

export interface SqlEngine {
  query(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

const folders = [import.meta.dirname, join(import.meta.dirname, '../../bench')]

/** @returns undefined when no folder has it */
export function load(name: string): unknown {
  for (const folder of folders) {
    try {
      return createRequire(join(folder, 'package.json'))(name)
    } catch (error) {
      if ((error as {code?: string}).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return undefined
}

interface ChdbModule {
  Session: new (path: string) => {query(sql: string, format: string): string; cleanup(): void}
}

export function openClickhouse(): SqlEngine | undefined {
  const module = load('chdb') as ChdbModule | undefined
  if (module === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'sql-clickhouse-'))
  const session = new module.Session(folder)
  // A query that runs away is to fail, not the machine.
  session.query('SET max_memory_usage = 2000000000, max_threads = 1, max_execution_time = 120', 'CSV')
  return {
    query: async sql => {
      const text = session.query(sql, 'JSONCompactEachRow')
      return text
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as Row)
    },
    close: async () => {
      session.cleanup()
      rmSync(folder, {recursive: true, force: true})
    },
  }
}

interface DuckdbModule {
  DuckDBInstance: {
    create(
      path: string,
      options: Record<string, string>,
    ): Promise<{
      connect(): Promise<{
        runAndReadAll(sql: string): Promise<{getRowsJson(): readonly Row[]}>
        closeSync(): void
      }>
    }>
  }
}

export async function openDuckdb(): Promise<SqlEngine | undefined> {
  const module = load('@duckdb/node-api') as DuckdbModule | undefined
  if (module === undefined) return undefined
  const instance = await module.DuckDBInstance.create(':memory:', {
    threads: '1',
    // A query that runs away is to fail, not the machine.
    memory_limit: '2GB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  return {
    query: async sql => (await connection.runAndReadAll(sql)).getRowsJson(),
    close: async () => connection.closeSync(),
  }
}
