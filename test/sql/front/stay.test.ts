/** Rows that stay on ClickHouse: the same tables as when they come here and go back, exactly once. */
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {ClickhouseConnection, type RuleRun, runOnClickhouse, writeRows} from '../../../src/project/index.ts'
import {
  avg,
  collect,
  compilePlan,
  count,
  defineRule,
  distinct,
  histogram,
  max,
  min,
  type Rule,
  sum,
  where,
} from '../../../src/rules/index.ts'
import {openSink, type RowSink, type SinkOptions, type SinkReceipt, tablesOf} from '../../../src/sinks/index.ts'
import {batch} from '../../databases/place.ts'
import {dirtyLines, here} from './fixture.ts'
import {type Front, hasEngine, startFront} from './front.ts'

const never = new AbortController().signal

const all = defineRule({
  name: 'all',
  format: 'json',
  partsPreprocess: [where('exists(site)')],
  keysets: {
    sites: {
      keyParts: ['site'],
      valueParts: {
        n: count(),
        ms: sum('ms'),
        mean: avg('ms'),
        least: min('ms'),
        word: max('user.country'),
        sizes: histogram('ms', [-1, 10, 100]),
        people: distinct('user.id'),
      },
    },
    // The keys of two keysets in another order, and one without keys.
    countries: {keyParts: ['user.country', 'site'], valueParts: {n: count(), ms: avg('ms')}},
    total: {keyParts: [], valueParts: {n: count(), worst: max('ms')}},
    none: {keyParts: ['nothing'], valueParts: {worst: max('ms')}},
  },
})

