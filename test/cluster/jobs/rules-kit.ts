/** A cluster in this very process, blobs on it, and rules over them: here and there. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ClusterClient, homePaths} from '../../../src/client/index.ts'
import {NodeProcess} from '../../../src/cluster/index.ts'
import type {Account, ResultRow} from '../../../src/engine/index.ts'
import {headersOf} from '../../../src/project/run/run-rule.ts'
import type {ClusterScan, ClusterScanRequest} from '../../../src/project/tags/cluster-scan.ts'
import {scanOnCluster} from '../../../src/project/tags/scan-on-cluster.ts'
import {
  assertRule,
  compilePlan,
  defineRule,
  type FormatNode,
  type Rule,
  type RuleOptions,
} from '../../../src/rules/index.ts'
import {formatRows, rowTemplate} from '../../../src/sinks/index.ts'
import {type BadLine, findInputs, LocalRun, loadRuleModule, type RuleAddress} from '../../../src/worker/index.ts'
import {pushContent} from '../kit/content.ts'

export interface Content {
  readonly name: string
  readonly bytes: Buffer
  readonly format?: FormatNode
}

export interface Outcome {
  readonly rows: readonly ResultRow[]
  readonly csv: string
  readonly text: string | undefined
  readonly account: Account
  readonly bad: readonly BadLine[]
}

export interface RuleSource {
  readonly rule: Rule
  readonly address: RuleAddress | null
}

export type Given = Partial<ClusterScanRequest>

/** How a scan is asked for on a cluster whose client is known. */
export class RuleBench implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'rules-on-cluster-'))
  readonly client: ClusterClient
  #count = 0

  constructor(client: ClusterClient) {
    this.client = client
  }

  /** A rule without functions. */
  plain(options: Omit<RuleOptions, 'name'>): RuleSource {
    const rule = defineRule({name: 'tested', ...options} as RuleOptions)
    assertRule(rule)
    return {rule, address: null}
  }

  /** The first rule of a file; `body` goes into defineRule beside its name. */
  async file(body: string, before = ''): Promise<RuleSource> {
    const file = join(this.folder, `rule-${this.#count++}.ts`)
    writeFileSync(
      file,
      `import * as inferno from 'disco-inferno'\n${before}\nexport default inferno.defineRule({name: 'tested', ${body}})\n`,
    )
    const {rules} = await loadRuleModule(file)
    return {rule: rules[0]!, address: {file, path: [0]}}
  }

  async push(contents: readonly Content[], tag = 'test:rules'): Promise<void> {
    for (const {name, bytes} of contents) await pushContent(this.client, tag, name, bytes)
  }

  inputs(contents: readonly Content[]): ClusterScanRequest['inputs'] {
    return contents.map(({name, bytes, format}) => ({
      name,
      addresses: [`blob://${createHash('sha256').update(bytes).digest('hex')}`],
      bytes: bytes.length,
      ...(format === undefined ? {} : {format}),
    }))
  }

  request(source: RuleSource, contents: readonly Content[], given: Given = {}): ClusterScanRequest {
    const {plan} = compilePlan(source.rule, {module: 'm'})
    return {
      plan,
      ...source,
      params: {...source.rule.options.params},
      inputs: this.inputs(contents),
      engine: 'auto',
      memoryBytes: 2 ** 27,
      maxBad: undefined,
      keepsBad: true,
      usesCache: true,
      allowsMissing: false,
      cluster: this.client,
      onProgress: () => undefined,
      signal: new AbortController().signal,
      ...given,
    }
  }

  async scan(source: RuleSource, contents: readonly Content[], given: Given = {}): Promise<ClusterScan> {
    return await scanOnCluster(this.request(source, contents, given))
  }

  async onCluster(source: RuleSource, contents: readonly Content[], given: Given = {}): Promise<Outcome> {
    const scan = await this.scan(source, contents, given)
    try {
      return await outcomeOf(scan, source)
    } finally {
      await scan.close()
    }
  }

  async here(source: RuleSource, contents: readonly Content[], given: Given = {}): Promise<Outcome> {
    const folder = join(this.folder, `local-${this.#count++}`)
    mkdirSync(folder)
    const files = contents.map(({name, bytes, format}, index) => {
      const path = join(folder, `${index}`)
      writeFileSync(path, bytes)
      const [file] = findInputs([path]).files
      return {...file!, name, ...(format === undefined ? {} : {format})}
    })
    const {plan, rule, address, params, memoryBytes, keepsBad, engine, signal} = this.request(source, contents, given)
    const run = await LocalRun.start({
      plan,
      rule,
      address,
      params,
      files,
      threads: 1,
      memoryBytes,
      keepsBad,
      engine,
      signal,
    })
    try {
      return await outcomeOf(run, source)
    } finally {
      run.close()
    }
  }

  /** What is asked for of both, to the byte. */
  async same(source: RuleSource, contents: readonly Content[], given: Given = {}): Promise<Outcome> {
    const expected = await this.here(source, contents, given)
    const found = await this.onCluster(source, contents, given)
    assert.equal(found.csv, expected.csv)
    assert.equal(found.text, expected.text)
    assert.deepEqual(found.rows, expected.rows)
    assert.deepEqual(found.account, expected.account)
    assert.deepEqual(found.bad, expected.bad)
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close()
    rmSync(this.folder, {recursive: true, force: true})
  }
}

