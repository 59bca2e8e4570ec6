/** What every SQL database must do, whichever it is. Each gets an empty database. */
import assert from 'node:assert/strict'
import type {ResultRow} from '../../src/engine/index.ts'
import {avg, count, first, max, min, sum, topK} from '../../src/rules/index.ts'
import type {SinkMode} from '../../src/sinks/index.ts'
import {openSink} from '../../src/sinks/open-sink.ts'
import {exactText, parseExact} from '../../src/sinks/tables/index.ts'
import {
  batch,
  clicksTables,
  decimal,
  never,
  type Place,
  query,
  quoted,
  row,
  tablesFor,
  totals,
  withSink,
} from './place.ts'

type Behaviour = (place: Place) => Promise<void>

const a = [row('a', 1, 2.5)]

/** Trailing zeros of a fraction are the database's habit, not digits of ours. */
function digits(text: string | null | undefined): string {
  return exactText(parseExact(text ?? '')!)
}

async function rowsOf(place: Place, table = 'clicks', columns = 'site, hits, revenue'): Promise<string[]> {
  const rows = await query(place.address, `SELECT ${columns} FROM ${quoted(place.address, table)}`)
  return rows
    .map(cells =>
      cells.map(cell => (cell !== null && /^-?[\d.]+$/.test(cell) ? digits(cell) : (cell ?? 'null'))).join(' '),
    )
    .sort()
}

async function refusal(work: () => Promise<unknown>): Promise<Error & {code?: string; hint?: string}> {
  try {
    await work()
  } catch (error) {
    return error as Error
  }
  throw new assert.AssertionError({message: 'it was not refused'})
}

const writing = (place: Place, mode: SinkMode, name: string, rows: Iterable<ResultRow>, scope?: string) =>
  withSink(place, clicksTables(), mode, sink => sink.write(batch(name, scope), rows, never))

