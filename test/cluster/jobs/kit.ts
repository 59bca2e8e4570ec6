/** A cluster of real processes, a tag with lines in it, and jobs over that tag. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {JobClient} from '../../../src/client/index.ts'
import type {JobResults} from '../../../src/protocol/index.ts'
import {loadJob, packJob, runLocally} from '../../../src/worker/index.ts'
import {Chain, readKey, readValue, SectionCursor} from '../../../src/worker/jobs/shuffle/index.ts'
import {TestCluster} from '../kit/cluster.ts'
import {runCommand} from '../kit/program.ts'
import {waitFor} from '../kit/wait.ts'

export const tag = 'test:lines'

const words = ['harbour', 'tide', 'gull', 'mast', 'rope', 'anchor', 'keel', 'sail', 'wave', 'north']

/** Text whose word counts differ from word to word. */
export const linesOf = (file: number, lineCount: number): string =>
  Array.from({length: lineCount}, (_, line) =>
    words.slice(0, 1 + ((file * 7 + line * 3) % words.length)).join(' '),
  ).join('\n')

export interface Pack {
  readonly bytes: Uint8Array
  readonly file: string
  readonly params: Readonly<Record<string, unknown>>
}

export class JobCluster implements AsyncDisposable {
  readonly cluster: TestCluster
  readonly jobs: JobClient
  readonly texts: readonly string[]

  private constructor(cluster: TestCluster, texts: readonly string[]) {
    this.cluster = cluster
    this.jobs = new JobClient(cluster.client)
    this.texts = texts
  }

  /** @param inputs - files of the tag, and lines of each */
  static async start(agentCount: number, inputs: {files: number; lines: number}): Promise<JobCluster> {
    const cluster = await TestCluster.start({agentCount, settings: {replicas: Math.min(2, agentCount)}})
    const texts = Array.from({length: inputs.files}, (_, file) => `${linesOf(file, inputs.lines)}\n`)
    const started = new JobCluster(cluster, texts)
    try {
      await started.#push()
      return started
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  async #push(): Promise<void> {
    const folder = join(this.cluster.folder, 'texts')
    mkdirSync(folder)
    const files = this.texts.map((text, index) => {
      const file = join(folder, `part-${String(index).padStart(3, '0')}.txt`)
      writeFileSync(file, text)
      return file
    })
    const pushed = runCommand(['ddfs', 'push', tag, ...files], this.cluster.environment)
    assert.equal(pushed.status, 0, pushed.stderr)
  }

  async pack(
    name: string,
    params: Readonly<Record<string, unknown>> = {},
    change: {readonly inputs?: readonly string[]; readonly saveResults?: string} = {},
  ): Promise<Pack> {
    const file = join(import.meta.dirname, 'programs', `${name}.ts`)
    const job = await loadJob(file)
    const inputs = (change.inputs ?? [`tag://${tag}`]).map(input => [input])
    const saveResults = change.saveResults ?? job.plan.saveResults
    const {bytes} = await packJob(job, {...job.plan, inputs, params, saveResults})
    return {bytes, file, params}
  }

  /** What the same job gives in one process: pairs, in their order. */
  async expected({file, params}: Pack): Promise<unknown[]> {
    const {job} = await loadJob(file)
    const inputs = this.texts.map((content, index) => ({name: `part-${index}`, content}))
    // Time is not what is compared.
    using local = await runLocally(job, inputs, {params: {...params, mapMs: undefined, reduceMs: undefined}})
    return [...local.results()]
  }

  /** All bytes of the results. */
  async bytesOf(results: JobResults): Promise<Buffer[]> {
    const all: Buffer[] = []
    for (const output of results.outputs) all.push(Buffer.concat(await Array.fromAsync(this.jobs.readOutput(output))))
    return all
  }

  async pairsOf(results: JobResults): Promise<unknown[]> {
    const sections = await this.bytesOf(results)
    const cursors = sections.map(
      (bytes, order) => new SectionCursor({type: 'memory', name: `result ${order}`, bytes}, order),
    )
    const chain = new Chain(cursors)
    const pairs: unknown[] = []
    for (let record = chain.next(); record !== undefined; record = chain.next()) {
      const {bytes, keyStart, keyEnd, valueEnd} = record
      pairs.push([readKey(bytes, keyStart, keyEnd), readValue(bytes, keyEnd, valueEnd)])
    }
    return pairs
  }

  async hashOf(results: JobResults): Promise<string> {
    const hash = createHash('sha256')
    for (const bytes of await this.bytesOf(results)) hash.update(bytes)
    return hash.digest('hex')
  }

  /** Waits until so many tasks of a stage are done and one of it runs; says on which node one runs. */
  async untilRunning(job: string, stageName: string, doneCount: number): Promise<string> {
    return await waitFor(
      `${doneCount} tasks of ${stageName} are done`,
      async () => {
        const {stages} = await this.jobs.read(job)
        const stage = stages.find(one => one.name === stageName)
        if (stage === undefined || stage.doneCount < doneCount || stage.runningCount === 0) return undefined
        const {tasks} = await this.jobs.tasks(job, {stage: stageName, state: 'running'})
        return tasks[0]?.node
      },
      60_000,
    )
  }

  /** How often each task was done, by what the events say. */
  async doneCounts(job: string): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for await (const {text} of this.jobs.events(job)) {
      const task = /^DONE: \[([^\]]+)\]/.exec(text)?.[1]
      if (task !== undefined) counts.set(task, (counts.get(task) ?? 0) + 1)
    }
    return counts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]()
  }
}
