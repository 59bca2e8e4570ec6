/** Jobs at the master: the scheduler's driver, joined with what it needs of membership, tags and blobs. */
import {UserError} from '../../../base/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import {
  type BlobId,
  endpoints,
  type Failed,
  type NodeName,
  pageSizeMax,
  type TagChange,
  type TagEntry,
  type TaskNotice,
  type TaskReply,
  type TaskRequest,
} from '../../../protocol/index.ts'
import {jobResults, type SchedulerSettings, stageResults} from '../../../scheduler/index.ts'
import type {Journal} from '../../../storage/index.ts'
import type {ApiCall, Handler} from '../../http/index.ts'
import {place} from '../../master/api/blobs.ts'
import {checkToken, headFor, nameBlobs} from '../../master/api/tags.ts'
import type {Master} from '../../master/master.ts'
import type {Log} from '../../run/log.ts'
import {jobFileAddress} from '../agent/input-addresses.ts'
import {parseOutputPath} from '../output-path.ts'
import {discoFiles} from './disco-files.ts'
import {type JobEndpoint, jobHandlers} from './handlers.ts'
import {JobDriver} from './job-driver.ts'
import {jobNotFound} from './job-views.ts'
import type {InputSources} from './resolve-inputs.ts'
import {saveResults} from './save-results.ts'
import {type ReadPlan, type SubmitOptions, submitJob} from './submit-job.ts'

/** Names that a misspelt tag is compared with. */
const suggestionsFromMax = 20_000

export interface MasterJobsOptions {
  readonly master: Master
  readonly journal: Journal
  readonly readPlan: ReadPlan
  readonly settings?: Partial<SchedulerSettings>
  readonly log: Log
  readonly onBroken: (error: unknown) => void
}

/** Whoever submits: what their tokens open. */
export type SubmitCaller = Pick<ApiCall, 'scopes' | 'tagToken'>

/** Jobs of the journal go on from the constructor on. Ended by `stop`. */
export class MasterJobs {
  readonly driver: JobDriver
  readonly #master: Master
  readonly #readPlan: ReadPlan
  #held: ReadonlySet<NodeName> = new Set()

  /** Jobs of the journal go on. @throws ClusterError when it cannot be read */
  constructor(options: MasterJobsOptions) {
    const {master, journal, readPlan, settings, log, onBroken} = options
    this.#master = master
    this.#readPlan = readPlan
    this.driver = new JobDriver({
      journal,
      log,
      onBroken,
      ...(settings === undefined ? {} : {settings}),
      epoch: () => master.epoch,
      send: this.#send,
      saveResults: (job, tag, results) =>
        saveResults(job, tag, results, {
          epoch: () => master.epoch,
          send: this.#send,
          place: async bytes => (await place(master, {bytes})).targets,
          changeTag: this.#changeTag,
        }),
    })
  }

  handlers(): Record<JobEndpoint, Handler> {
    const master = this.#master
    return jobHandlers({
      jobs: this.driver,
      readPlan: this.#readPlan,
      checkCode: call => master.settings.checkCode(call.scopes),
      sourcesFor: call => this.#sourcesFor(call),
      addressOf: node => this.#addressOf(node),
      urlsOfBlob: ({place: at, nodes = []}) =>
        at.type !== 'blob'
          ? []
          : nodes.flatMap(node => {
              const address = this.#addressOf(node)
              return address === undefined ? [] : [address + endpoints.readBlob.path.replace(':blob', at.blob)]
            }),
      onSubmit: () => master.settle(),
    })
  }

  /** Books the job of a pack that came in by another interface. @throws as submitJob */
  async submit(body: AsyncIterable<Uint8Array>, options: SubmitOptions, caller: SubmitCaller): Promise<string> {
    const master = this.#master
    master.settle()
    return await submitJob(body, options, {
      jobs: this.driver,
      sources: this.#sourcesFor(caller),
      readPlan: this.#readPlan,
      checkCode: () => master.settings.checkCode(caller.scopes),
    })
  }

  /** Nodes that get no tasks although they are not drained; the ones before are free again. */
  holdNodes(nodes: readonly NodeName[]): void {
    const before = this.#held
    this.#held = new Set(nodes)
    for (const node of before.union(this.#held)) {
      const isDraining = this.#isHeldBack(node)
      if (this.driver.state.nodes.has(node)) this.driver.step({type: 'node-draining', node, isDraining})
    }
  }

  #isHeldBack(node: NodeName): boolean {
    const member = this.#master.mesh.members().find(one => one.name === node)
    return member?.isDraining === true || this.#held.has(node)
  }

