import {afterEach, describe, expect, test} from 'vitest'
import {count, max} from '../../../../src/rules/index.ts'
import {openSink, type RowSink} from '../../../../src/sinks/index.ts'
import {batch, clicksTables, decimal, never, row} from '../../../databases/place.ts'
import {type Answer, type Received, type Receiver, startReceiver} from '../receiver.ts'

/**
 * Stands in for a server, of which there is none here: it checks requests, keeps tables and their blocks by token, and knows
 * just the statements that the sink sends.
 */
class StandIn {
  readonly tables = new Map<string, {columns: string[][]; engine: string; rows: unknown[][]}>()
  readonly tokens = new Set<string>()
  /** Answers before the usual ones. */
  readonly failures: Answer[] = []

  answer({url, headers, body}: Received): Answer {
    expect(headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`)
    expect(url.searchParams.get('database')).toBe('stats')
    const failure = this.failures.shift()
    if (failure !== undefined) return failure
    const query = url.searchParams.get('query')
    return query === null ? this.#statement(body, url) : this.#insert(query, url, body)
  }

  #statement(sql: string, url: URL): Answer {
    const made = /^CREATE TABLE IF NOT EXISTS `(\w+)` \((.*)\) (ENGINE = MergeTree .*)$/s.exec(sql)
    if (made !== null) {
      const columns = [...made[2]!.matchAll(/`?(\w+)`? ((?:[^,(]|\([^()]*(?:\([^()]*\))?[^()]*\))+)/g)].map(match => [
        match[1]!,
        match[2]!,
      ])
      if (!this.tables.has(made[1]!)) this.tables.set(made[1]!, {columns, engine: made[3]!, rows: []})
      return {status: 200}
    }
    const table = this.tables.get(url.searchParams.get('param_table') ?? '')
    if (sql.includes('system.columns')) return lines(table?.columns.map(([name, type]) => ({name, type})) ?? [])
    if (sql.includes('system.tables')) return lines(table === undefined ? [] : [{engine_full: table.engine}])
    if (sql.includes('SELECT row_counts FROM `inferno_batches`')) {
      const key = url.searchParams.get('param_key')
      const found = this.tables.get('inferno_batches')!.rows.filter(([batchKey]) => batchKey === key)
      return lines(found.map(cells => ({row_counts: cells[8]})))
    }
    return {status: 400, body: `Code: 62. DB::Exception: Syntax error: ${sql}. (SYNTAX_ERROR)`}
  }

  #insert(query: string, url: URL, body: string): Answer {
    const match = /^INSERT INTO `(\w+)` \(.*\) FORMAT JSONCompactEachRow/.exec(query)
    expect(match, query).not.toBeNull()
    expect(url.searchParams.get('async_insert')).toBe('0')
    const token = url.searchParams.get('insert_deduplication_token')!
    expect(token.length).toBeGreaterThan(63)
    const table = this.tables.get(match![1]!)!
    const rows = body
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as unknown[])
    if (!this.tokens.has(token)) table.rows.push(...rows)
    this.tokens.add(token)
    return {status: 200}
  }
}

function lines(rows: readonly object[]): Answer {
  return {status: 200, body: rows.map(each => `${JSON.stringify(each)}\n`).join('')}
}

let receiver: Receiver | undefined
afterEach(async () => {
  await receiver?.close()
  receiver = undefined
})

async function start(): Promise<StandIn> {
  const standIn = new StandIn()
  receiver = await startReceiver(request => standIn.answer(request))
  return standIn
}

async function open(tables = clicksTables()): Promise<RowSink> {
  return openSink(`clickhouse://ann:p%40ss@${receiver!.host}/stats`, tables, {firstRetryDelayMs: 1})
}

describe('ClickHouse (a stand-in for its server)', () => {
  test('gets tables, rows with all digits, and a note of the batch', async () => {
    const server = await start()
    const sink = await open()
    expect(sink).toMatchObject({isExactlyOnce: false, name: `clickhouse://${receiver!.host}/stats`})
    expect(await sink.hasBatch(batch('one').id)).toBe(false)
    const rows = [row('a', 9007199254740993n, decimal('0.1234567890123456789')), row("b'\\", 2, 0.5)]
    expect(await sink.write(batch('one'), rows, never)).toEqual({isRepeat: false, rowCounts: {clicks: 2}})
    expect(server.tables.get('clicks')!.rows).toEqual([
      ['a', '9007199254740993', '0.1234567890123456789'],
      ["b'\\", '2', '0.5'],
    ])
    expect(await sink.hasBatch(batch('one').id)).toBe(true)
    expect(await sink.write(batch('one'), rows, never)).toMatchObject({isRepeat: true})
    await sink.close()
  })

  test('drops blocks that it had before the note was lost', async () => {
    const server = await start()
    const many = Array.from({length: 60_000}, (_, index) => row(`k${index}`, 1, 1))
    const sink = await open()
    await sink.write(batch('one'), many, never)
    server.tables.get('inferno_batches')!.rows.splice(0)
    expect(await sink.write(batch('one'), many, never)).toMatchObject({isRepeat: false})
    expect(server.tables.get('clicks')!.rows).toHaveLength(60_000)
    await sink.close()
  })

  test('is asked again when it is busy, and not when it refuses', async () => {
    const server = await start()
    const sink = await open()
    server.failures.push({
      status: 500,
      body: 'Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)',
    })
    expect(await sink.hasBatch(batch('one').id)).toBe(false)
    server.failures.push({
      status: 403,
      body: 'Code: 516. DB::Exception: ann: Authentication failed. (AUTHENTICATION_FAILED)',
    })
    await expect(sink.hasBatch(batch('one').id)).rejects.toMatchObject({code: 'BAD_SINK'})
    await sink.close()
  })

  test('types min and max by the first rows', async () => {
    const server = await start()
    const sink = await open(clicksTables({most: max('ms'), last: max('time')}))
    await sink.write(batch('one'), [row('a', 1.5, '2026')], never)
    expect(server.tables.get('clicks')!.columns).toEqual([
      ['site', 'String'],
      ['most', 'Nullable(Decimal(76, 30))'],
      ['last', 'Nullable(String)'],
    ])
    await sink.close()
  })

  test('a table that remembers no blocks is refused, with the statement that changes it', async () => {
    const server = await start()
    const columns = [
      ['site', 'LowCardinality(String)'],
      ['hits', 'UInt64'],
    ]
    server.tables.set('clicks', {columns, engine: 'MergeTree ORDER BY site', rows: []})
    await expect(open(clicksTables({hits: count()}))).rejects.toMatchObject({
      code: 'BAD_SINK',
      message: expect.stringContaining('it remembers no blocks'),
      hint: expect.stringContaining('MODIFY SETTING non_replicated_deduplication_window = 10000'),
    })
  })

  test('only appends', async () => {
    for (const mode of ['add', 'replace'] as const) {
      const opening = openSink({to: 'clickhouse://db/stats', mode}, clicksTables())
      await expect(opening).rejects.toThrow(`mode "${mode}" cannot be used with ClickHouse`)
    }
  })
})
