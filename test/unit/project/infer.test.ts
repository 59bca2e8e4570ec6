import assert from 'node:assert/strict'
import {test} from 'vitest'
import {type Inference, type InferredField, inferFile, inferRecordCountMax} from '../../../src/project/index.ts'
import {firstQuery} from '../../../src/project/infer/first-query.ts'

type Records = Parameters<typeof inferFile>[0]
const json = {fileName: 'logs/ad clicks.ndjson', format: {format: 'json'}} as const

async function fieldOf(records: Records, name: string): Promise<InferredField> {
  const {fields} = await inferFile(records, json)
  return fields.find(field => field.name === name)!
}
const values = async (...list: unknown[]): Promise<InferredField> =>
  fieldOf(
    list.map(value => ({field: value})),
    'field',
  )

const adLog = Array.from({length: 200}, (_, index) => ({
  time: String(1330969562706 + index * 1000),
  domain: `site${index % 40}.com`,
  campaign_id: 11000 + (index % 5),
  size: index % 2 === 0 ? '728x90' : '300x250',
  ip_address: `10.0.${index % 7}.${index}`,
  price: index / 100 + 0.001,
  clicked: index % 10 === 0,
}))

test('the ad log gets its types, keys and values', async () => {
  const inference = await inferFile(adLog, json)
  const types = inference.fields.map(field => [field.name, field.type, field.role])
  assert.deepEqual(types, [
    ['time', 'timestamp', 'time'],
    ['domain', 'text', 'key'],
    ['campaign_id', 'integer', 'key'],
    ['size', 'text', 'key'],
    ['ip_address', 'text', 'id'],
    ['price', 'decimal', 'value'],
    ['clicked', 'boolean', 'flag'],
  ])
  assert.deepEqual(inference.keys, ['domain', 'campaign_id', 'size', 'clicked'])
  assert.deepEqual(inference.values, ['price'])
  assert.deepEqual([inference.records, inference.isSample, inference.fieldsOmitted], [200, false, 0])
})

test('a rule is proposed that uses them', async () => {
  const {ruleSource} = await inferFile(adLog, json)
  assert.equal(
    ruleSource,
    `import {count, defineRule, hour, sum} from 'disco-inferno'

// time         timestamp (ms)  1330969562706
// domain       text  site0.com
// campaign_id  integer  11000
// size         text  728x90
// ip_address   text  10.0.0.0
// price        decimal  0.001
// clicked      boolean  true
export default defineRule({
  name: 'ad_clicks',
  description: 'A first look at ad clicks.ndjson',
  format: 'json',
  keysets: {
    by_domain_and_campaign_id: {
      keyParts: ['domain', 'campaign_id'],
      valueParts: {
        count: count(),
        price: sum('price'),
        clicked: sum('clicked'),
      },
    },
    by_hour: {
      keyParts: [hour('time')],
      valueParts: {
        count: count(),
        price: sum('price'),
        clicked: sum('clicked'),
      },
    },
  },
})
`,
  )
})

test('nested fields get dotted names, odd ones brackets', async () => {
  const {fields, fieldsOmitted} = await inferFile(
    [{user: {geo: {country: 'DE'}, 'first.name': 'Ana', 'a"]': 1}, 'top.name': 1, 'x.y': {z: 1}, tags: ['a', 'b']}],
    json,
  )
  assert.deepEqual(
    fields.map(field => [field.name, field.type]),
    [
      ['user.geo.country', 'text'],
      ['user["first.name"]', 'text'],
      ['top.name', 'integer'],
      ['tags', 'list'],
    ],
  )
  assert.equal(fieldsOmitted, 2)
})

test('numbers as text are numbers, but codes with leading zeros are text', async () => {
  const [amount, zip, integer] = await Promise.all([
    values('12.50', '3', '-.5'),
    values('02139', '10115'),
    values('1', '2'),
  ])
  assert.deepEqual([amount.type, amount.isQuoted, amount.min, amount.max], ['decimal', true, '-.5', '12.50'])
  assert.equal(zip.type, 'text')
  assert.deepEqual([integer.type, integer.isQuoted], ['integer', true])
})

test('absent, null and empty values count as empty', async () => {
  const field = await fieldOf([{a: 1}, {a: null}, {a: ''}, {b: 1}], 'a')
  assert.equal(field.nullShare, 0.75)
  const empty = await values(null, '')
  assert.deepEqual([empty.type, empty.role, empty.nullShare], ['empty', 'other', 1])
})

