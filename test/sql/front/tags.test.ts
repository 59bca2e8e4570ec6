import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {zstdCompressSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {
  ClusterClient,
  chunkInputs,
  findCluster,
  homePaths,
  parseInput,
  pushInputs,
  readTokens,
} from '../../../src/client/index.ts'
import {NodeProcess} from '../../../src/cluster/index.ts'
import {ClickhouseConnection, scanOnClickhouse, type TagRunRequest} from '../../../src/project/index.ts'
import {compilePlan, defineRule, type Postprocess, p50, type Rule} from '../../../src/rules/index.ts'
import {openSink, tablesOf} from '../../../src/sinks/index.ts'
import {runRule} from '../../unit/project/tags/one-node.ts'
import {clicks, dirtyLines, here, told} from './fixture.ts'
import {type Front, hasEngine, startFront} from './front.ts'

/** Three agents in this process, the first with the master. */
class ThreeNodes {
  readonly folder = mkdtempSync(join(tmpdir(), 'three-nodes-'))
  readonly nodes: NodeProcess[] = []
  client!: ClusterClient

  async start(): Promise<void> {
    const home = join(this.folder, 'n1')
    const master = await this.#node('n1')
    this.client = new ClusterClient(findCluster({home}))
    const joinToken = readTokens(homePaths(home))?.['join']
    for (const name of ['n2', 'n3']) await this.#node(name, {join: master.url.replace('http', 'ws'), joinToken})
    await vi.waitUntil(async () => (await this.client.cluster()).upCount === 3, {timeout: 20_000})
  }

  async #node(name: string, joins: object | undefined = undefined): Promise<NodeProcess> {
    const node = await NodeProcess.start({
      paths: homePaths(join(this.folder, name)),
      isMaster: joins === undefined,
      isAgent: true,
      host: '127.0.0.1',
      port: 0,
      name,
      isInsecure: false,
      force: false,
      slotCount: 1,
      software: 'test',
      reserveBytes: 0,
      openLog: () => () => undefined,
      onEnd: () => undefined,
      ...joins,
    })
    this.nodes.push(node)
    return node
  }

  file(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name)
    writeFileSync(path, content)
    return path
  }

  async stop(): Promise<void> {
    this.client?.close()
    for (const node of this.nodes.toReversed()) await node.close()
    rmSync(this.folder, {recursive: true, force: true})
  }
}

const tagged = (more: object = {}): Rule =>
  defineRule({...clicks.options, sourceTags: ['logs:web'], ...more} as Parameters<typeof defineRule>[0])

