/** The rules of the templates, here and on ClickHouse: the same rows and accounts. */
import {readFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {alphanumeric, defineRule, type Rule, sum, upper, where} from '../../src/api.ts'
import requests from '../../templates/access-log/rules/access.ts'
import traffic from '../../templates/ad-clicks/rules/clicks.ts'
import talk from '../../templates/ad-clicks/rules/talk.ts'
import presidential from '../../templates/election/rules/election.ts'
import {campaigns, hours, people} from '../../templates/live-clicks/rules/clicks.ts'
import {fromCsv, fromJson} from '../../templates/names/rules/names.ts'
import {here, there} from './front/fixture.ts'
import {type Front, hasEngine, startFront} from './front/front.ts'

const templates = join(import.meta.dirname, '../../templates')
const dataOf = (path: string): string => readFileSync(join(templates, path), 'utf8')

/** A rule with some of it said otherwise: what has no exact query is left out. */
function changed({options}: Rule, changes: object): Rule {
  return defineRule({...options, examples: undefined, ...changes} as never)
}

const rules: readonly (readonly [name: string, rule: Rule, data: string])[] = [
  ['names, JSON', fromJson, 'names/data/names.ndjson'],
  ['names, CSV', fromCsv, 'names/data/names.csv'],
  ['ad-clicks, the talk', talk, 'ad-clicks/data/talk.ndjson'],
  ['ad-clicks, with its postprocessor', traffic, 'ad-clicks/data/clicks.ndjson'],
  ['live-clicks, campaigns', campaigns, 'live-clicks/data/clicks.ndjson'],
  ['live-clicks, hours', hours, 'live-clicks/data/clicks.ndjson'],
  ['live-clicks, people', people, 'live-clicks/data/clicks.ndjson'],
  ['access-log, with its quantile and topK', requests, 'access-log/data/access_log'],
  [
    'election, the functions that records go through as built-in steps',
    changed(presidential, {
      partsPreprocess: [where("cand_id startsWith 'P' and memo_cd != 'X'")],
      fields: undefined,
      fieldTransforms: {cand_nm: alphanumeric, contbr_st: upper, contbr_occupation: alphanumeric},
    }),
    'election/data/P00000001-ALL.txt',
  ],
]

describe.skipIf(!hasEngine())('on ClickHouse a template gives what it gives here', () => {
  let front: Front
  beforeAll(async () => {
    front = await startFront()
  })
  afterAll(() => front.close())

  test.each(rules)('%s', async (_, rule, data) => {
    const table = `logs_${data.replaceAll(/\W/g, '_')}`
    await front.rows(`CREATE TABLE IF NOT EXISTS ${table} (line String) ENGINE = Memory`)
    await front.rows(`TRUNCATE TABLE ${table}`)
    const text = dataOf(data)
    await front.insertLines(table, text)
    const expected = await here(rule, text)
    expect(expected.rows.length).toBeGreaterThan(1)
    expect(await there(front, rule, [`table:${table}`])).toEqual(expected)
  })

  test('each address has a header of its own, and a table has none', async () => {
    const files: Record<string, string> = {
      '/a.csv': '\ufeffsite,"ms"\r\na,1\r\nb,2.5\r\n',
      '/b.csv': '\nms,other,site\n7,x,"a ""b"""\n8,y\n',
    }
    const server = createServer((request, response) => {
      const text = Buffer.from(files[request.url ?? ''] ?? '')
      response.writeHead(200, {'content-length': text.length})
      response.end(request.method === 'HEAD' ? undefined : text)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const rule = defineRule({
      name: 'sites',
      format: {type: 'csv', fields: 'header'},
      keyParts: ['site'],
      valueParts: {ms: sum('ms')},
    })
    const found = await there(front, rule, [`${at}/a.csv`, `${at}/b.csv`])
    expect(found.rows).toEqual(['["_default",["a"],[1]]', '["_default",["a \\"b\\""],[7]]', '["_default",["b"],[2.5]]'])
    expect(found.account).toMatchObject({in: 4, used: 3, blank: 1, filtered: 1})
    await front.rows('CREATE TABLE cells (line String) ENGINE = Memory')
    await expect(there(front, rule, ['table:cells'])).rejects.toThrow(/no row of a table is the first/)
  })

  test.each([
    [
      'election',
      presidential,
      /partsPreprocess\[1\]: it is a function of the rule.*fieldTransforms\.contbr_occupation\[1\]: it is a function of the rule/,
    ],
  ])('what %s has beyond that is refused by name', async (_, rule, reasons) => {
    await front.rows('CREATE TABLE IF NOT EXISTS empty (line String) ENGINE = Memory')
    await expect(there(front, rule, ['table:empty'])).rejects.toThrow(reasons)
  })
})
