/** A cluster of one node in this process, rules over it, and a sink that holds its rows in memory. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {
  appendEntries,
  ClusterClient,
  findCluster,
  homePaths,
  parseInput,
  pushInputs,
} from '../../../../src/client/index.ts'
import {NodeProcess} from '../../../../src/cluster/index.ts'
import type {ResultRow} from '../../../../src/engine/index.ts'
import {runOverTags, scanHere, type TagRunOutcome, type TagRunRequest} from '../../../../src/project/index.ts'
import {type Cell, defineRule, type Rule, type RuleOptions} from '../../../../src/rules/index.ts'
import type {Batch, RowSink, SinkReceipt} from '../../../../src/sinks/index.ts'

export class OneNode {
  readonly folder = mkdtempSync(join(tmpdir(), 'tags-'))
  #node: NodeProcess | undefined
  #client: ClusterClient | undefined
  #fileCount = 0

  get client(): ClusterClient {
    if (this.#client === undefined) throw new Error('the node has been started')
    return this.#client
  }

  async start(): Promise<void> {
    const home = join(this.folder, 'home')
    this.#node = await NodeProcess.start({
      paths: homePaths(home),
      isMaster: true,
      isAgent: true,
      host: '127.0.0.1',
      port: 0,
      isInsecure: false,
      force: false,
      slotCount: 1,
      software: 'test',
      reserveBytes: 0,
      openLog: () => () => undefined,
      onEnd: () => undefined,
    })
    this.#client = new ClusterClient(findCluster({home}))
  }

  async stop(): Promise<void> {
    this.#client?.close()
    await this.#node?.close()
    rmSync(this.folder, {recursive: true, force: true})
  }

  /** Records as JSON lines in one blob of a tag. */
  async push(tag: string, records: readonly unknown[], name = `part-${this.#fileCount++}.json`): Promise<void> {
    const path = join(this.folder, name)
    writeFileSync(path, records.map(record => `${JSON.stringify(record)}\n`).join(''))
    await pushInputs(this.client, tag, [parseInput(path, name)], {})
  }

  async namesIn(tag: string): Promise<string[]> {
    const {entries} = await this.client.readEntries(tag, {})
    return entries.map(({entry}) => (entry.type === 'blob' ? entry.name : entry.type))
  }

  async touch(tag: string): Promise<void> {
    await appendEntries(this.client, tag, [])
  }

  run(rule: Rule, more: Partial<TagRunRequest> = {}): Promise<TagRunOutcome & {rows: Rows}> {
    return runRule(this.client, rule, more)
  }
}

export type Rows = readonly (readonly Cell[])[]

export const clicks = (more: Partial<RuleOptions> = {}): Rule =>
  defineRule({
    name: 'clicks',
    sourceTags: ['in:clicks'],
    keyParts: ['site'],
    valueParts: ['n'],
    ...more,
  } as RuleOptions)

export const rowsOf = (rows: Iterable<ResultRow>): Rows =>
  Array.from(rows, ({key, values}) => [...key, ...values.map(value => (value === null ? null : String(value)))])

/** Sources with a file are not needed: the rules of these tests have no functions that threads would load. */
export async function runRule(
  client: ClusterClient,
  rule: Rule,
  more: Partial<TagRunRequest> = {},
): Promise<TagRunOutcome & {rows: Rows}> {
  let rows: Rows = []
  const outcome = await runOverTags({
    source: {rule, module: 'm', address: null},
    params: {},
    cluster: client,
    overrides: {},
    keepsJob: true,
    force: false,
    usesCache: true,
    allowsMissing: false,
    engine: 'auto',
    memoryBytes: 64 * 1024 * 1024,
    threads: 1,
    maxBad: undefined,
    keepsBad: false,
    scan: request => scanHere(request, 1),
    deliver: async run => {
      rows = rowsOf(run.rows())
      return {rowCounts: {_default: rows.length}, to: 'the test'}
    },
    clockMs: () => Date.UTC(2026, 10, 23, 12),
    onProgress: () => undefined,
    onNote: () => undefined,
    signal: new AbortController().signal,
    ...more,
  })
  return {...outcome, rows}
}

/** Adds up by key; takes a batch once. */
export class MemorySink implements RowSink {
  readonly name = 'memory'
  readonly place: string
  readonly isExactlyOnce = true
  readonly totals = new Map<string, number>()
  readonly batches: string[] = []

  constructor(place = 'memory:one') {
    this.place = place
  }

  ddl(): Promise<readonly string[]> {
    return Promise.resolve([])
  }

  hasBatch(id: string): Promise<boolean> {
    return Promise.resolve(this.batches.includes(id))
  }

  knowsBatch(id: string): Promise<boolean> {
    return this.hasBatch(id)
  }

  write({id}: Batch, rows: Iterable<ResultRow>): Promise<SinkReceipt> {
    if (this.batches.includes(id)) return Promise.resolve({isRepeat: true, rowCounts: {}})
    let count = 0
    for (const {key, values} of rows) {
      const name = key.join(' ')
      this.totals.set(name, (this.totals.get(name) ?? 0) + Number(values[0]))
      count++
    }
    this.batches.push(id)
    return Promise.resolve({isRepeat: false, rowCounts: {t: count}})
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
