/** A driver on a real journal, with agents that are played by the test. */
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {JobDriver} from '../../../../src/cluster/jobs/master/job-driver.ts'
import type {Output} from '../../../../src/pipeline/index.ts'
import type {Failed, TaskNotice, TaskReply, TaskRequest} from '../../../../src/protocol/index.ts'
import type {JobSpec, SchedulerSettings} from '../../../../src/scheduler/index.ts'
import {type Journal, openJournal} from '../../../../src/storage/index.ts'

export const packHash = 'ab'.repeat(32)

export interface Sent {
  readonly node: string
  readonly request: TaskRequest
}

type StartOrder = Extract<TaskRequest, {type: 'start-run'}>

export class FakeCluster {
  readonly folder: string
  readonly sent: Sent[] = []
  readonly saved: {job: string; tag: string; results: readonly Output[]}[] = []
  readonly broken: unknown[] = []
  /** Plays the agents: what they answer. */
  onSend: (sent: Sent) => Promise<TaskReply | Failed> = async () => ({type: 'noted'})
  /** Orders that came in one message. */
  onBatch: (types: readonly string[]) => void = () => undefined
  onSave: () => Promise<void> = async () => undefined
  journal!: Journal
  driver!: JobDriver
  readonly #settings: Partial<SchedulerSettings>

  private constructor(folder: string, settings: Partial<SchedulerSettings>) {
    this.folder = folder
    this.#settings = settings
  }

  static async start(settings: Partial<SchedulerSettings> = {}): Promise<FakeCluster> {
    const cluster = new FakeCluster(mkdtempSync(join(tmpdir(), 'fake-cluster-')), {localityWaitMs: 0, ...settings})
    await cluster.startMaster()
    onTestFinished(() => {
      cluster.stopMaster()
      rmSync(cluster.folder, {recursive: true, force: true})
    })
    return cluster
  }

  #take(node: string, request: TaskRequest): Promise<TaskReply | Failed> {
    const sent = {node, request}
    this.sent.push(sent)
    return this.onSend(sent)
  }

  /** As an agent does: all are taken before one is carried out. */
  async #takeOrders(node: string, {orders}: Extract<TaskRequest, {type: 'take-orders'}>): Promise<TaskReply | Failed> {
    this.onBatch(orders.map(({type}) => type))
    const replies = await Promise.all(orders.map(order => this.#take(node, order)))
    const refused = replies.flatMap((reply, at) =>
      reply.type === 'failed' ? [{run: orders[at]!.run, message: reply.message}] : [],
    )
    return {type: 'orders-taken', refused}
  }

  async startMaster(): Promise<void> {
    this.journal = await openJournal(join(this.folder, 'journal.sqlite'))
    this.driver = new JobDriver({
      journal: this.journal,
      epoch: () => 7,
      send: (node, request) =>
        request.type === 'take-orders' ? this.#takeOrders(node, request) : this.#take(node, request),
      saveResults: async (job, tag, results) => {
        this.saved.push({job, tag, results})
        await this.onSave()
      },
      settings: this.#settings,
      log: () => undefined,
      onBroken: error => this.broken.push(error),
    })
  }

  /** As kill -9 does: what was not committed is gone. */
  stopMaster(): void {
    this.driver.stop('killed')
    this.journal.close()
  }

  tell(node: string, notice: TaskNotice, link = 1): void {
    this.driver.nodes.onNotice(node, link, false, notice)
  }

  join(node: string, link = 1, reports: readonly TaskNotice[] = []): void {
    this.tell(node, {type: 'jobs-begin', slots: 2, jobs: []}, link)
    for (const report of reports) this.tell(node, report, link)
    this.tell(node, {type: 'jobs-ready'}, link)
  }

  async submit(spec: Partial<JobSpec> = {}): Promise<string> {
    const name = spec.name ?? 'words@1'
    await this.driver.ask(
      {
        type: 'submit',
        spec: {
          owner: 'ann',
          pipeline: [
            {name: 'map', grouping: 'split', isConcurrent: false},
            {name: 'reduce', grouping: 'group-all', isConcurrent: false},
          ],
          inputs: ['raw://a', 'raw://b'].map(url => ({
            label: 0,
            place: {type: 'urls', urls: [url]},
            bytes: 1,
            records: 1,
          })),
          ...spec,
          name,
        },
      },
      {hash: packHash, bytes: 3},
    )
    return name
  }

  /** Orders to start that have been sent, oldest first. */
  starts(): {node: string; order: StartOrder}[] {
    return this.sent.flatMap(({node, request}) => (request.type === 'start-run' ? [{node, order: request}] : []))
  }

  ordersOf(type: TaskRequest['type']): Sent[] {
    return this.sent.filter(({request}) => request.type === type)
  }

  /** The end of a run as its agent tells it. */
  done({node, order}: {node: string; order: StartOrder}): TaskNotice {
    const {job, task, run} = order
    const output: Output = {
      label: 0,
      place: {type: 'file', node, path: `${run}/out@8`},
      bytes: 4,
      records: 1,
    }
    return {
      type: 'run-ended',
      job,
      task,
      run,
      end: {state: 'done', at: 0, outputs: [output], progress: {records: 1, bytes: 4, cpuMs: 1}},
    }
  }

  /** Agents that do at once what they are told. */
  obey(): void {
    this.onSend = async sent => {
      const {request, node} = sent
      if (request.type === 'start-run') queueMicrotask(() => this.tell(node, this.done({node, order: request})))
      return {type: 'noted'}
    }
  }
}