type Readable = Pick<ClusterScan, 'rows' | 'textRows' | 'account' | 'badLines'>

async function outcomeOf(scan: Readable, {rule}: RuleSource): Promise<Outcome> {
  const {plan} = compilePlan(rule, {module: 'm'})
  const headers = headersOf(plan)
  const rows = [...scan.rows()]
  const csv = [...formatRows('csv', headers, rows)].join('')
  const account = scan.account()
  const texts = scan.textRows(keyset => rowTemplate('csv', headers[keyset]!, plan.keysets[keyset]!.values, {}))
  const text = texts === undefined ? undefined : Buffer.concat(await Array.fromAsync(texts.pieces())).toString()
  return {rows, csv, text, account, bad: [...scan.badLines()]}
}

/** Master and agents in this process. */
export class InProcessCluster implements AsyncDisposable {
  readonly bench: RuleBench
  readonly nodes: NodeProcess[] = []
  readonly #home: string

  private constructor(home: string, bench: RuleBench) {
    this.#home = home
    this.bench = bench
  }

  static async start(agentCount: number, replicas = 1): Promise<InProcessCluster> {
    const home = mkdtempSync(join(tmpdir(), 'rules-home-'))
    const paths = homePaths(home)
    const common = {
      paths,
      host: '127.0.0.1',
      port: 0,
      reserveBytes: 0,
      isInsecure: false,
      force: false,
      // Two at a time on one node; on several, whose tasks overlap anyway, half as many processes are started.
      slotCount: agentCount === 1 ? 2 : 1,
      software: 'test',
      openLog: () => () => undefined,
      onEnd: () => undefined,
    }
    const first = await NodeProcess.start({...common, isMaster: true, isAgent: true, name: 'a1'})
    const tokens = JSON.parse(readFileSync(paths.tokens, 'utf8')) as Record<string, string>
    const client = new ClusterClient({url: first.url, token: tokens['admin'], ca: undefined})
    const cluster = new InProcessCluster(home, new RuleBench(client))
    cluster.nodes.push(first)
    await client.setSetting('replicas', replicas)
    const joined = {isMaster: false, isAgent: true, join: first.url.replace('http', 'ws'), joinToken: tokens['join']!}
    for (let agent = 2; agent <= agentCount; agent++)
      cluster.nodes.push(await NodeProcess.start({...common, ...joined, name: `a${agent}`}))
    return cluster
  }

  folderOf(name: string): string {
    return join(homePaths(this.#home).nodes, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]()
    for (const node of this.nodes.reverse()) await node.close()
    rmSync(this.#home, {recursive: true, force: true})
  }
}