  /** @param link - numbers the links of the node, growing */
  onNotice(node: NodeName, link: number, notice: TaskNotice): void {
    this.driver.nodes.onNotice(node, link, this.#isHeldBack(node), notice)
  }

  /** The membership has given the node up: its runs are lost. */
  onLost(node: NodeName): void {
    this.driver.nodes.onOffline(node)
    this.driver.step({type: 'node-lost', node})
  }

  /** The node does not come back: nobody waits for what it had. */
  onRemoved(node: NodeName): void {
    this.driver.nodes.onOffline(node)
    this.driver.step({type: 'node-removed', node})
  }

  /** Who waits for an answer gets the message, and the journal is closed. */
  stop(message: string): void {
    this.driver.stop(message)
    this.driver.journal.close()
  }

  readonly #send = async (node: NodeName, request: TaskRequest, deadlineMs: number): Promise<TaskReply | Failed> =>
    await this.#master.mesh.request(node, request, {deadlineMs})

  readonly #changeTag = async (
    tag: string,
    change: TagChange,
    holders: Readonly<Record<BlobId, readonly NodeName[]>>,
  ): Promise<void> => {
    const master = this.#master
    const head = await headFor(master, tag)
    await nameBlobs(master, head, {change, holders})
    await master.tags.ask({type: 'change', tag, change, by: 'job'}, 'changed')
  }

  #addressOf(node: NodeName): string | undefined {
    return this.#master.mesh.members().find(member => member.name === node)?.address
  }

  #sourcesFor(call: SubmitCaller): InputSources {
    const master = this.#master
    return {
      entriesOf: tag => this.#entriesOf(call, tag),
      tagNames: () => [...master.tags.state.tags.keys()].slice(0, suggestionsFromMax),
      locate: async blobs => {
        const places = []
        for (let at = 0; at < blobs.length; at += pageSizeMax) {
          const page = blobs.slice(at, at + pageSizeMax)
          places.push(...(await master.blobs.ask({type: 'locate', blobs: page}, 'located')).blobs)
        }
        return places
      },
      resultsOf: job => this.#resultsOf(job),
      discoFiles: discoFiles((job, stage) => this.#outputsOf(job, stage)),
      checkResultTag: async tag => {
        const head = await headFor(master, tag)
        if (head !== undefined) checkToken(call, head, 'write')
      },
    }
  }

  async #entriesOf(call: SubmitCaller, tag: string): Promise<TagEntry[]> {
    const {tags} = this.#master
    const found: TagEntry[] = []
    const query = {type: 'entries', tag, count: pageSizeMax, includeDeleted: false} as const
    let page = await tags.ask({...query, after: 0}, 'entries')
    checkToken(call, page.head, 'read')
    const at = page.head.version
    for (;;) {
      for (const {entry} of page.entries) found.push(entry)
      const last = page.entries.at(-1)
      if (!page.hasMore || last === undefined) return found
      page = await tags.ask({...query, after: last.number, at}, 'entries')
    }
  }

  /** Of the last stage they stay when its tasks are forgotten. */
  #outputsOf(job: string, stage: string): readonly Output[] | undefined {
    const {state} = this.driver
    const isLast = state.jobs.get(job)?.spec.pipeline.at(-1)?.name === stage
    return (isLast ? jobResults(state, job) : undefined) ?? stageResults(state, job, stage)
  }

  /** As addresses: another job's folder is not that of the job that reads them. Sections of one file are one input. */
  #resultsOf(job: string): readonly Output[] {
    const {state} = this.driver
    const known = state.jobs.get(job)
    if (known === undefined || known.state === 'purged') throw jobNotFound(job)
    const results = jobResults(state, job)
    if (results === undefined) {
      throw new UserError('WRONG_STATE', `job ${job} is ${known.state}: it has no results to read`, {
        hint: `wait for it with: disco wait ${job}`,
      })
    }
    const files = new Map<string, Output>()
    const inputs: Output[] = []
    for (const result of results) {
      if (result.place.type !== 'file') {
        inputs.push(result)
        continue
      }
      const {node, path} = result.place
      const {file} = parseOutputPath(path)
      if (files.has(`${node} ${file}`)) continue
      const {bytes, records} = result
      const input: Output = {
        label: 0,
        place: {type: 'urls', urls: [jobFileAddress(node, job, file)]},
        bytes,
        records,
        nodes: [node],
      }
      files.set(`${node} ${file}`, input)
      inputs.push(input)
    }
    return inputs
  }
}
