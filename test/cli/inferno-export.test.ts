import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project} from './inferno-project.ts'

let project: Project
beforeAll(() => {
  project = new Project()
  const rule = (options: string): string => `import {count, defineRule, hour, p95, where} from 'disco-inferno'
export const good = defineRule({name: 'good', format: 'json', params: {least: 1}, partsPreprocess: [where('n >= $least')], keyParts: ['a'], valueParts: ['count']})
export const bad = defineRule({name: 'bad', ${options}})\n`
  project.write(
    'rules/r.ts',
    rule(
      "format: 'json', keyParts: [hour('time')], fieldTransforms: {a: value => value}, valueParts: {n: count(), slow: p95('ms')}",
    ) +
      "export const rare = defineRule({name: 'rare', format: 'json', valueParts: {n: count(), slow: p95('ms')}, partsPostprocess: [function* (k, v) { yield [k, v] }]})\n",
  )
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

describe.each(['clickhouse', 'duckdb'])('export --sql %s', engine => {
  test('prints a query that says how it is read, with the input and the parameters in it', () => {
    const {exitCode, stdout, stderr} = project.inferno([
      ...['export', 'r.good', '--sql', engine],
      ...['-i', "it's/*.json", '-P', 'least=77'],
    ])
    expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
    expect(stdout).toMatch(new RegExp(`^-- Rule "r.good" for ${engine}, plan `))
    expect(stdout).toContain('exact only if "lines unsure" is 0')
    expect(stdout).toMatch(/it(?:\\'|'')s\/\*\.json/)
    expect(stdout).toContain("'77'")
  })

  test('writes it into a file', () => {
    const args = ['export', 'r.good', '--sql', engine]
    expect(project.inferno([...args, '-o', 'q.sql'])).toEqual({exitCode: 0, stdout: '', stderr: ''})
    expect(project.read('q.sql')).toBe(project.inferno(args).stdout)
  })

  test('refuses a rule without an exact equal, with the reasons', () => {
    const {exitCode, stdout, stderr} = project.inferno(['export', 'r.bad', '--sql', engine, '-o', 'bad.sql'])
    expect({exitCode, stdout, written: project.has('bad.sql')}).toEqual({exitCode: 1, stdout: '', written: false})
    expect(stderr).toMatch(new RegExp(`^Error: r\\.bad has no exact query for ${engine}: `))
    expect(stderr).toContain('fieldTransforms.a: it is a function of the rule')
    expect(stderr).toContain('slow = quantile: a query counts by bucket')
  })

  test('explain --engine prints the same query, or the reasons', () => {
    const explained = project.inferno(['explain', 'r.good', '--engine', engine])
    const way = [
      '-- The rows of inferno run --engine come back here, to be printed; with --to clickhouse://… of the same server they stay there.',
      '-- inferno run --engine … --dry-run asks the server.',
      '--',
    ]
    const lines = explained.stdout.split('\n')
    if (engine === 'clickhouse') expect(lines.splice(2, 3)).toEqual(way)
    expect({...explained, stdout: lines.join('\n')}).toEqual(project.inferno(['export', 'r.good', '--sql', engine]))
    const refused = project.inferno(['explain', 'r.bad', '--engine', engine, '--json'])
    expect(refused.exitCode).toBe(0)
    expect(JSON.parse(refused.stdout)).toEqual([
      {rule: 'r.bad', engine, refused: expect.arrayContaining([expect.stringContaining('fieldTransforms.a: it is')])},
    ])
  })
})

test('explain tells what a run does with the rows of a query, for which an export is refused', () => {
  const {exitCode, stdout} = project.inferno(['explain', 'r.rare', '--engine', 'clickhouse'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain(
    '-- inferno run does the rest with the rows, here:\n--   "_default.slow = quantile"\n--   "partsPostprocess[0]"\n',
  )
  expect(project.inferno(['explain', 'r.rare', '--engine', 'duckdb']).stdout).toMatch(/^r\.rare has no exact query/)
  expect(project.inferno(['export', 'r.rare', '--sql', 'clickhouse']).stderr).toMatch(/partsPostprocess\[0\]: it is a/)
})

test('export into one file wants one rule, and SQL that is known', () => {
  expect(project.inferno(['export', 'r', '--sql', 'duckdb', '-o', 'x.sql'])).toMatchObject({exitCode: 2, stdout: ''})
  expect(project.inferno(['export', 'r.good', '--sql', 'oracle'])).toMatchObject({exitCode: 2, stdout: ''})
  expect(project.inferno(['export', 'r.good', '--sql', 'duckdb', '-o', 'no/x.sql']).stderr).toMatch(
    /^Error: cannot write no\/x\.sql: ENOENT/,
  )
})

test('export --create prints tables and views that follow a table, and refuses what is none', () => {
  const args = ['export', 'r.good', '--sql', 'clickhouse', '--create']
  const {exitCode, stdout, stderr} = project.inferno([...args, '-i', 'table:web.lines/raw'])
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  expect(stdout).toMatch(/^-- Rule "r\.good" for clickhouse, kept up to date; plan /)
  expect(stdout).toContain('CREATE TABLE IF NOT EXISTS `web`.`lines` (`raw` String)')
  expect(stdout.match(/^CREATE MATERIALIZED VIEW IF NOT EXISTS `\w+`/gm)).toEqual([
    'CREATE MATERIALIZED VIEW IF NOT EXISTS `good_fill`',
    'CREATE MATERIALIZED VIEW IF NOT EXISTS `good_account_fill`',
  ])
  expect(project.inferno(args).stdout).toContain('CREATE TABLE IF NOT EXISTS `logs` (`line` String)')
  expect(project.inferno([...args, '-i', 'logs/a.json']).stderr).toMatch(
    /^Error: --create follows the lines of a table/,
  )
  expect(project.inferno(['export', 'r.bad', '--sql', 'clickhouse', '--create']).stderr).toMatch(
    /^Error: r\.bad cannot be kept up to date exactly: .*slow = quantile: a query counts by bucket/,
  )
  expect(project.inferno(['export', 'r.good', '--sql', 'duckdb', '--create'])).toMatchObject({exitCode: 2})
})
