import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {createSql, type RuleTarget} from '../../../src/project/index.ts'
import {avg, count, defineRule, distinct, hour, max, min, type Rule, sum, where} from '../../../src/rules/index.ts'
import {dirtyLines, here} from './fixture.ts'
import {type Front, hasEngine, startFront} from './front.ts'

const target = (rule: Rule): RuleTarget =>
  ({rule, module: {name: 'm', file: 'm.ts'}, index: 0, keyset: undefined}) as unknown as RuleTarget
const script = (rule: Rule, input = 'table:logs'): string =>
  createSql({target: target(rule), params: {}, engine: 'clickhouse', input}).sql

/** A row as `rowsOf` asks for it: each cell as text. */
function asTexts(row: string): string {
  const [keyset, key, values] = JSON.parse(row) as [string, string[], unknown[]]
  return JSON.stringify([keyset, key, values.map(value => (value === null ? null : String(value)))])
}

const statements = (text: string): string[] => text.split(/;\n/).filter(statement => /^(?!--)./m.test(statement))

describe.skipIf(!hasEngine())('inferno export --create, on ClickHouse', () => {
  let front: Front
  const summary = defineRule({
    name: 'clicks',
    format: 'json',
    partsPreprocess: [where('exists(site)')],
    keysets: {
      sites: {
        keyParts: ['site'],
        valueParts: {n: count(), ms: sum('ms'), least: min('ms'), worst: max('ms'), ids: distinct('user.id')},
      },
      all: {keyParts: [], valueParts: {n: count(), words: max('user.country')}},
      none: {keyParts: [], partsPreprocess: [where('site == "nowhere"')], valueParts: {n: count()}},
    },
  })
  const parts = [dirtyLines(300), dirtyLines(400, 300), '\n{"site": "b", "ms": -12345.678}\n{"site": "ü", "ms": "x"}\n']
  beforeAll(async () => {
    front = await startFront()
  })
  afterAll(() => front.close())

  const rowsOf = async (view: string, keyset: string, keyCount: number): Promise<string[]> => {
    const columns = `arrayMap(x -> x, [${(await front.rows(`SELECT name FROM system.columns WHERE table = '${view}' ORDER BY position`)).map(([name]) => `toString(\`${name}\`)`)}])`
    const rows = await front.rows(`SELECT ${columns} FROM \`${view}\` ORDER BY 1`)
    return rows.map(([cells]) => {
      const texts = cells as (string | null)[]
      return JSON.stringify([keyset, texts.slice(0, keyCount), texts.slice(keyCount)])
    })
  }

  test('views give the rule’s rows and account after every batch of lines', async () => {
    for (const statement of statements(script(summary))) await front.rows(statement)
    let loaded = ''
    for (const part of parts) {
      await front.insertLines('logs', part)
      loaded += part
      const {rows, account} = await here(summary, loaded)
      const found = [
        ...(await rowsOf('all', 'all', 0)),
        ...(await rowsOf('none', 'none', 0)),
        ...(await rowsOf('sites', 'sites', 1)),
      ]
      expect(found).toEqual(rows.map(asTexts))
      const [counts] = await front.rows(
        'SELECT unsure, in, blank, used, `bad: not JSON`, `filtered: preprocess`, `coerced: sites.ms` FROM clicks_account',
      )
      const about = account as {in: number; blank: number; used: number} & Record<string, Record<string, number>>
      expect(counts?.map(Number)).toEqual([
        0,
        about.in,
        about.blank,
        about.used,
        about['badByReason']?.['not JSON'] ?? 0,
        about['filteredByReason']?.['preprocess'] ?? 0,
        about['coerced']?.['sites.ms'] ?? 0,
      ])
    }
    await front.rows('OPTIMIZE TABLE sites_states FINAL')
    expect(await rowsOf('sites', 'sites', 1)).toEqual(
      (await here(summary, loaded)).rows.filter(row => row.startsWith('["sites')).map(asTexts),
    )
  })

  test('may be run again, and counts an average as sum and count', async () => {
    const rule = defineRule({name: 'mean', format: 'json', keyParts: ['site'], valueParts: {ms: avg('ms')}})
    await front.rows('CREATE DATABASE web')
    const text = script(rule, 'table:web.lines/raw')
    for (const statement of [...statements(text), ...statements(text)]) await front.rows(statement)
    await front.rows(
      `INSERT INTO web.lines SETTINGS short_circuit_function_evaluation = 'disable' VALUES ('{"site":"a","ms":1}'), ('{"site":"a","ms":"2.5"}'), ('{"site":"a"}')`,
    )
    expect(await front.rows('SELECT site, `ms (sum)`, `ms (count)` FROM mean')).toEqual([['a', 3.5, 2]])
  })

  test('is refused with the reasons, and for what is no table', () => {
    const rule = defineRule({name: 'r', format: 'json', keyParts: [hour('time')], valueParts: ['count'], sort: false})
    expect(() => script(rule)).toThrow(/r cannot be kept up to date exactly: .*sort: false/)
    expect(() => script(summary, 'logs/*.json')).toThrow(/follows the lines of a table, and logs\/\*\.json is none/)
    expect(() => script(summary, 's3://bucket/a.json')).toThrow(/follows the lines of a table/)
    expect(() => createSql({target: target(summary), params: {}, engine: 'duckdb', input: 'table:logs'})).toThrow(
      /--create is for ClickHouse/,
    )
  })
})