describe.skipIf(!hasEngine())('a rule over the tags of three agents, on ClickHouse', () => {
  const nodes = new ThreeNodes()
  let front: Front
  let connection: ClickhouseConnection
  const parts = [dirtyLines(500), dirtyLines(500, 500), dirtyLines(500, 1000), dirtyLines(500, 1500)]
  beforeAll(async () => {
    front = await startFront()
    connection = await ClickhouseConnection.open(front.address, {})
    await nodes.start()
    const push = (text: string, name: string) =>
      pushInputs(nodes.client, 'logs:web:2026-11-22', [parseInput(nodes.file(name, text), name)], {})
    await push(parts[0]!, 'plain.json')
    await push(parts[1]!, 'other.json')
    for (const [index, codec] of (['zstd', 'gzip'] as const).entries()) {
      const path = nodes.file(`chunk-${codec}.json`, parts[index + 2]!)
      await chunkInputs(nodes.client, 'logs:web:2026-11-22', [parseInput(path, `chunk-${codec}.json`)], {codec})
    }
  })
  afterAll(async () => {
    await connection?.[Symbol.asyncDispose]()
    await front?.close()
    await nodes.stop()
  })

  const run = (rule: Rule, more: Partial<TagRunRequest> = {}) =>
    runRule(nodes.client, rule, {scan: scanOnClickhouse(connection), ...more})

  test('rows go through the postprocessors of the rule, and quantiles are finished here', async () => {
    const {sites} = clicks.options.keysets as Record<string, {keyParts: string[]; valueParts: object}>
    const rare: Postprocess = function* (key, values) {
      if (key[1] === 'a') throw new Error('not this one')
      yield [key, [...values, typeof values[4]]]
    }
    const valueParts = {...sites!.valueParts, median: p50('ms')}
    const more = {keysets: {sites: {keyParts: ['site'], valueParts, partsPostprocess: [rare], extraColumns: ['type']}}}
    const found: object[] = []
    const {error} = await run(tagged(more), {
      deliver: async delivered => {
        found.push(told(delivered))
        return {rowCounts: {}, to: 'the test'}
      },
    })
    expect(error).toBeUndefined()
    expect(found).toEqual([await here(tagged({...more, sourceTags: undefined}), parts.join(''))])
    expect(found[0]).toMatchObject({account: {hookErrors: {'keysets.sites.partsPostprocess[0] (rare)': {count: 1}}}})
  })

  test('blobs are read where they lie, and rows and account are those of the kernel', async () => {
    const found: object[] = []
    const asked = front.asked.length
    const outcome = await run(tagged(), {
      deliver: async delivered => {
        found.push(told(delivered))
        return {rowCounts: {}, to: 'the test'}
      },
    })
    expect(outcome.error).toBeUndefined()
    expect(found).toEqual([await here(clicks, parts.join(''))])
    expect(outcome.report).toMatchObject({state: 'done', job: expect.stringContaining('-clickhouse-')})
    expect(outcome.report.blobs).toHaveLength(4)
    const [query = ''] = front.asked.slice(asked)
    expect([...query.matchAll(/url\('/g)]).toHaveLength(3)
    expect(query).not.toMatch(/Bearer|dsc_/)
    expect(new Set([...query.matchAll(/127\.0\.0\.1:(\d+)\/fetch\/blobs/g)].map(([, port]) => port)).size).toBe(3)
  })

  test('the same batch goes to a sink once, and its blobs are archived', async () => {
    const rule = tagged({name: 'counted', archive: true})
    const path = join(nodes.folder, 'rows.db')
    const open = () => openSink(`sqlite:${path}`, tablesOf(compilePlan(rule, {module: 'm'}).plan))
    const first = await run(rule, {sink: await open()})
    expect(first.report).toMatchObject({state: 'done', isRepeat: false, rowCounts: {sites: 3, users: 2}})
    const again = await run(rule, {sink: await open()})
    expect(again.report).toMatchObject({state: 'skipped', reason: expect.stringContaining('4 blobs are done already')})
  })

  test('rows stay where the sink is, and the batch is there once', async () => {
    const rule = tagged({name: 'stayed'})
    const to = front.address.replace('http:', 'clickhouse:')
    const open = () => openSink(to, tablesOf(compilePlan(rule, {module: 'm'}).plan))
    const runTo = async (more: Partial<TagRunRequest> = {}) => {
      const sink = await open()
      return run(rule, {sink, scan: scanOnClickhouse(connection, {rule, sink, ...more}), ...more})
    }
    const first = await runTo()
    expect(first.report).toMatchObject({state: 'done', isRepeat: false, rowCounts: {sites: 3, users: 2}})
    expect(front.asked.filter(sql => /^INSERT INTO `(sites|users)` .* SELECT/.test(sql))).toHaveLength(2)
    const found = 'SELECT site, n, toString(ms), mean FROM sites ORDER BY site'
    const rows = await front.rows(found)
    expect(rows).toHaveLength(3)
    await front.rows('TRUNCATE TABLE inferno_batches')
    expect((await runTo()).report).toMatchObject({state: 'done', isRepeat: false})
    expect((await runTo()).report).toMatchObject({state: 'done', isRepeat: true})
    await front.rows('TRUNCATE TABLE inferno_batches')
    // Under a tag they are kept here: they come back, and are the same blocks.
    expect((await runTo({resultTag: 'kept'})).report).toMatchObject({state: 'done', isRepeat: false})
    expect(await front.rows(found)).toEqual(rows)
  })

  test('a file that somebody packed with zstd is refused by name: it may be cut', async () => {
    const name = 'old.json.zst'
    const path = nodes.file(name, zstdCompressSync(parts[0]!))
    await pushInputs(nodes.client, 'logs:old', [parseInput(path, name)], {})
    const {report, error} = await run(tagged({sourceTags: ['logs:old']}))
    expect(report).toMatchObject({state: 'failed', error: {code: 'BAD_ENGINE'}})
    expect(String(error)).toMatch(/logs:old\/old\.json\.zst is packed with zstd by somebody else/)
  })

  test('a URL that ClickHouse quotes is not shown with its ticket', async () => {
    const [blob] = (await nodes.client.readEntries('logs:old', {})).entries.flatMap(({entry}) =>
      entry.type === 'blob' ? [entry.blob] : [],
    )
    const [place] = (await nodes.client.signBlobs([blob!], 1000)).blobs
    const url = `${place!.replicas[0]!.url}x`
    const failure = await connection
      .rows(`SELECT line FROM url('${url}', 'LineAsString', 'line String')`, {signal: new AbortController().signal})
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({code: 'BAD_ENGINE', message: expect.stringMatching(/\/fetch\/blobs\/[0-9a-f]{8}…/)})
    expect(String(failure)).not.toContain(url.split('/').at(-1))
  })
})
