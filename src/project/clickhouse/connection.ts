/** A connection to ClickHouse that runs queries of rules: rows, progress, and an end when nobody wants them any more. */
import {randomUUID} from 'node:crypto'
import {text} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'
import type {ClickHouseClient} from '@clickhouse/client'
import {UserError} from '../../base/index.ts'
import {connectClickhouse, type Environment} from '../../sinks/index.ts'
import {interrupted} from '../../worker/index.ts'
import {type EngineTarget, engineTarget} from './engine-address.ts'
import {engineError} from './engine-error.ts'
import {answerRowsMax, dropMs, insertAliveMs, killMs, lookAtInsertMs, queryIdleMs} from './limits.ts'

/** A row as text, in the order of the query's columns. */
export type TextRow = readonly (string | null)[]

export interface QueryProgress {
  readonly rows: number
  readonly bytes: number
  /** As far as the server can tell; 0: it cannot. */
  readonly rowsTotal: number
}

export interface QueryOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly onProgress?: (progress: QueryProgress) => void
  readonly signal: AbortSignal
}

interface Line {
  readonly row?: Readonly<Record<string, string | null>>
  readonly progress?: {readonly read_rows: string; readonly read_bytes: string; readonly total_rows_to_read?: string}
  readonly exception?: string
}

/** One server, any number of queries. Its end waits until what was aborted is killed there and tables that it made are gone. */
export class ClickhouseConnection implements AsyncDisposable {
  readonly engine: EngineTarget
  readonly #client: ClickHouseClient
  readonly #kills = new Set<Promise<void>>()
  readonly #tables = new Set<string>()

  /** Nothing is asked yet. @throws UserError BAD_ENGINE for what is no address */
  static async open(address: string, environment: Environment): Promise<ClickhouseConnection> {
    const engine = engineTarget(address, environment)
    return new ClickhouseConnection(engine, await connectClickhouse(engine.target, {}, queryIdleMs))
  }

  private constructor(engine: EngineTarget, client: ClickHouseClient) {
    this.engine = engine
    this.#client = client
  }