test('a few odd values do not change the type, many do', async () => {
  const few = await values(...Array.from({length: 99}, (_, index) => index), 'n/a')
  assert.equal(few.type, 'integer')
  assert.ok(Math.abs(few.oddShare - 0.01) < 1e-9)
  assert.equal((await values(1, 2, 'n/a')).type, 'text')
})

test('timestamps are told by form, or by name and size', async () => {
  const form = async (name: string, value: unknown): Promise<unknown> =>
    (await fieldOf([{[name]: value}], name)).timestamp
  assert.equal(await form('when', '2012-03-05T17:46:02Z'), 'ISO 8601')
  assert.equal(await form('x', '2012-03-05'), 'ISO 8601')
  assert.equal(await form('x', '05/Mar/2012:17:46:02 +0000'), 'access log')
  assert.equal(await form('ts', 1330969562), 's')
  assert.equal(await form('createdAt', 1330969562706), 'ms')
  assert.equal(await form('event.time', '1330969562706123'), 'us')
  assert.equal(await form('timestamp', 1330969562706123456n), 'ns')
  assert.equal(await form('amount', 1330969562), undefined)
  assert.equal(await form('time', 12), undefined)
})

test('ids are no values, however long', async () => {
  const role = async (name: string, make: (index: number) => unknown): Promise<string> =>
    (
      await fieldOf(
        Array.from({length: 100}, (_, index) => ({[name]: make(index)})),
        name,
      )
    ).role
  assert.equal(await role('order_id', index => index), 'id')
  assert.equal(await role('orderId', index => index % 4), 'key')
  assert.equal(await role('big', index => 9007199254740993n + BigInt(index)), 'id')
  assert.equal(await role('status', index => (index % 2 === 0 ? 200 : 404)), 'key')
  assert.equal(await role('quantity', index => index % 4), 'value')
  assert.equal(await role('host', () => 'a'), 'constant')
  assert.equal(await role('schema', () => 2), 'constant')
  assert.equal(await role('lat', index => index + 0.5), 'other')
  assert.equal(await role('note', index => `${'x'.repeat(200)}${index % 3}`), 'other')
})

test('big integers keep their digits', async () => {
  const field = await values(9007199254740993n, 9007199254740995n)
  assert.deepEqual(
    [field.type, field.min, field.max, field.distinct],
    ['integer', '9007199254740993', '9007199254740995', 2],
  )
})

test('reading stops at the limit and closes the source', async () => {
  let isClosed = false
  async function* endless(): AsyncGenerator<{a: number}> {
    try {
      for (let index = 0; ; index++) yield {a: index}
    } finally {
      isClosed = true
    }
  }
  const inference = await inferFile(endless(), json)
  assert.deepEqual([inference.records, inference.isSample, isClosed], [inferRecordCountMax, true, true])
})

test('data with thousands of field names proposes only some', async () => {
  const inference = await inferFile(
    [Object.fromEntries(Array.from({length: 1000}, (_, index) => [`f${index}`, 1]))],
    json,
  )
  assert.deepEqual([inference.fields.length, inference.fieldsOmitted], [400, 600])
})

