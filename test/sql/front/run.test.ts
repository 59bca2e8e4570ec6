import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {engineBatch} from '../../../src/project/clickhouse/run-inputs.ts'
import {ClickhouseConnection} from '../../../src/project/index.ts'
import {count, defineRule, distinct, hour, sum} from '../../../src/rules/index.ts'
import {clicks, dirtyLines, here, there} from './fixture.ts'
import {type Front, hasEngine, startFront} from './front.ts'
import {startS3} from './s3.ts'

const never = new AbortController().signal

describe.skipIf(!hasEngine())('a rule on ClickHouse', () => {
  let front: Front
  const text = dirtyLines(2000)
  beforeAll(async () => {
    front = await startFront()
    await front.rows(
      'CREATE TABLE logs (line String, number UInt64, note Nullable(String)) ENGINE = MergeTree ORDER BY number',
    )
    await front.insertLines('logs', text)
  })
  afterAll(() => front.close())

  test('gives the rows and the account of the kernel over a table of lines', async () => {
    const expected = await here(clicks, text)
    expect(expected.account).toMatchObject({bad: expect.any(Number), blank: expect.any(Number)})
    expect(await there(front, clicks, ['table:logs'])).toEqual(expected)
    expect(await there(front, clicks, ['table:default.logs/line'])).toEqual(expected)
  })

  test('takes the parameters of the run', async () => {
    expect(await there(front, clicks, ['table:logs'], {params: {least: '100'}})).toEqual(
      await here(clicks, text, {least: '100'}),
    )
  })

  test('reads its own inputs when none are named', async () => {
    const rule = defineRule({name: 'own', sourceUrls: ['table:logs'], keyParts: ['site'], valueParts: ['count']})
    expect(await there(front, rule, [])).toEqual(await here(rule, text))
  })

  test.each([
    ['table:logs/number', /column number is UInt64, and lines are String/],
    ['table:logs/note', /column note is Nullable\(String\), and lines are String/],
    ['table:logs/lime', /has no column lime\. Did you mean "line"\?/],
    ['table:logz', /table logz is not there/],
    ['logs/a.json', /is a file of this machine/],
    ['s3://bucket', /is no input/],
    ['s3://bucket/a.zst', /\.zst cannot/],
    ['s3://bucket/a*', /nobody can tell how what it matches is packed/],
  ])('refuses %s', async (input, message) => {
    await expect(there(front, clicks, [input])).rejects.toThrow(message)
  })

  test('refuses a table that makes one row of several', async () => {
    await front.rows('CREATE TABLE once (line String) ENGINE = ReplacingMergeTree ORDER BY line')
    await expect(there(front, clicks, ['table:once'])).rejects.toThrow(
      /ReplacingMergeTree, which makes one row of several/,
    )
  })

  test('refuses a rule without an exact query, with all the reasons', async () => {
    const rule = defineRule({
      name: 'r',
      format: 'json',
      keyParts: [hour('time')],
      valueParts: {n: count()},
      sort: false,
    })
    await expect(there(front, rule, ['table:logs'])).rejects.toThrow(/no exact query for clickhouse: .*sort: false/)
  })

  test('adds up any number of large integers, or says that it cannot', async () => {
    const rule = defineRule({name: 'r', format: 'json', valueParts: {n: count(), total: sum('n')}})
    const fill = (table: string, digits: number): string =>
      `INSERT INTO ${table} SELECT concat('{"n": ', repeat('9', ${digits}), '}') FROM numbers(60000)`
    await front.rows('CREATE TABLE many (line String) ENGINE = Memory')
    await front.rows(fill('many', 40))
    const {rows} = await there(front, rule, ['table:many'])
    expect(rows).toEqual([`["_default",[],[60000,"${(10n ** 40n - 1n) * 60000n}n"]]`])
    await front.rows(fill('many', 41))
    await expect(there(front, rule, ['table:many'])).rejects.toThrow(/60000 of 120000 lines cannot be judged/)
  })

  test('estimates how many different values there are where the rule does, from the same registers', async () => {
    const rule = defineRule({
      name: 'r',
      format: 'json',
      keyParts: ['k'],
      valueParts: {few: distinct('b'), many: distinct('a'), limited: distinct('a', {exactUpTo: 2999})},
    })
    const line = (number: number): string =>
      JSON.stringify({k: number % 4 === 0 ? 'x' : 'y', a: `${['', 'ü', 'user-'][number % 3]}${number}`, b: number % 7})
    const many = Array.from({length: 16_000}, (_, number) => `${line(number)}\n`).join('')
    await front.rows('CREATE TABLE users (line String) ENGINE = Memory')
    await front.insertLines('users', many)
    const before = front.asked.length
    const expected = await here(rule, many)
    expect(expected.rows.map(row => JSON.parse(row)[3])).toEqual([{approximate: [2]}, {approximate: [1, 2]}])
    expect(await there(front, rule, ['table:users'])).toEqual(expected)
    const scans = front.asked.slice(before).filter(sql => sql.includes('GROUPING SETS'))
    expect(scans.map(sql => sql.includes('arrayFold'))).toEqual([false, true])
  })

  test('gives no rows when a line cannot be judged', async () => {
    await front.rows('CREATE TABLE large (line String) ENGINE = Memory')
    await front.insertLines('large', `{"site": "a", "ms": ${'9'.repeat(60)}}\n`)
    await expect(there(front, clicks, ['table:large'])).rejects.toThrow(/1 of 1 lines cannot be judged/)
  })

  test('kills its query when it is interrupted', async () => {
    await front.rows('CREATE VIEW endless AS SELECT toString(number) AS line FROM numbers(3000000000)')
    const stop = new AbortController()
    const run = there(front, clicks, ['table:endless'], {signal: stop.signal})
    const failed = expect(run).rejects.toMatchObject({code: 'INTERRUPTED', exitCode: 130})
    await expect.poll(() => front.asked.some(sql => sql.includes('`endless`'))).toBe(true)
    stop.abort()
    await failed
    expect(front.asked.at(-1)).toMatch(/^KILL QUERY WHERE query_id = \{id:String\}/)
    expect(await front.rows('SELECT 1')).toEqual([[1]])
  })

  test('reads addresses as they are packed, and refuses what may be cut', async () => {
    const files: Record<string, Buffer> = {
      '/plain': Buffer.from(text),
      '/packed,{x}': gzipSync(text),
      '/zstd.gz': zstdCompressSync(text),
    }
    const server = createServer((request, response) => {
      const file = files[decodeURIComponent(request.url ?? '')]
      response.writeHead(file === undefined ? 404 : 200, {'content-length': file?.length ?? 0})
      response.end(request.method === 'HEAD' ? undefined : file)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const expected = await here(clicks, text)
    expect(await there(front, clicks, [`${at}/plain`])).toEqual(expected)
    expect(await there(front, clicks, [`${at}/packed,{x}`])).toEqual(expected)
    await expect(there(front, clicks, [`${at}/zstd.gz`])).rejects.toThrow(/does not notice when such a file is cut/)
    await expect(there(front, clicks, [`${at}/none`])).rejects.toThrow(/cannot read the beginning of .*status 404/)
  })

  test('reads objects of S3 with keys, and knows them again by their tags', async () => {
    await using s3 = await startS3({
      'logs/a.json': Buffer.from(dirtyLines(1000)),
      'logs/b.json': Buffer.from(dirtyLines(1000, 1000)),
    })
    const keys = {accessKey: 'AKIATEST', secretKey: 'secret'}
    const inputs = [`s3+${s3.url}/bucket/logs/*.json`]
    expect(await there(front, clicks, inputs, {keys})).toEqual(await here(clicks, text))
    expect(s3.keysSeen).toEqual(new Set(['AKIATEST']))
    await using connection = await ClickhouseConnection.open(front.address, {})
    const named = () =>
      engineBatch({rule: clicks, module: 'm', address: null}, {connection, inputs, params: {}, keys}, 0, never)
    const first = await named()
    expect(first).toMatchObject({isUnknown: false, batch: {blobCount: 2}})
    expect((await named()).batch.id).toBe(first.batch.id)
    s3.objects['logs/b.json'] = Buffer.from('{}\n')
    expect((await named()).batch.id).not.toBe(first.batch.id)
    await expect(first.check()).rejects.toThrow(/objects came, went or changed/)
  })
})