  /**
   * @returns all rows, as the server sends them: in no order
   * @throws UserError BAD_ENGINE what ClickHouse refuses, INTERRUPTED when the signal is aborted: then the query is killed;
   *   ClusterError when it does not answer
   */
  async rows(query: string, {params = {}, onProgress, signal}: QueryOptions): Promise<TextRow[]> {
    const id = randomUUID()
    const kill = (): void => void this.#kills.add(this.#kill(id))
    signal.addEventListener('abort', kill, {once: true})
    try {
      signal.throwIfAborted()
      const result = await this.#client.query({
        query,
        query_params: {...params},
        query_id: id,
        format: 'JSONEachRowWithProgress',
        abort_signal: signal,
      })
      const rows: TextRow[] = []
      for await (const lines of result.stream()) {
        for (const line of lines) this.#take(line.json() as Line, rows, onProgress)
      }
      return rows
    } catch (error) {
      if (signal.aborted) throw interrupted()
      throw engineError(error, this.engine)
    } finally {
      signal.removeEventListener('abort', kill)
    }
  }

  /** A statement without rows. @throws as `rows` */
  async command(query: string, settings: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    const id = randomUUID()
    const kill = (): void => void this.#kills.add(this.#kill(id))
    signal.addEventListener('abort', kill, {once: true})
    try {
      signal.throwIfAborted()
      await this.#client.command({query, query_id: id, clickhouse_settings: {...settings}, abort_signal: signal})
    } catch (error) {
      if (signal.aborted) throw interrupted()
      throw engineError(error, this.engine)
    } finally {
      signal.removeEventListener('abort', kill)
    }
  }

  /** An insert of what a query gives, with its progress. @throws as `rows` */
  async fill(insert: string, {onProgress, signal}: Pick<QueryOptions, 'onProgress' | 'signal'>): Promise<void> {
    const id = randomUUID()
    const kill = (): void => void this.#kills.add(this.#kill(id))
    signal.addEventListener('abort', kill, {once: true})
    const ended = new AbortController()
    const watched = this.#watch(id, onProgress, ended.signal)
    try {
      signal.throwIfAborted()
      const {stream, summary} = await this.#client.exec({
        query: insert,
        query_id: id,
        clickhouse_settings: {
          send_progress_in_http_headers: 1,
          http_headers_progress_interval_ms: String(insertAliveMs),
        },
        abort_signal: signal,
      })
      // With signs of life the status was told before the end; an insert that went well says nothing.
      const said = (await text(stream)).trim()
      if (said !== '') throw new UserError('BAD_ENGINE', `${this.engine.name}: ${said}`)
      const {read_rows: rows = '0', read_bytes: bytes = '0'} = summary ?? {}
      if (Number(bytes) > 0) onProgress?.({rows: Number(rows), bytes: Number(bytes), rowsTotal: 0})
    } catch (error) {
      if (signal.aborted) throw interrupted()
      throw engineError(error, this.engine)
    } finally {
      signal.removeEventListener('abort', kill)
      ended.abort()
      await watched
    }
  }

  /** A table that is to be gone when the connection is closed. */
  dropAtEnd(table: string): void {
    this.#tables.add(table)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#kills)
    for (const table of this.#tables) await this.#drop(table)
    await this.#client.close()
  }

  #take({row, progress, exception}: Line, rows: TextRow[], onProgress: QueryOptions['onProgress']): void {
    if (exception !== undefined) throw new UserError('BAD_ENGINE', `${this.engine.name}: ${exception}`)
    if (progress !== undefined) {
      const {read_rows: read, read_bytes: bytes, total_rows_to_read: total = '0'} = progress
      onProgress?.({rows: Number(read), bytes: Number(bytes), rowsTotal: Number(total)})
    }
    if (row === undefined) return
    if (rows.length >= answerRowsMax) throw tooManyRows()
    rows.push(Object.values(row))
  }

  async #watch(id: string, onProgress: QueryOptions['onProgress'], ended: AbortSignal): Promise<void> {
    try {
      while (onProgress !== undefined) {
        await sleep(lookAtInsertMs, undefined, {signal: ended})
        const result = await this.#client.query({
          query: 'SELECT read_rows, read_bytes FROM system.processes WHERE query_id = {id:String}',
          query_params: {id},
          format: 'JSONCompactEachRow',
          abort_signal: ended,
        })
        const [found] = await result.json<readonly [string, string]>()
        if (found !== undefined) onProgress({rows: Number(found[0]), bytes: Number(found[1]), rowsTotal: 0})
      }
    } catch (error) {
      // The insert has ended, or nobody may look at it: whether it went well, it says itself.
      if (!(error instanceof Error)) throw error
    }
  }

  async #drop(table: string): Promise<void> {
    try {
      await this.#client.command({query: `DROP TABLE IF EXISTS ${table}`, abort_signal: AbortSignal.timeout(dropMs)})
    } catch (error) {
      // Nobody answers: a later run drops it.
      if (!(error instanceof Error)) throw error
    }
  }

  /** Whoever goes away leaves a query behind that runs on: it is told to end. That it ran is not known to have ended. */
  async #kill(id: string): Promise<void> {
    try {
      await this.#client.command({
        query: 'KILL QUERY WHERE query_id = {id:String} ASYNC',
        query_params: {id},
        abort_signal: AbortSignal.timeout(killMs),
      })
    } catch (error) {
      // Nobody answers, or the user may not: the run ends in any case, and the server's own limits end the query.
      if (!(error instanceof Error)) throw error
    }
  }
}

const tooManyRows = (): UserError =>
  new UserError('BAD_ENGINE', `the answer has more than ${answerRowsMax} rows, which are put in order in memory`, {
    hint: 'leave them in ClickHouse: inferno export RULE --sql clickhouse --create',
  })