test('no records give a rule all the same', async () => {
  const inference = await inferFile([], json)
  assert.deepEqual(inference.fields, [])
  assert.match(inference.ruleSource, /keyParts: \[\],\n {2}valueParts: \{\n {4}count: count\(\),/)
})

test('days are proposed for a long time', async () => {
  const source = await sourceOf([{time: '2012-03-01'}, {time: '2012-03-30'}])
  assert.match(source, /keyParts: \[day\('time'\)\]/)
})

test('formats are written as rules spell them', async () => {
  const formats = [
    [{format: 'csv', fields: 'header', delimiter: ','}, "{type: 'csv', fields: 'header'}"],
    [{format: 'csv', fields: null, delimiter: ';'}, "{type: 'csv', delimiter: ';'}"],
    [
      {format: 'dynamic', fields: ['a', "b'c"], delimiter: '\t'},
      `{type: 'dynamic', fields: ['a', "b'c"], delimiter: '\\t'}`,
    ],
    [{format: 'regex', pattern: '(?<a>\\d+)'}, "{type: 'regex', pattern: '(?<a>\\\\d+)'}"],
    [{format: 'combined-log'}, "'combined-log'"],
  ] as const
  for (const [format, source] of formats) {
    const {ruleSource} = await inferFile([{a: 1}], {fileName: 'a', format})
    assert.ok(ruleSource.includes(`  format: ${source},\n`), ruleSource)
  }
})

test('names from data cannot break out of the source', async () => {
  const evil = "a'\n*/ }) process.exit() //"
  const source = await sourceOf(Array.from({length: 20}, (_, index) => ({[evil]: `x${index % 2}\n// y`})))
  assert.ok(!source.split('\n').some(line => line.startsWith('*/')))
  assert.ok(source.includes('keyParts: ["a\'\\n*/ }) process.exit() //"]'), source)
})

test('a file name without letters gives a usable rule name', async () => {
  assert.match(await sourceOf([], '2012-03-05.log'), /name: 'rule_2012_03_05'/)
  assert.match(await sourceOf([], '-'), /name: 'rule'/)
})

async function sourceOf(records: Records, fileName = 'x.ndjson'): Promise<string> {
  const inference: Inference = await inferFile(records, {fileName, format: {format: 'json'}})
  return inference.ruleSource
}

test('a time that is a date in some records and a number in others is a timestamp', async () => {
  const times = Array.from({length: 40}, (_, index) => ({
    time: index % 3 === 0 ? 1792879220000 + index : '2026-10-24T22:00:22+02:00',
    amount: index % 3 === 0 ? index : '2026-10-24T22:00:22+02:00',
  }))
  const {timestamp, role, oddShare} = await fieldOf(times, 'time')
  assert.deepEqual({timestamp, role, oddShare}, {timestamp: 'mixed', role: 'time', oddShare: 0})
  assert.equal((await fieldOf(times, 'amount')).type, 'text')
})

test('the rule says how the elements of a list become records', async () => {
  const told = async (list: unknown): Promise<boolean> =>
    (await inferFile([{Records: list}], json)).ruleSource.includes(
      "// A record for each element of Records: partsPreprocess: [explode('Records')]\n",
    )
  assert.equal(await told([{a: 1}, {a: 2}]), true)
  assert.equal(await told([1, 2]), false)
})

test('JSON that is text in a field has fields, and the rule reads it', async () => {
  const records = Array.from({length: 150}, (_, index) => ({
    log: index % 10 === 3 ? 'plain text' : `{"level":"${index % 3}","user":{"id":9007199254740993},"ms":${index}.5}\n`,
    note: index < 10 ? '{"a":1}' : 'text',
    stream: 'stdout',
  }))
  const {fields, wrapped, ruleSource} = await inferFile(records, json)
  assert.deepEqual(
    fields.map(({name}) => name),
    ['log.level', 'log.user.id', 'log.ms', 'note', 'stream', 'log'],
  )
  assert.deepEqual(wrapped, ['log'])
  assert.deepEqual(fields.find(({name}) => name === 'log.user.id')!.examples, ['9007199254740993'])
  assert.ok(ruleSource.includes("  partsPreprocess: [parseJson('log')],\n"))
  assert.ok(ruleSource.startsWith("import {count, defineRule, parseJson, sum} from 'disco-inferno'\n"))
})

test('times without a year get one, in the rule too', async () => {
  const told = async (time: string) => {
    const options = {...json, lastDay: '2026-11-25'}
    const {fields, ruleSource} = await inferFile([{time}, {time}], options)
    return {
      time: fields[0]!.examples,
      hasYear: ruleSource.includes("  fieldTransforms: {time: withYear('2026-11-25')},\n"),
    }
  }
  assert.deepEqual(await told('Nov 24 10:39:39'), {time: ['2026-11-24 10:39:39'], hasYear: true})
  assert.deepEqual(await told('2026-11-24T10:39:39Z'), {time: ['2026-11-24T10:39:39Z'], hasYear: false})
})

test('a query to begin with is told, unless a shell would read names otherwise', async () => {
  const queryOf = async (records: Records, file = 'a.json') => firstQuery({...(await inferFile(records, json)), file})
  assert.equal(await queryOf(adLog), 'inferno query -k domain,campaign_id -v count,price a.json')
  assert.equal(await queryOf(adLog, '-a.json'), 'inferno query -k domain,campaign_id -v count,price ./-a.json')
  assert.equal(await queryOf(adLog, "it's.json"), undefined)
  const wrapped = adLog.map(record => ({log: JSON.stringify(record)}))
  assert.match(
    (await queryOf(wrapped))!,
    /^inferno query --parse-json log -k log\.\w+,log\.\w+ -v count,log\.price a\.json$/,
  )
  assert.equal(await queryOf(adLog.map(({time}) => ({time}))), "inferno query -k 'hour(time)' -v count a.json")
})
