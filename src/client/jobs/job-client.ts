/** Typed calls about jobs: one method an endpoint, and the two that wait. */
import {randomInt} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {ClusterError, UserError} from '../../base/index.ts'
import {
  endpoints,
  type JobEventInfo,
  type JobEvents,
  type JobInfo,
  type JobList,
  type JobResults,
  type JobState,
  type LocalFile,
  localFileHeader,
  machineHeader,
  type NodeInfo,
  type NodeName,
  type OobInfo,
  type PartialsAnswer,
  type PartialsRequest,
  pageSizeMax,
  parseLocalFile,
  type SubmitAnswer,
  type TaskInfo,
  type TaskList,
} from '../../protocol/index.ts'
import {type CallOptions, type ClusterClient, pause} from '../cluster/cluster-client.ts'
import {readJson} from '../cluster/http.ts'
import {machineId, type OpenedFile, openLocal} from './this-machine.ts'

/** One request waits so long for something to happen. Milliseconds. */
const waitMs = 15_000

/** A master that restarts is given this long to be back before waiting ends with an error. Milliseconds. */
export const awayMsMax = 120_000
const retryMs = 500

export interface SubmitOptions extends CallOptions {
  /** Who is to be named as the job's owner: `ann@desk`. */
  readonly owner?: string | undefined
  /** Jobs of a higher one go first. */
  readonly priority?: number | undefined
  /** Share of slots against jobs of the same priority. */
  readonly weight?: number | undefined
  /** Tasks that run at the same time. */
  readonly slotsMax?: number | undefined
}

export interface EventQuery extends CallOptions {
  readonly after?: number | undefined
  readonly isFollowing?: boolean
  readonly kind?: JobEventInfo['kind'] | undefined
  readonly task?: number | undefined
}

export interface PriorityChange {
  readonly priority?: number
  readonly weight?: number
  readonly slotsMax?: number
}

export type JobAction = 'pause' | 'resume' | 'cancel' | 'purge'

/** What an action answers: of a purged job nothing but its name is left. */
export type ChangedJob = JobInfo | {readonly job: string; readonly state: 'purged'}

export const isJobOver = (state: JobState): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled' || state === 'purged'

/** Nobody answers, or says that it cannot now: a master that restarts. */
export const isMasterAway = (error: unknown): boolean =>
  error instanceof ClusterError || (error instanceof UserError && error.code === 'CANNOT_REACH')

/**
 * Owns nothing: the connections are those of the client that it is given. Calls throw as that does: UserError CANNOT_REACH,
 * FORBIDDEN; ClusterError.
 */
export class JobClient {
  readonly #client: ClusterClient

  constructor(client: ClusterClient) {
    this.#client = client
  }

  /**
   * Submits a job pack. Repeated when the cluster says "later" or the connection breaks: the stamp in the job's name tells the
   * master that it is the same one.
   *
   * @returns the job's name
   * @throws UserError JOB_FILE_BROKEN, BAD_JOB, TAG_NOT_FOUND, BLOB_NOT_FOUND, FORBIDDEN; ClusterError OVERLOADED, UNAVAILABLE
   */
  async submit(pack: Uint8Array, {owner, priority, weight, slotsMax, ...options}: SubmitOptions = {}): Promise<string> {
    const query = {stamp: newStamp(), owner, priority, weight, slotsMax}
    const call = {...options, query, isSafeToRepeat: true}
    const {job} = await this.#client.sendBytes<SubmitAnswer>('submitJob', pack, call)
    return job
  }

  /** Newest first. @param query - `prefix` of names */
  list = (query: {prefix?: string; state?: JobState; count?: number} = {}, options?: CallOptions): Promise<JobList> =>
    this.#client.readJson('listJobs', {...options, query})

  /** @throws UserError JOB_NOT_FOUND */
  read = (job: string, options?: CallOptions): Promise<JobInfo> =>
    this.#client.readJson('readJob', {...options, parameters: {job}})

  /** A page of tasks by number: those after `after`. */
  tasks = (
    job: string,
    query: {stage?: string; state?: TaskInfo['state']; after?: number; count?: number} = {},
    options?: CallOptions,
  ): Promise<TaskList> => this.#client.readJson('listTasks', {...options, parameters: {job}, query})