export const behaviours: Readonly<Record<string, Behaviour>> = {
  'a batch is written once however often it is repeated': async place => {
    await withSink(place, clicksTables(), 'append', async sink => {
      assert.equal(await sink.hasBatch(batch('one').id), false)
      const receipt = await sink.write(batch('one'), [row('a', 1, 2.5), row('b', 2, 3)], never)
      assert.deepEqual(receipt, {isRepeat: false, rowCounts: {clicks: 2}})
      assert.equal(await sink.hasBatch(batch('one').id), true)
      const again = await sink.write(batch('one'), a, never)
      assert.deepEqual(again, {isRepeat: true, rowCounts: {clicks: 2}})
      await sink.write(batch('two'), a, never)
    })
    assert.deepEqual(await rowsOf(place), ['a 1 2.5', 'a 1 2.5', 'b 2 3'])
    const ledger = await query(
      place.address,
      'SELECT rule, mode, scope, row_count FROM inferno_batches ORDER BY number',
    )
    assert.deepEqual(ledger, [
      ['daily.clicks', 'append', 'all', '2'],
      ['daily.clicks', 'append', 'all', '1'],
    ])
  },

  'every keyset has its table, lists are JSON text, estimates are doubles': async place => {
    const tables = tablesFor({
      keysets: {
        byDay: {keyParts: ['day'], valueParts: {speed: avg('ms')}, table: 'days'},
        byUser: {keyParts: ['user', 'day'], valueParts: {words: topK('q')}, columnMappings: {user: 'Who?'}},
      },
    })
    await withSink(place, tables, 'append', async sink => {
      const receipt = await sink.write(
        batch('one'),
        [
          {keyset: 'byDay', key: ['mon'], values: [0.1], approximate: []},
          {keyset: 'byUser', key: ['u', 'mon'], values: [[['x"y', 2n]]], approximate: []},
        ],
        never,
      )
      assert.deepEqual(receipt.rowCounts, {days: 1, byUser: 1})
    })
    assert.deepEqual(await query(place.address, 'SELECT * FROM days'), [['mon', '0.1']])
    const users = quoted(place.address, 'byUser')
    const [user] = await query(place.address, `SELECT ${quoted(place.address, 'Who?')}, words FROM ${users}`)
    assert.deepEqual(user, ['u', '[["x\\"y",2]]'])
  },

  'integers and decimals keep all digits': async place => {
    const numbers = [
      9007199254740993n,
      decimal('12345678901234567890.125'),
      0.1,
      1e-7,
      -2147483649,
      123456789012345678901234567890n,
    ]
    await writing(
      place,
      'append',
      'one',
      numbers.map((number, index) => row(`k${index}`, 1, number)),
    )
    const rows = await query(place.address, `SELECT revenue FROM ${quoted(place.address, 'clicks')} ORDER BY site`)
    assert.deepEqual(
      rows.map(([cell]) => (cell === '1e-7' ? '0.0000001' : digits(cell))),
      [
        '9007199254740993',
        '12345678901234567890.125',
        '0.1',
        '0.0000001',
        '-2147483649',
        '123456789012345678901234567890',
      ],
    )
  },

  'a value that would lose something is refused by name, and nothing is written': async place => {
    const error = await refusal(() => writing(place, 'append', 'one', [row('a', 1, 1), row('b', 0.5, 1)]))
    assert.match(
      error.message,
      /column "hits" of table "clicks" .* cannot hold 0\.5 without loss: a fraction \(key \["b"\]\)/,
    )
    assert.match(error.hint ?? '', /nothing was written/)
    assert.deepEqual(await rowsOf(place), [])
    const text = await refusal(() => writing(place, 'append', 'two', [row('a', 1, 'much')]))
    assert.match(text.message, /column "revenue" .* cannot hold "much"/)
  },

  'replace takes away what an earlier batch of the same scope wrote, and only that': async place => {
    await writing(place, 'replace', 'monday', [row('a', 1, 1), row('b', 1, 1)], 'monday')
    await writing(place, 'replace', 'tuesday', [row('c', 1, 1)], 'tuesday')
    await writing(place, 'replace', 'monday, more', [row('a', 5, 5)], 'monday')
    assert.deepEqual(await rowsOf(place), ['a 5 5', 'c 1 1'])
    assert.equal((await writing(place, 'replace', 'monday, more', [], 'monday')).isRepeat, true)
    const back = await writing(place, 'replace', 'monday', [row('a', 1, 1)], 'monday')
    assert.equal(back.isRepeat, false)
    assert.deepEqual(await rowsOf(place), ['a 1 1', 'c 1 1'])
    await writing(place, 'replace', 'monday, empty', [], 'monday')
    assert.deepEqual(await rowsOf(place), ['c 1 1'])
  },

  'add keeps totals by key, exactly, also when a key comes twice': async place => {
    const tables = clicksTables(totals)
    const write = (name: string, rows: readonly ResultRow[]) =>
      withSink(place, tables, 'add', sink => sink.write(batch(name), rows, never))
    await write('one', [row('a', 1, 0.1, 5, 5), row('b', 1, 1, null, null), row('a', 1, 0.2, 3, 9)])
    await write('two', [row('a', 1, decimal('12345678901234567890.125'), 4, 10), row('b', 2, -1, 7, 7)])
    await write('two', [row('a', 1, 1, 0, 0)])
    const columns = 'site, hits, revenue, least, most'
    assert.deepEqual(await rowsOf(place, 'clicks', columns), ['a 3 12345678901234567890.425 3 10', 'b 3 0 7 7'])
  },

  'add compares text by code point and keeps it when there is nothing else': async place => {
    const tables = clicksTables({least: min('time'), most: max('time')})
    for (const [name, text] of [
      ['one', 'b'],
      ['two', 'Z'],
      ['three', 'ä'],
    ] as const) {
      await withSink(place, tables, 'add', sink => sink.write(batch(name), [row('a', text, text)], never))
    }
    await withSink(place, tables, 'add', sink => sink.write(batch('four'), [row('a', null, null)], never))
    assert.deepEqual(await rowsOf(place, 'clicks', 'site, least, most'), ['a Z ä'])
  },

  'add without key parts has one row': async place => {
    const tables = tablesFor({valueParts: {hits: count()}})
    for (const name of ['one', 'two']) {
      await withSink(place, tables, 'add', sink => sink.write(batch(name), [row([], 2)], never))
    }
    assert.deepEqual(await rowsOf(place, 'clicks', 'hits'), ['4'])
  },

  'keys that differ in case, accents, blanks or after thousands of characters are different': async place => {
    const long = 'x'.repeat(10_000)
    const keys = ['', ' ', 'a', 'A', 'a ', 'ä', 'a\u0308', `${long}1`, `${long}2`, '\u{1f600}', 'NULL', '0']
    for (const name of ['one', 'two']) {
      await withSink(place, clicksTables(), 'add', sink =>
        sink.write(
          batch(name),
          keys.map(key => row(key, 1, 1)),
          never,
        ),
      )
    }
    const rows = await query(place.address, `SELECT site, hits FROM ${quoted(place.address, 'clicks')}`)
    assert.deepEqual(rows.map(([key]) => key).sort(), [...keys].sort())
    assert.ok(rows.every(([, hits]) => hits === '2'))
  },

  'text arrives as it is, whatever it looks like': async place => {
    const texts = [
      "'; DROP TABLE clicks; --",
      '\\',
      "\\'",
      '"',
      '`',
      '{a,b}',
      '\t\r\n',
      '\u0001',
      '$1',
      '?',
      '%s',
      '\u{1f4a9}',
      '\u2028',
      "\\x00'",
    ]
    await writing(
      place,
      'append',
      'one',
      texts.map(text => row(text, 1, 1)),
    )
    const rows = await query(place.address, `SELECT site FROM ${quoted(place.address, 'clicks')}`)
    assert.deepEqual(rows.flat().sort(), [...texts].sort())
  },

  'a NUL in text is no error, and two keys that differ in it stay two': async place => {
    await writing(place, 'add', 'one', [row('a\0', 1, 1), row('a', 2, 2), row('a\u2400', 4, 4)])
    const rows = await query(place.address, `SELECT site, hits FROM ${quoted(place.address, 'clicks')} ORDER BY hits`)
    assert.deepEqual(
      rows.map(([, hits]) => hits),
      ['1', '2', '4'],
    )
    assert.ok(rows[0]![0] === 'a\0' || rows[0]![0] === 'a\u2400')
  },

  'names may be reserved words, have quotes, blanks and any letters': async place => {
    const tables = tablesFor({
      keyParts: ['select', 'a"b', 'c`d', "e'f"],
      valueParts: {'größe 大 ?': sum('x'), 'order; --': count()},
      table: 'table "x" `y` group?',
    })
    for (const mode of ['append', 'add', 'replace'] as const) {
      const named = tables.map(table => ({...table, name: `${mode} ${table.name}`}))
      for (const name of ['one', 'two']) {
        await withSink(place, named, mode, sink => sink.write(batch(name), [row(['1', '2', '3', '4'], 5, 6)], never))
      }
      const rows = await query(
        place.address,
        `SELECT ${quoted(place.address, 'order; --')} FROM ${quoted(place.address, named[0]!.name)}`,
      )
      assert.deepEqual(rows.flat(), {append: ['6', '6'], add: ['12'], replace: ['6']}[mode])
    }
  },

  'of several writers of one batch exactly one wins': async place => {
    const receipts = await Promise.all(
      Array.from({length: 5}, () => writing(place, 'append', 'one', [row('a', 1, 1), row('b', 1, 1)])),
    )
    assert.equal(receipts.filter(receipt => !receipt.isRepeat).length, 1)
    assert.deepEqual(await rowsOf(place), ['a 1 1', 'b 1 1'])
  },

  'writers of different batches add up, whatever order their keys have': async place => {
    const keys = Array.from({length: 200}, (_, index) => `k${index}`)
    await Promise.all(
      Array.from({length: 4}, (_, index) => {
        const rows = (index % 2 === 0 ? keys : [...keys].reverse()).map(key => row(key, 1, 0.1))
        return writing(place, 'add', `batch ${index}`, rows)
      }),
    )
    const rows = await rowsOf(place, 'clicks', 'hits, revenue')
    assert.deepEqual(
      rows,
      keys.map(() => '4 0.4'),
    )
  },

  'writers of one scope leave the rows of one of them': async place => {
    await Promise.all(
      Array.from({length: 4}, (_, index) =>
        writing(place, 'replace', `batch ${index}`, [row(`k${index}`, 1, 1)], 'day'),
      ),
    )
    assert.equal((await rowsOf(place)).length, 1)
    assert.equal((await query(place.address, 'SELECT number FROM inferno_batches')).length, 1)
  },

  'rows that fail half-way leave nothing behind': async place => {
    function* failing(): Iterable<ResultRow> {
      for (let index = 0; index < 7000; index++) yield row(`k${index}`, 1, 1)
      throw new Error('the merge broke')
    }
    const error = await refusal(() => writing(place, 'append', 'one', failing()))
    assert.equal(error.message, 'the merge broke')
    assert.deepEqual(await rowsOf(place), [])
    await writing(place, 'append', 'one', a)
    assert.deepEqual(await rowsOf(place), ['a 1 2.5'])
  },

  'an abort in the middle leaves nothing behind': async place => {
    const stop = new AbortController()
    function* stopping(): Iterable<ResultRow> {
      for (let index = 0; index < 20_000; index++) {
        if (index === 9000) stop.abort(new Error('stopped'))
        yield row(`k${index}`, 1, 1)
      }
    }
    const error = await refusal(() =>
      withSink(place, clicksTables(), 'append', sink => sink.write(batch('one'), stopping(), stop.signal)),
    )
    assert.equal(error.message, 'stopped')
    assert.deepEqual(await rowsOf(place), [])
  },

  'more rows than one statement holds all arrive': async place => {
    function* many(): Iterable<ResultRow> {
      for (let index = 0; index < 12_345; index++) yield row(`k${index}`, 1, index)
    }
    const {rowCounts} = await writing(place, 'append', 'one', many())
    assert.deepEqual(rowCounts, {clicks: 12_345})
    assert.deepEqual(await rowsOf(place, 'clicks', 'count(*), sum(revenue)'), [`12345 ${(12_344 * 12_345) / 2}`])
  },

  'columns of min, max and first are what the first rows hold': async place => {
    const tables = clicksTables({most: max('ms'), page: first('page', {by: 'time'})})
    const write = (name: string, rows: readonly ResultRow[]) =>
      withSink(place, tables, 'append', sink => sink.write(batch(name), rows, never))
    await write('empty', [])
    await write('one', [row('a', null, '/x'), row('b', 12.5, '7')])
    assert.deepEqual(await rowsOf(place, 'clicks', 'site, most, page'), ['a null /x', 'b 12.5 7'])
    if (place.address.startsWith('sqlite:')) return
    const error = await refusal(() => write('two', [row('c', 'n/a', '/y')]))
    assert.match(error.message, /column "most" of table "clicks" .* cannot hold "n\/a"/)
    assert.match(error.hint ?? '', /ALTER TABLE/)
    await query(place.address, error.hint!.slice(error.hint!.indexOf('ALTER')))
    await write('two', [row('c', 'n/a', '/y')])
  },

  'a table that is there must fit, and the hint makes it fit': async place => {
    const table = quoted(place.address, 'clicks')
    await query(place.address, `CREATE TABLE ${table} (site VARCHAR(200) NOT NULL, hits REAL, note INTEGER DEFAULT 7)`)
    const error = await refusal(() => writing(place, 'append', 'one', a))
    assert.equal(error.code, 'BAD_SINK')
    assert.match(error.message, /table "clicks" of .* does not fit the rule:/)
    assert.match(error.message, /column "hits" is (?:REAL|real|double|float).*, and should be/i)
    assert.match(error.message, /column "revenue" is missing/)
    const statements = error
      .hint!.split('\n')
      .map(line => line.trim())
      .filter(line => line.startsWith('ALTER'))
    if (place.address.startsWith('sqlite:')) {
      await query(place.address, `DROP TABLE ${table}`)
      await query(place.address, `CREATE TABLE ${table} (site TEXT, hits INTEGER, revenue, note INTEGER DEFAULT 7)`)
    }
    for (const statement of statements) if (!place.address.startsWith('sqlite:')) await query(place.address, statement)
    await writing(place, 'append', 'one', a)
    assert.deepEqual(await rowsOf(place, 'clicks', 'site, hits, revenue, note'), ['a 1 2.5 7'])
  },

  'a required column that the rule does not have is told before a row is lost to it': async place => {
    await query(
      place.address,
      `CREATE TABLE ${quoted(place.address, 'clicks')} (site VARCHAR(200), hits BIGINT, revenue DECIMAL(20,2), owner VARCHAR(20) NOT NULL)`,
    )
    const error = await refusal(() => writing(place, 'append', 'one', a))
    assert.match(error.message, /column "owner" \(.*\) must be given and the rule does not have it/)
  },

  'add wants a unique key, replace its column': async place => {
    await query(
      place.address,
      `CREATE TABLE ${quoted(place.address, 'clicks')} (site VARCHAR(200), hits BIGINT, revenue DECIMAL(20,2))`,
    )
    const add = await refusal(() => writing(place, 'add', 'one', a))
    assert.match(add.message, /totals are kept by a unique key over/)
    const replace = await refusal(() => writing(place, 'replace', 'one', a))
    assert.match(replace.message, /column "_batch" is missing/)
    await writing(place, 'append', 'one', a)
  },

  'what the statements for new tables make is what the sink writes to': async place => {
    for (const mode of ['append', 'add', 'replace'] as const) {
      const tables = clicksTables().map(table => ({...table, name: `clicks_${mode}`}))
      const dry = await openSink({to: place.address, mode}, tables, {isDryRun: true})
      const statements = await dry.ddl()
      assert.ok(statements.length >= 1)
      assert.deepEqual(await dry.ddl(), statements)
      for (const statement of statements) await query(place.address, statement)
      assert.deepEqual(await dry.ddl(), [])
      await withSink(place, tables, mode, sink => sink.write(batch(mode), a, never))
      assert.deepEqual(await dry.ddl(), [])
    }
  },

  'a table prefix keeps two uses of one rule apart': async place => {
    for (const tablePrefix of ['', 'trial_']) {
      const sink = await openSink({to: place.address, tablePrefix}, clicksTables())
      assert.deepEqual(await sink.write(batch('one'), a, never), {
        isRepeat: false,
        rowCounts: {[`${tablePrefix}clicks`]: 1},
      })
    }
  },

  'a table that was dropped is not passed over in silence': async place => {
    await writing(place, 'append', 'one', a)
    await query(place.address, `DROP TABLE ${quoted(place.address, 'clicks')}`)
    const error = await refusal(() => withSink(place, clicksTables(), 'append', sink => sink.hasBatch(batch('one').id)))
    assert.match(error.message, /was written to table "clicks", which is gone/)
    await query(place.address, error.hint!.slice(error.hint!.indexOf('DELETE')))
    assert.equal((await writing(place, 'append', 'one', a)).isRepeat, false)
  },

  'rows that can be read only once are written': async place => {
    function* once(): Generator<ResultRow> {
      yield* a
    }
    assert.deepEqual((await writing(place, 'append', 'one', once())).rowCounts, {clicks: 1})
  },
}
