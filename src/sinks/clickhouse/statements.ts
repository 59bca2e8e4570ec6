/** Statements as a sink sends them to a ClickHouse server. What goes wrong is judged by who sends them (`verdict.ts`). */
import type {ClickHouseClient} from '@clickhouse/client'
import {clickhouseDialect} from './clickhouse-dialect.ts'

/** Ended by `close`. */
export class Statements {
  readonly #client: ClickHouseClient

  constructor(client: ClickHouseClient) {
    this.#client = client
  }

  /** @param params - of the query's `{name:Type}` */
  async query(query: string, params: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>[]> {
    const result = await this.#client.query({query, query_params: params, format: 'JSONEachRow'})
    return result.json<Record<string, unknown>>()
  }

  async command(query: string, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#client.command({query, clickhouse_settings: {...settings}})
  }

  /** One block. @param token - the server drops it when it remembers that it has it */
  async insert(table: string, names: readonly string[], values: readonly unknown[][], token: string): Promise<void> {
    await this.#client.insert({
      table: clickhouseDialect.quote(table),
      columns: names.map(clickhouseDialect.quote) as [string, ...string[]],
      values,
      format: 'JSONCompactEachRow',
      clickhouse_settings: {insert_deduplication_token: token},
    })
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