  /**
   * Events with numbers above `after`, oldest first. `isFollowing`: goes on until the job is over; a master that restarts
   * meanwhile is waited for.
   *
   * @param query - `kind`, or messages of a `task` by its number: only those
   */
  async *events(
    job: string,
    {after = -1, isFollowing = false, kind, task, ...options}: EventQuery = {},
  ): AsyncGenerator<JobEventInfo> {
    for (let next = after; ; ) {
      const page = await this.#patiently(isFollowing, options, () =>
        this.#client.readJson<JobEvents>('jobEvents', {
          ...options,
          parameters: {job},
          query: {after: next, waitMs: isFollowing ? waitMs : 0, kind, task},
        }),
      )
      yield* page.events
      // Without events it may have looked at others, and there are more.
      if (page.isEnd || (page.next === next && !isFollowing)) return
      next = page.next
    }
  }

  /** Results as they are now; `outputs` is empty before the end. @param stage - of that stage instead of the last */
  results = (job: string, query: {stage?: string} = {}, options?: CallOptions): Promise<JobResults> =>
    this.#client.readJson('jobResults', {...options, parameters: {job}, query})

  /**
   * Waits for the end of the job, however long that takes.
   *
   * @param timeoutMs - after this the answer has the state in which it is
   * @param isPatient - false: a master that does not answer is an error at once, for who waits in a loop
   */
  async wait(
    job: string,
    {timeoutMs = Infinity, isPatient = true, ...options}: CallOptions & {timeoutMs?: number; isPatient?: boolean} = {},
  ): Promise<JobResults> {
    const untilMs = performance.now() + timeoutMs
    for (;;) {
      const leftMs = Math.max(0, Math.min(waitMs, untilMs - performance.now()))
      const results = await this.#patiently(isPatient, options, () =>
        this.#client.readJson<JobResults>('jobResults', {
          ...options,
          parameters: {job},
          query: {waitMs: Math.ceil(leftMs)},
        }),
      )
      if (isJobOver(results.state) || performance.now() >= untilMs) return results
    }
  }

  /** @throws UserError JOB_NOT_FOUND, WRONG_STATE */
  change = (job: string, action: JobAction, options?: CallOptions): Promise<ChangedJob> =>
    this.#client.postJson('changeJob', {...options, parameters: {job, action}, body: {}})

  setPriority = (job: string, change: PriorityChange, options?: CallOptions): Promise<ChangedJob> =>
    this.#client.postJson('changeJob', {...options, parameters: {job, action: 'priority'}, body: change})

  /** The pack that the job was submitted with. */
  async pack(job: string, options: CallOptions = {}): Promise<Buffer> {
    const url = this.#client.urlOf('jobPack', {job})
    return await bytesOf(this.readUrl(url, options))
  }

  /**
   * Bytes of an output, from the first of its addresses that gives them.
   *
   * @param output - of `results`. One with a path `FILE@OFFSET` is a section, `bytes` long, of the file at its addresses: only
   *   that is read
   */
  async *readOutput(output: JobResults['outputs'][number], options: CallOptions = {}): AsyncGenerator<Uint8Array> {
    const section = sectionOf(output)
    const problems: string[] = []
    for (const url of output.urls) {
      if (!/^https?:/.test(url)) {
        if (url.startsWith('raw://')) yield Buffer.from(url.slice('raw://'.length))
        return
      }
      let isBegun = false
      try {
        for await (const chunk of this.readUrl(url, options, section)) {
          isBegun = true
          yield chunk
        }
        return
      } catch (error) {
        if (isBegun || options.signal?.aborted === true) throw error
        problems.push(error instanceof Error ? error.message : String(error))
      }
    }
    throw new ClusterError(
      'UNAVAILABLE',
      `an output cannot be read: ${problems.join('; ') || 'no node that is up has it'}`,
    )
  }

  /**
   * Opens whole files of one task where they lie, when the node that has them is on this machine. The caller closes them.
   *
   * @param outputs - the first of them is asked for, the others are beside it
   * @returns in their order; undefined: they are read with `readOutput`
   */
  async openOutputs(
    outputs: JobResults['outputs'],
    options: CallOptions = {},
  ): Promise<readonly OpenedFile[] | undefined> {
    const machine = machineId()
    const [url] = outputs[0]?.urls ?? []
    const files = outputs.map(fileOf)
    if (machine === undefined || url === undefined || !/^https?:/.test(url)) return undefined
    const first = await this.#placeOf(url, machine, options)
    if (first === undefined) return undefined
    const folder = first.path.slice(0, first.path.length - files[0]!.length)
    const opened: OpenedFile[] = []
    for (const [index, output] of outputs.entries()) {
      const {device} = first
      const file =
        index === 0 ? openLocal(first) : openLocal({path: folder + files[index]!, device, bytes: output.bytes})
      if (file !== undefined) opened.push(file)
    }
    if (opened.length === outputs.length) return opened
    for (const file of opened) file.close()
    return undefined
  }

  /** What tasks put out of band, of all nodes that answer: of a key that several put, the first. */
  async listOob(job: string, options: CallOptions = {}): Promise<readonly (OobInfo & {readonly url: string})[]> {
    const found = new Map<string, OobInfo & {readonly url: string}>()
    for (const {address} of await this.#nodesThere(options)) {
      const values = await this.#oobAt(address, job, options)
      for (const value of values) {
        const known = found.get(value.key)
        if (known === undefined || isBefore(value, known)) found.set(value.key, value)
      }
    }
    return [...found.values()].sort((left, right) => (left.key < right.key ? -1 : 1))
  }

  /** As it is stored; the worker's `decodeOob` makes a value of it. Undefined: nobody put anything under that key. */
  async readOob(job: string, key: string, options: CallOptions = {}): Promise<Buffer | undefined> {
    const found = (await this.listOob(job, options)).find(one => one.key === key)
    return found === undefined ? undefined : await bytesOf(this.readUrl(found.url, options))
  }

  /** @param section - bytes of the file; all when absent */
  async *readUrl(
    url: string,
    options: CallOptions = {},
    section?: {readonly offset: number; readonly bytes: number},
  ): AsyncGenerator<Uint8Array> {
    if (section?.bytes === 0) return
    const range = section && `bytes=${section.offset}-${section.offset + section.bytes - 1}`
    const headers = {...this.#client.authorization(options), ...(range === undefined ? {} : {range})}
    const response = await this.#client.http.send({method: 'GET', url, headers, signal: options.signal})
    yield* response as AsyncIterable<Buffer>
  }

  /**
   * Which nodes keep which partial aggregates of rules. A node that does not answer keeps none for now.
   *
   * @param names - as `partialNames` makes them
   * @returns for each name that is kept the nodes that do, in the order of the cluster's list
   */
  async keptPartials(
    names: readonly string[],
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, readonly NodeName[]>> {
    const nodes = await this.#nodesThere(options)
    const found = await Promise.all(
      nodes.map(async ({address}) => {
        const kept: string[] = []
        for (let at = 0; at < names.length; at += pageSizeMax)
          kept.push(...(await this.#partialsAt(address, names.slice(at, at + pageSizeMax), options)))
        return kept
      }),
    )
    const kept = new Map<string, NodeName[]>()
    for (const [index, {name: node}] of nodes.entries())
      for (const name of found[index]!) kept.set(name, [...(kept.get(name) ?? []), node])
    return kept
  }

  /** Where the file is on this machine. Undefined also when nobody answers: who reads the content then says why. */
  async #placeOf(url: string, machine: string, options: CallOptions): Promise<LocalFile | undefined> {
    const headers = {...this.#client.authorization(options), [machineHeader]: machine}
    let response: IncomingMessage
    try {
      response = await this.#client.http.send({method: 'GET', url, headers, signal: options.signal})
    } catch (error) {
      if (error instanceof ClusterError || error instanceof UserError) return undefined
      throw error
    }
    const place = parseLocalFile(String(response.headers[localFileHeader] ?? ''))
    // Otherwise the content is on its way, which is asked for once more.
    if (place === undefined) response.destroy()
    else response.resume()
    return place
  }

  async #partialsAt(address: string, names: readonly string[], options: CallOptions): Promise<readonly string[]> {
    const {method, path} = endpoints.findPartials
    const url = address + path
    const headers = {...this.#client.authorization(options), 'content-type': 'application/json'}
    const body: PartialsRequest = {names}
    try {
      const response = await this.#client.http.send(
        {method, url, headers, signal: options.signal},
        JSON.stringify(body),
      )
      return (await readJson<PartialsAnswer>(response, url)).kept
    } catch (error) {
      if (error instanceof ClusterError || error instanceof UserError) return []
      throw error
    }
  }

  async #nodesThere(options: CallOptions): Promise<readonly NodeInfo[]> {
    const {nodes} = await this.#client.nodes(options)
    return nodes.filter(({state}) => state === 'up' || state === 'draining')
  }

  async #oobAt(address: string, job: string, options: CallOptions): Promise<(OobInfo & {readonly url: string})[]> {
    const base = address + endpoints.listOob.path.replace(':job', encodeURIComponent(job))
    const text = await bytesOf(this.readUrl(base, options))
    const {values} = JSON.parse(text.toString()) as {readonly values: readonly OobInfo[]}
    return values.map(value => ({...value, url: `${base}/${encodeURIComponent(value.key)}`}))
  }

  /** A wait goes on over a restart of the master. */
  async #patiently<Result>(isPatient: boolean, options: CallOptions, ask: () => Promise<Result>): Promise<Result> {
    const startMs = performance.now()
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!isPatient || !isMasterAway(error) || performance.now() - startMs > awayMsMax) throw error
        await pause(retryMs, options.signal)
      }
    }
  }
}

/** Digits behind the time: jobs of the same name that are submitted in the same millisecond. */
const stampRandomRange = 36 ** 5

/** What follows the name of a job: sorts by time. */
const newStamp = (): string => Date.now().toString(36) + randomInt(stampRandomRange).toString(36).padStart(5, '0')

/** The first stage, then the first task counts. */
const isBefore = (left: OobInfo, right: OobInfo): boolean =>
  left.stageIndex !== right.stageIndex ? left.stageIndex < right.stageIndex : left.task < right.task

function sectionOf(output: JobResults['outputs'][number]): {offset: number; bytes: number} | undefined {
  if (output.place.type !== 'file') return undefined
  const match = /@(\d{1,15})$/.exec(output.place.path)
  return match === null ? undefined : {offset: Number(match[1]), bytes: output.bytes}
}

/** Below the folder of the job. */
const fileOf = ({place}: JobResults['outputs'][number]): string =>
  place.type === 'file' ? place.path.replace(/@\d+$/, '') : ''

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks))
}
