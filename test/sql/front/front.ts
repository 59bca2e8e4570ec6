/**
 * As much of ClickHouse's HTTP interface as its official client needs, before a real engine (chdb): queries in the body or the
 * address, data behind them, parameters, settings, users, errors with codes, summaries, `KILL QUERY`.
 *
 * Not here: compression, sessions, several queries at once (they wait for each other), a cluster.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {load} from '../engines.ts'
import {Engine} from './engine.ts'

export const user = 'ann'
export const password = 'p@ss:word'

export interface Front extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** With user and password. */
  readonly address: string
  /** What was asked, in order, without data. */
  readonly asked: readonly string[]
  /** Which requests end without an answer, before their query has run or after, or are refused. */
  cut: (sql: string) => 'before' | 'after' | {readonly code: number; readonly message: string} | undefined
  /** Rows of a query, without going through the interface. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
  /** Into the column `line`, as they are, and without lazy evaluation: views take that setting from the insert. */
  insertLines(table: string, text: string): Promise<void>
  close(): Promise<void>
}

/** Whether there is an engine: it is no dependency of the product. */
export const hasEngine = (): boolean => load('chdb') !== undefined

/** Names in the address that are no settings. */
const own = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'session_id',
  'wait_end_of_query',
  'role',
  'compress',
])

export async function startFront(): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'clickhouse-front-'))
  const engine = new Engine(folder)
  const asked: string[] = []
  const running = new Set<string>()
  const server = createServer((request, response) => void serve(request, response))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://front')
    if (url.pathname === '/ping') return void response.end('Ok.\n')
    const body = await buffer(request)
    if (!isKnown(request)) {
      return refuse(
        response,
        403,
        516,
        `Code: 516. DB::Exception: ${user}: Authentication failed. (AUTHENTICATION_FAILED)`,
      )
    }
    const inAddress = url.searchParams.get('query')
    const sql = inAddress === null ? String(body) : body.length === 0 ? inAddress : `${inAddress}\n${String(body)}`
    asked.push(inAddress ?? sql)
    const id = url.searchParams.get('query_id') ?? ''
    const cut = front.cut(asked.at(-1)!)
    if (typeof cut === 'object') return refuse(response, 403, cut.code, cut.message)
    if (cut === 'before') return void request.socket.destroy()
    if (/^KILL QUERY\b/.test(sql)) {
      if (running.has(url.searchParams.get('param_id') ?? '')) await engine.kill()
      return void response.end()
    }
    running.add(id)
    const answer = await engine.ask({
      sql,
      database: url.searchParams.get('database') ?? 'default',
      params: entries(url, name => (name.startsWith('param_') ? name.slice('param_'.length) : undefined)),
      settings: entries(url, name => (own.has(name) || name.startsWith('param_') ? undefined : name)),
    })
    running.delete(id)
    if (cut === 'after') return void request.socket.destroy()
    if ('code' in answer) return refuse(response, answer.code === 81 ? 404 : 500, answer.code, answer.message)
    response.setHeader('X-ClickHouse-Query-Id', id)
    response.setHeader('X-ClickHouse-Format', /FORMAT (\w+)\s*$/.exec(sql)?.[1] ?? 'TabSeparated')
    response.setHeader('X-ClickHouse-Summary', JSON.stringify({read_rows: '0', read_bytes: '0', written_rows: '0'}))
    response.end(answer.text)
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await Promise.all([engine.kill(), new Promise(resolve => server.close(resolve))])
    rmSync(folder, {recursive: true, force: true})
  }
  const ask = async (sql: string): Promise<string> => {
    const answer = await engine.ask({sql, database: 'default', params: {}, settings: {}})
    if ('code' in answer) throw new Error(answer.message)
    return answer.text
  }
  const front: Front = {
    host,
    cut: () => undefined,
    address: `http://${user}:${encodeURIComponent(password)}@${host}/default`,
    asked,
    rows: async sql => {
      const text = await ask(/^\s*SELECT/i.test(sql) ? `${sql} FORMAT JSONCompactEachRow` : sql)
      return text
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as unknown[])
    },
    insertLines: async (table, text) => {
      const path = join(folder, 'inserted')
      writeFileSync(path, text)
      const lines = `SELECT line FROM file('${path}', 'LineAsString', 'line String')`
      await ask(`INSERT INTO ${table} (line) SETTINGS short_circuit_function_evaluation = 'disable' ${lines}`)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return front
}

function isKnown({headers}: IncomingMessage): boolean {
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return headers.authorization === wanted
}

function entries(url: URL, nameOf: (name: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(
    [...url.searchParams].flatMap(([name, value]) => {
      const wanted = nameOf(name)
      return wanted === undefined ? [] : [[wanted, value] as const]
    }),
  )
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, {'X-ClickHouse-Exception-Code': String(code)}).end(`${message} (version 26.7.2.1)`)
}