describe.skipIf(!hasEngine())('rows that stay on ClickHouse', () => {
  let front: Front
  beforeAll(async () => {
    front = await startFront()
    await front.rows('CREATE TABLE logs (line String) ENGINE = MergeTree ORDER BY tuple()')
    await front.insertLines('logs', dirtyLines(700))
    await front.rows('CREATE TABLE edges (line String) ENGINE = Memory')
    await front.insertLines(
      'edges',
      [
        ...['-0.1', '0.2', '9007199254740993', '"12345678901234567890"'].map(ms => `{"site":"a","ms":${ms}}`),
        `{"site":"${'long '.repeat(200)}","ms":-1e-7}`,
        '{"site":"x\\u0000\'\\\\\\"\\n","ms":"words"}',
        '{"site":"𝄞"}',
        '{"site":"ﬁ","ms":1}',
      ].join('\n'),
    )
  })
  beforeEach(async () => {
    front.cut = () => undefined
    for (const [name] of await front.rows(
      "SELECT name FROM system.tables WHERE database = 'default' AND NOT name IN ('logs', 'edges')",
    ))
      await front.rows(`DROP TABLE \`${name}\` SYNC`)
  })
  afterAll(() => front.close())

  const address = () => front.address.replace('http:', 'clickhouse:')
  const open = (rule: Rule, spec: Partial<SinkOptions> = {}): Promise<RowSink> =>
    openSink({to: address(), ...spec}, tablesOf(compilePlan(rule, {module: 'm'}).plan), {firstRetryDelayMs: 10})

  interface Outcome {
    readonly run: RuleRun
    readonly receipt: SinkReceipt
    readonly notes: readonly string[]
  }

  async function write(
    rule: Rule,
    input: string,
    way: 'stay' | 'back',
    spec: Partial<SinkOptions> = {},
  ): Promise<Outcome> {
    await using connection = await ClickhouseConnection.open(front.address, {})
    const sink = await open(rule, spec)
    const notes: string[] = []
    try {
      const run = await runOnClickhouse(
        {rule, module: 'm', address: null},
        {connection, inputs: [input], params: {}, keys: undefined, sink: way === 'stay' ? sink : undefined},
        {signal: never, onNote: line => notes.push(line)},
      )
      return {run, receipt: await writeRows(sink, batch('one'), run, never), notes}
    } finally {
      await sink.close()
    }
  }

  /** Tables with their types and rows, the batches aside. */
  async function tables(): Promise<Record<string, unknown>> {
    const names = await front.rows(
      "SELECT name FROM system.tables WHERE database = 'default' AND NOT name IN ('logs', 'edges', 'inferno_batches') ORDER BY name",
    )
    const found: Record<string, unknown> = {}
    for (const [name] of names) {
      const columns = await front.rows(
        `SELECT name, type FROM system.columns WHERE table = '${name}' ORDER BY position`,
      )
      const texts = columns.map(([column]) => `toString(\`${column}\`)`).join(', ')
      found[String(name)] = [columns, await front.rows(`SELECT ${texts} FROM \`${name}\` ORDER BY ALL`)]
    }
    return found
  }

  const forget = () => front.rows('TRUNCATE TABLE inferno_batches')

  test.each(['logs', 'edges'])(
    'are those, with types and account, of rows that came here and went back (%s)',
    async table => {
      const back = await write(all, `table:${table}`, 'back')
      const expected = await tables()
      expect(Object.keys(expected)).toEqual(['countries', 'sites', 'total'])
      for (const name of ['inferno_batches', ...Object.keys(expected)]) await front.rows(`DROP TABLE ${name} SYNC`)
      const {run, receipt} = await write(all, `table:${table}`, 'stay')
      expect(run.staged).toBeDefined()
      expect(receipt).toEqual(back.receipt)
      expect(run.account()).toEqual({...back.run.account(), bytes: run.account().bytes})
      expect(await tables()).toEqual(expected)
      expect(await front.rows('SELECT toInt64(row_count), rule FROM inferno_batches')).toHaveLength(1)
    },
  )

  test('are not written twice: not when the batch is known, not when its note was lost, not in the other way', async () => {
    await write(all, 'table:logs', 'stay')
    const expected = await tables()
    expect((await write(all, 'table:logs', 'stay')).receipt.isRepeat).toBe(true)
    for (const way of ['stay', 'back', 'stay'] as const) {
      await forget()
      expect((await write(all, 'table:logs', way)).receipt.isRepeat).toBe(false)
      expect(await tables()).toEqual(expected)
    }
  })

  test('follow rows that came from here, whose run was killed', async () => {
    await write(all, 'table:logs', 'back')
    const expected = await tables()
    await forget()
    await write(all, 'table:logs', 'stay')
    expect(await tables()).toEqual(expected)
  })

  test('are cut into the same blocks in both ways, also where rows are long', async () => {
    const rule = defineRule({name: 'many', format: 'json', keyParts: ['k'], valueParts: {n: count(), least: min('t')}})
    await front.rows(
      `CREATE VIEW many_lines AS SELECT concat('{"k":"', toString(number), if(number % 5 = 0, repeat('y', 2000), ''), '","t":"', if(number % 7 = 0, repeat('ü', 200), 'z'), '"}') AS line FROM numbers(60000)`,
    )
    await write(rule, 'table:many_lines', 'stay')
    const inserts = front.asked.filter(sql => sql.startsWith('INSERT INTO `many`')).length
    const expected = await front.rows('SELECT count(), uniqExact(k), sum(n), sum(length(least)) FROM many')
    expect(expected[0]?.slice(0, 2).map(Number)).toEqual([60_000, 60_000])
    await forget()
    await write(rule, 'table:many_lines', 'back')
    expect(front.asked.filter(sql => sql.startsWith('INSERT INTO `many`'))).toHaveLength(2 * inserts)
    expect(inserts).toBe(3)
    expect(await front.rows('SELECT count(), uniqExact(k), sum(n), sum(length(least)) FROM many')).toEqual(expected)
  })

  test('do not stay when a line cannot be judged, and nothing is made', async () => {
    await front.rows(
      'CREATE VIEW odd AS SELECT line FROM edges UNION ALL SELECT concat(\'{"site": "a", "ms": \', repeat(\'9\', 60), \'}\')',
    )
    await expect(write(all, 'table:odd', 'stay')).rejects.toThrow(/1 of 9 lines cannot be judged/)
    expect(Object.keys(await tables())).toEqual(['odd'])
  })

  test('that a column cannot hold are named, and nothing of the batch is written', async () => {
    const rule = defineRule({
      name: 'narrow',
      format: 'json',
      keyParts: ['site'],
      valueParts: {n: count(), ms: sum('ms')},
    })
    const made =
      'CREATE TABLE narrow (site String, n UInt8, ms Decimal(12, 2)) ENGINE = MergeTree ORDER BY site SETTINGS non_replicated_deduplication_window = 100'
    await front.rows(made)
    const failures = await Promise.allSettled([write(rule, 'table:edges', 'back')])
    const failure = await write(rule, 'table:edges', 'stay').catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'OUTPUT_FAILED',
      message: expect.stringContaining('column "ms" of table "narrow" is Decimal(12, 2) and cannot hold'),
    })
    expect((failures[0] as PromiseRejectedResult).reason.message).toBe((failure as Error).message)
    await front.rows('TRUNCATE TABLE narrow')
    await front.rows('ALTER TABLE narrow MODIFY COLUMN ms Decimal(40, 20)')
    await write(rule, 'table:edges', 'stay')
    const narrow = await front.rows("SELECT site, n, toString(ms) FROM narrow WHERE site = 'a'")
    expect(narrow).toEqual([['a', 4, '12354686100489308883.1']])
  })

  test.each(['before', 'after'] as const)('are there once when the connection is cut %s an insert', async when => {
    await write(all, 'table:logs', 'back')
    const expected = await tables()
    for (const name of ['inferno_batches', ...Object.keys(expected)]) await front.rows(`DROP TABLE ${name} SYNC`)
    const cut = new Set<string>()
    front.cut = sql => {
      const place = /^INSERT INTO `(sites|countries|inferno_batches)`/.exec(sql)?.[0]
      if (place === undefined || cut.has(place)) return undefined
      cut.add(place)
      return when
    }
    expect((await write(all, 'table:logs', 'stay')).receipt.isRepeat).toBe(false)
    expect(cut.size).toBe(3)
    expect(await tables()).toEqual(expected)
    expect(await front.rows('SELECT count() FROM inferno_batches')).toEqual([[1]])
  })

  test('come back, with the reason, where the server alone cannot make them what they are to be', async () => {
    const rule = defineRule({name: 'dated', format: 'json', keyParts: ['day'], valueParts: {n: count()}})
    await front.rows(
      'CREATE TABLE dated (day Date, n UInt64) ENGINE = MergeTree ORDER BY day SETTINGS non_replicated_deduplication_window = 100',
    )
    await front.rows('CREATE TABLE days (line String) ENGINE = Memory')
    await front.insertLines('days', '{"day":"2026-11-23"}\n')
    const {run} = await write(rule, 'table:days', 'stay')
    expect(run.staged).toBeUndefined()
    expect(await front.rows('SELECT * FROM dated')).toEqual([['2026-11-23', 1]])
    const {run: posted} = await write(
      defineRule({
        ...all.options,
        name: 'posted',
        keysets: {
          posted: {
            keyParts: ['site'],
            valueParts: ['count'],
            partsPostprocess: [
              function* (key: string[], values: unknown[]) {
                yield [key, values]
              },
            ],
          },
        },
      } as never),
      'table:logs',
      'stay',
    )
    expect(posted.staged).toBeUndefined()
  })

  test('come back, with the reason, when a rule estimates, or its aggregates are worked out here', async () => {
    const rule = defineRule({
      name: 'people',
      format: 'json',
      keyParts: ['site'],
      valueParts: {n: distinct('user.id', {exactUpTo: 10})},
    })
    const {run, notes} = await write(rule, 'table:logs', 'stay')
    expect(run.staged).toBeUndefined()
    expect(notes).toEqual(['rows come back from ClickHouse, because numbers of different values are estimated here'])
    const latest = defineRule({name: 'latest', format: 'json', keyParts: ['site'], valueParts: {words: collect('ms')}})
    const sink = await open(latest)
    expect(await sink.staging?.whyNot()).toBe('column "words" of table "latest" (collect) is worked out here')
    await sink.close()
  })

  test('come back when the user may not make tables', async () => {
    front.cut = sql =>
      sql.startsWith('CREATE TABLE `default`.`inferno_rows_')
        ? {code: 497, message: 'Code: 497. DB::Exception: ann: Not enough privileges. (ACCESS_DENIED)'}
        : undefined
    const {run, receipt, notes} = await write(all, 'table:logs', 'stay')
    expect(run.staged).toBeUndefined()
    expect(receipt.rowCounts).toMatchObject({sites: 3})
    expect(notes).toEqual(['rows come back from ClickHouse, because the user may not make tables there'])
  })

  test('leave no table behind, and take away what a killed run left', async () => {
    await front.rows('CREATE TABLE inferno_rows_1790000000000_0123abcd (x String) ENGINE = Memory')
    const young = `inferno_rows_${Date.now()}_0123abcd`
    await front.rows(`CREATE TABLE ${young} (x String) ENGINE = Memory`)
    await write(all, 'table:logs', 'stay')
    expect(await front.rows("SELECT name FROM system.tables WHERE name LIKE 'inferno\\_rows\\_%'")).toEqual([[young]])
  })

  test.each(['add', 'replace'] as const)('refuse mode %s by name', async mode => {
    await expect(write(all, 'table:logs', 'stay', {mode})).rejects.toMatchObject({
      code: 'BAD_SINK',
      message: expect.stringContaining(`mode "${mode}" cannot be used`),
    })
  })

  test('are those of a run here', async () => {
    const {rows} = await here(all, dirtyLines(700))
    const {receipt} = await write(all, 'table:logs', 'stay')
    expect(Object.values(receipt.rowCounts).reduce((total, rowCount) => total + rowCount, 0)).toBe(rows.length)
  })
})
