/**
 * A ClickHouse of its own in this process (chdb), asked over the parent's channel, one query at a time.
 *
 * `node test/sql/front/engine-process.ts FOLDER`. It ends when the parent goes.
 */
import {load} from '../engines.ts'

export interface EngineQuery {
  readonly number: number
  readonly sql: string
  readonly database: string
  readonly params: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string>>
}

export type EngineAnswer =
  | {readonly number: number; readonly text: string}
  /** `code` is the server's own. */
  | {readonly number: number; readonly code: number; readonly message: string}

interface ChdbModule {
  Session: new (
    path: string,
  ) => {
    queryAsync(sql: string, options: {format: string}): Promise<{text(): string}>
    queryBindAsync(sql: string, params: object, options: {format: string}): Promise<{text(): string}>
  }
}

const {Session} = load('chdb') as ChdbModule
const session = new Session(process.argv[2] ?? '')
const plain = {format: 'TabSeparated'}
// A query that runs away is to fail, not the machine.
await session.queryAsync('SET max_memory_usage = 2000000000, max_threads = 1, max_execution_time = 60', plain)

let last: Promise<void> = Promise.resolve()
process.on('message', (query: EngineQuery) => {
  last = last.then(() => answer(query))
})
process.once('disconnect', () => process.exit(0))
process.send?.({number: 0, text: ''} satisfies EngineAnswer)

async function answer({number, sql, database, params, settings}: EngineQuery): Promise<void> {
  const names = Object.keys(settings)
  try {
    await session.queryAsync(`USE ${identifier(database)}`, plain)
    if (names.length > 0)
      await session.queryAsync(`SET ${names.map(name => `${name} = ${literal(settings[name]!)}`)}`, plain)
    const result =
      Object.keys(params).length === 0 ? session.queryAsync(sql, plain) : session.queryBindAsync(sql, params, plain)
    process.send?.({number, text: (await result).text()} satisfies EngineAnswer)
  } catch (error) {
    const {clickhouseCode: code = 1002, message} = error as {clickhouseCode?: number; message: string}
    process.send?.({number, code, message} satisfies EngineAnswer)
  } finally {
    // A session keeps settings; those of a request are the request's own.
    if (names.length > 0) await session.queryAsync(`SET ${names.map(name => `${name} = DEFAULT`)}`, plain)
  }
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}
