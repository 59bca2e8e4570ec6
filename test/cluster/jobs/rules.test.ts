/** Rules on a cluster give what they give in one process, to the byte. */
import {readdirSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {collect, distinct, first, last, p95, topK, where} from '../../../src/api.ts'
import {JobClient} from '../../../src/client/index.ts'
import {type Content, InProcessCluster, type RuleBench} from './rules-kit.ts'
import {rulesKilled, rulesOverDirt} from './rules-scenarios.ts'

const linesOf = (from: number, count: number, line: (index: number) => string): Buffer =>
  Buffer.from(Array.from({length: count}, (_, index) => `${line(from + index)}\n`).join(''))

const dirty = (index: number): string => {
  if (index % 37 === 5) return `{"site": broken ${index}`
  if (index % 41 === 7) return ''
  if (index % 43 === 9) return '[1,2]'
  const site = index % 17 === 3 ? undefined : `s${index % 13}`
  return JSON.stringify({site, price: (index % 100) / 4, ip: `10.0.${index % 7}.${index % 29}`, n: index})
}

const contents: Content[] = [
  {name: 'first.ndjson', bytes: linesOf(0, 3000, dirty)},
  {name: 'empty.ndjson', bytes: Buffer.alloc(0)},
  {name: 'second.ndjson', bytes: linesOf(3000, 2000, dirty)},
]
const packed: Content[] = [
  {name: 'packed.gz', bytes: gzipSync(contents[0]!.bytes)},
  {name: 'packed.zst', bytes: zstdCompressSync(contents[2]!.bytes)},
]
const many: Content[] = Array.from({length: 70}, (_, file) => ({
  name: `many-${file}`,
  bytes: linesOf(file * 20, 20, index => (index % 25 === 0 ? 'bad' : `{"site":"k${index % 300}","n":${index}}`)),
}))
const csv: Content[] = [
  {name: 'a.csv', bytes: Buffer.from('site,price\n"x\ny",1\nz,2\n"open\n')},
  {name: 'b.csv', bytes: Buffer.from('price,site\n10,z\nbad"quote,z\n')},
]
const logs: Content[] = [
  {
    name: 'access.log',
    bytes: linesOf(
      0,
      500,
      index => `10.0.0.${index % 9} - - [10/Oct/2000:13:55:36 -0700] "GET /p${index % 5} HTTP/1.0" 200 ${index}`,
    ),
  },
  {name: 'other.log', bytes: Buffer.from('no log line\n')},
]
const never: Content = {name: 'never.ndjson', bytes: Buffer.from('{"site":"never pushed"}\n')}

const bySite = {keyParts: ['site'], valueParts: ['count', 'price']}

describe.each([1, 3])('on %i nodes', nodeCount => {
  let cluster: InProcessCluster
  let bench: RuleBench
  beforeAll(async () => {
    cluster = await InProcessCluster.start(nodeCount)
    bench = cluster.bench
    await bench.push([...contents, ...packed, ...many, ...csv, ...logs])
  }, 60_000)
  afterAll(async () => cluster[Symbol.asyncDispose]())

  test('a plan without functions', async () => {
    const {csv, account, bad} = await bench.same(bench.plain(bySite), contents)
    expect(csv.split('\n').length).toBeGreaterThan(10)
    expect(account.bad).toBeGreaterThan(100)
    expect(bad).toHaveLength(account.bad)
  })

  test('a plan without functions, by the row evaluator', async () => {
    await bench.same(bench.plain(bySite), contents, {engine: 'row', usesCache: false})
  })

  test('aggregates of all kinds, with a table in pieces and one for the most frequent', async () => {
    const valueParts = {
      slow: p95('price'),
      people: distinct('ip', {exactUpTo: 16}),
      top: topK('ip', 3),
      all: collect('n', {max: 4}),
      one: first('n', {by: 'price'}),
      other: last('n', {by: 'price'}),
    }
    await bench.same(bench.plain({keyParts: ['site'], valueParts}), contents, {memoryBytes: 2 ** 18})
  })

  test('keysets with a condition that names a parameter', async () => {
    const source = bench.plain({
      keysets: {b: {keyParts: ['site'], valueParts: ['count']}, a: {keyParts: [], valueParts: ['price']}},
      partsPreprocess: [where('price > $least')],
      params: {least: 3},
    })
    const some = await bench.same(source, contents)
    const fewer = await bench.same(source, contents, {params: {least: 20}})
    expect(fewer.csv).not.toBe(some.csv)
  })

  test('packed contents', async () => {
    await bench.same(bench.plain(bySite), packed)
  })

  test('more partials than are merged at once', async () => {
    await bench.same(bench.plain({keyParts: ['site'], valueParts: ['count', 'n']}), many)
  })

  test('CSV with names in each first record', async () => {
    await bench.same(bench.plain({format: {type: 'csv', fields: 'header'}, ...bySite}), csv)
  })

  test('access logs', async () => {
    await bench.same(bench.plain({format: 'common-log', keyParts: ['path'], valueParts: ['count', 'bytes']}), logs)
  })

  test('inputs of another format than the rule says', async () => {
    const mixed = [{...csv[0]!, format: {format: 'csv', fields: 'header', delimiter: ','} as const}, contents[0]!]
    await bench.same(bench.plain(bySite), mixed)
  })

  test('functions of a rule, in processes, some of which throw', async () => {
    const source = await bench.file(
      `keyParts: ['site'], valueParts: ['count', 'n'], params: {add: 1, by: text => text + '!'},
      mapInitFunction: params => { params.seen = (params.seen ?? 0) + 1 },
      partsPreprocess: [(parts, params) => {
        if (parts.n % 97 === 0) throw new Error('unlucky')
        return {...parts, site: params.by(helper(parts.site) + params.seen), n: parts.n + params.add}
      }],
      partsPostprocess: [function* (key, values) { if (values[0] > 10) yield [key, values] }]`,
      `const helper = site => String(site).toUpperCase()`,
    )
    const {csv, account} = await bench.same(source, contents, {params: {...source.rule.options.params, add: 2}})
    expect(csv).toContain('S11!')
    expect(account.badByReason['hook threw']).toBeGreaterThan(10)
  })

  test('a reader of the rule', async () => {
    const source = await bench.file(
      `keyParts: ['file', 'first'], valueParts: ['count'],
      mapInputStream: async function* (chunks, {file, bad}) {
        const kept = []
        for await (const chunk of chunks) kept.push(chunk)
        for (const line of Buffer.concat(kept).toString().split('\\n')) {
          if (line.length % 11 === 0) bad('odd', line)
          else yield {file, first: line.slice(0, 12)}
        }
      }`,
    )
    await bench.same(source, [...packed, contents[2]!])
  })

  test.each([
    [
      'a map and a reduce',
      `reduceFunction: function* (pairs) { for (const [key, values] of pairs) yield [key, [values.join()]] }`,
    ],
    [
      'arrival order',
      `sort: false, reduceFunction: function* (pairs) { let n = 0; for (const [key, values] of pairs) yield [[...key, String(n++)], values] }`,
    ],
    ['partitions', `partitions: 3, partitionFunction: (key, count) => key[1].length % count`],
    [
      'a combiner',
      `combinerFunction: (key, values, buffer, isDone) => {
        if (isDone) return Object.entries(buffer).map(([site, n]) => [['_default', site], [n]])
        buffer[key[1]] = (buffer[key[1]] ?? 0) + values[0]
      }`,
    ],
  ])('pairs of a map with %s', async (_, more) => {
    const source = await bench.file(
      `keyParts: ['site'], valueParts: ['n'],
      mapFunction: function* (parts) { if (parts.site) yield [['_default', parts.site], [parts.n]]; if (parts.n === 50) throw new Error('no') }, ${more}`,
    )
    await bench.same(source, contents)
    await bench.same(source, many.slice(0, 6), {memoryBytes: 2 ** 18})
  })

  test('arrival order without any function', async () => {
    await bench.same(bench.plain({...bySite, sort: false}), contents)
    await bench.same(bench.plain({...bySite, sort: false}), many)
  })

  test('no inputs at all', async () => {
    await bench.same(bench.plain({keyParts: [], valueParts: ['count']}), [])
  })
})

describe('partials that are kept', () => {
  let cluster: InProcessCluster
  let bench: RuleBench
  beforeAll(async () => {
    cluster = await InProcessCluster.start(1)
    bench = cluster.bench
    await bench.push(contents)
  }, 60_000)
  afterAll(async () => cluster[Symbol.asyncDispose]())

  const cachedOf = async (source: ReturnType<RuleBench['plain']>, given = {}, named = contents) => {
    const scan = await bench.scan(source, named, given)
    await scan.close()
    return scan.cached
  }

  test('are taken for the same plan and blob, whatever the blob is called', async () => {
    const source = bench.plain(bySite)
    const before = await bench.same(source, contents)
    expect(await cachedOf(source)).toEqual([0, 1, 2])
    expect(await bench.same(source, contents)).toEqual(before)
    const renamed = contents.map(({name, bytes}) => ({name: `new ${name}`, bytes})).reverse()
    const after = await bench.same(source, renamed)
    expect(after.account.badSamples[0]?.file).toBe('new second.ndjson')
    expect(await cachedOf(bench.plain({...bySite, partsPreprocess: [where('price > 1')]}))).toEqual([])
    expect(await cachedOf(source, {keepsBad: false})).toEqual([])
    expect(await cachedOf(source, {usesCache: false})).toEqual([])
  })

  test('are taken for the same functions, and not for others', async () => {
    const body = `keyParts: ['site'], valueParts: ['count'], partsPreprocess: [parts => ({...parts, site: prefix + parts.site})]`
    const source = await bench.file(body, `const prefix = 'a'`)
    expect(await cachedOf(source)).toEqual([])
    expect(await cachedOf(source)).toEqual([0, 1, 2])
    expect(await cachedOf(await bench.file(body, `const prefix = 'b'`))).toEqual([])
  })

  test('are of no use when they are damaged', async () => {
    const source = bench.plain({keyParts: ['ip'], valueParts: ['count']})
    const folder = join(cluster.folderOf('a1'), 'partials')
    const before = new Set(readdirSync(folder))
    await bench.same(source, contents)
    const made = readdirSync(folder).filter(name => !before.has(name))
    expect(made).toHaveLength(3)
    truncateSync(join(folder, made[0]!), 100)
    expect(await cachedOf(source)).toHaveLength(2)
    expect(await cachedOf(source)).toHaveLength(3)
  })

  test('of many blobs are taken by one task, and scanned when one is damaged meanwhile', async () => {
    await bench.push(many)
    const body = `keyParts: ['site'], valueParts: ['count'], partsPreprocess: [parts => parts]`
    for (const source of [bench.plain({keyParts: ['site'], valueParts: ['count']}), await bench.file(body)]) {
      const run = async (named: readonly Content[]) => {
        const scan = await bench.scan(source, named, {keepsJob: true})
        await scan.close()
        const [scans] = (await new JobClient(bench.client).read(scan.job)).stages
        return {cached: scan.cached.length, tasks: scans?.taskCount}
      }
      const known = many.toSpliced(40, 1)
      const folder = join(cluster.folderOf('a1'), 'partials')
      const before = new Set(readdirSync(folder))
      expect(await run(known)).toEqual({cached: 0, tasks: 69})
      const made = readdirSync(folder).filter(name => !before.has(name))
      expect(await run(known)).toEqual({cached: 69, tasks: 1})
      expect(await run(many)).toEqual({cached: 69, tasks: 2})
      await bench.same(source, many)
      truncateSync(join(folder, made[7]!), 50)
      expect(await run(many)).toEqual({cached: 69, tasks: 70})
      expect(await run(many)).toEqual({cached: 70, tasks: 1})
      await bench.same(source, many.toReversed())
    }
  })
})

test('partials that several nodes keep are taken by a task on each of them, and come in the order of the inputs', async () => {
  await using cluster = await InProcessCluster.start(3)
  const {bench} = cluster
  await bench.push([...many, ...contents])
  const given = [...many.slice(0, 20), contents[0]!, ...many.slice(20), contents[2]!]
  const known = given.toSpliced(30, 1)
  // Unsorted and with bad lines, whose order is that of the inputs.
  const source = bench.plain({...bySite, sort: false})
  const run = async (named: readonly Content[]) => {
    const scan = await bench.scan(source, named, {keepsJob: true})
    await scan.close()
    const [scans] = (await new JobClient(bench.client).read(scan.job)).stages
    return {cached: scan.cached.length, tasks: scans!.taskCount}
  }
  expect(await run(known)).toEqual({cached: 0, tasks: 71})
  const keepers = ['a1', 'a2', 'a3'].filter(node => readdirSync(join(cluster.folderOf(node), 'partials')).length > 0)
  expect(keepers.length).toBeGreaterThan(1)
  expect(await run(given)).toEqual({cached: 71, tasks: keepers.length + 1})
  const {bad} = await bench.same(source, given)
  expect(bad.length).toBeGreaterThan(100)
  expect(await run(given)).toEqual({cached: 72, tasks: keepers.length})
})

describe('a scan', () => {
  let cluster: InProcessCluster
  let bench: RuleBench
  beforeAll(async () => {
    cluster = await InProcessCluster.start(2)
    bench = cluster.bench
    await bench.push(contents)
  }, 60_000)
  afterAll(async () => cluster[Symbol.asyncDispose]())

  test('of a blob that no node has fails naming blob and input, or goes on without it', async () => {
    const source = bench.plain(bySite)
    const given = [contents[0]!, never, contents[2]!]
    await expect(bench.scan(source, given)).rejects.toMatchObject({
      code: 'BLOB_NOT_FOUND',
      message: expect.stringMatching(/^never\.ndjson cannot be read: .*[0-9a-f]{64}/),
    })
    const scan = await bench.scan(source, given, {allowsMissing: true})
    const expected = await bench.here(source, [contents[0]!, contents[2]!])
    expect([...scan.rows()]).toEqual(expected.rows)
    expect(scan.missing).toEqual([1])
    expect(scan.account()).toEqual(expected.account)
    await scan.close()
  })

  test('reads another address where the first is of no use', async () => {
    const source = bench.plain(bySite)
    const request = bench.request(source, contents)
    const [good] = request.inputs[0]!.addresses
    const inputs = [{name: contents[0]!.name, addresses: ['http://127.0.0.1:9/none', good!]}]
    const scan = await bench.scan(source, contents, {inputs})
    expect([...scan.rows()]).toEqual((await bench.here(source, [contents[0]!])).rows)
    await scan.close()
  })

  test('stops at too many bad records, of one input or of all', async () => {
    const source = bench.plain(bySite)
    await expect(bench.scan(source, contents, {maxBad: {kind: 'count', count: 3}})).rejects.toMatchObject({
      code: 'TOO_MANY_BAD',
      message: expect.stringMatching(/--max-bad allows 3/),
    })
    const {bad} = (await bench.here(source, contents)).account
    await expect(bench.scan(source, contents, {maxBad: {kind: 'count', count: bad - 1}})).rejects.toMatchObject({
      code: 'TOO_MANY_BAD',
    })
    await (await bench.scan(source, contents, {maxBad: {kind: 'count', count: bad}})).close()
  })

  test('ends with the error of the rule', async () => {
    const thrown = await bench.file(
      `keyParts: ['site'], valueParts: ['count'], mapInitFunction: () => { throw new Error('no luck') }`,
    )
    await expect(bench.scan(thrown, contents)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: 'mapInitFunction of m.tested failed: no luck',
    })
  })

  test('that is broken off cancels its job', async () => {
    const source = await bench.file(
      `keyParts: ['site'], valueParts: ['count'], mapInitFunction: () => new Promise(() => setInterval(() => {}, 1000))`,
    )
    const stopping = new AbortController()
    const scanning = bench.scan(source, contents, {signal: stopping.signal, keepsJob: true})
    const jobs = new JobClient(bench.client)
    await expect.poll(async () => (await jobs.list({state: 'running'})).jobs.length).toBe(1)
    stopping.abort()
    await expect(scanning).rejects.toMatchObject({code: 'INTERRUPTED', exitCode: 130})
    expect((await jobs.list({prefix: 'm.tested'})).jobs.map(({state}) => state)).toContain('cancelled')
  })

  test('tells how far it is, and leaves nothing behind', async () => {
    const told: number[] = []
    const scan = await bench.scan(bench.plain({keyParts: ['n'], valueParts: ['count']}), contents, {
      onProgress: ({records, tasks}) => told.push(records, tasks!.done, tasks!.count),
    })
    expect(told.slice(-3)).toEqual([scan.account().in, 3, 3])
    await scan.close()
    const {jobs} = await new JobClient(bench.client).list()
    expect(jobs.map(({job}) => job)).not.toContain(scan.job)
  })
})

describe('on real processes', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

  test(`random rules over dirty contents (SEED=${seed})`, async () => {
    expect(await rulesOverDirt({seed, rounds: 4})).toMatchObject({rules: 4, cached: expect.any(Number)})
  })

  test(`agents are killed while they scan (SEED=${seed})`, async () => {
    expect(await rulesKilled({seed})).toMatchObject({kills: 3})
  })
})
