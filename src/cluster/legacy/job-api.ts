/** `/disco`: submission, control, results, events and files of jobs. */
import {createReadStream} from 'node:fs'
import {pipeline} from 'node:stream/promises'
import {messageOf, UserError} from '../../base/index.ts'
import type {Output} from '../../pipeline/index.ts'
import {
  endpoints,
  isJobName,
  type JobAnswer,
  type JobRow,
  type JobState,
  type JobStatus,
  type LegacyJobInfo,
  type LegacyResults,
  parseJobPath,
  type ReplicaSet,
  type StageRow,
} from '../../protocol/index.ts'
import {jobInfo, jobResults, listJobs, stageResults} from '../../scheduler/index.ts'
import {parseRange} from '../agent/ranges.ts'
import type {Master} from '../master/master.ts'
import {knownRefusalOf, Refusal, sendJsonText, sendText} from './answers.ts'
import {type BlobApi, fileNotFound} from './blob-api.ts'
import {readControl} from './bodies.ts'
import type {LegacyCall} from './call.ts'
import {EventText} from './events.ts'
import {indexOfRun, resultsOf, urlsOfOutput} from './job-results.ts'
import {cleanedJobsMax, eventsShownMax, packBytesMax, waitMsMax} from './limits.ts'
import type {LegacyFile} from './state.ts'
import {localTime} from './times.ts'

const statuses: Readonly<Record<JobState, JobStatus>> = {
  queued: 'active',
  running: 'active',
  paused: 'active',
  done: 'ready',
  failed: 'dead',
  cancelled: 'dead',
  purged: 'dead',
}

const notFound = (): Refusal => new Refusal(404, 'not found')

/** Answers in Disco's words; what Disco does not have is not there. */
export class JobApi {
  readonly #master: Master
  readonly #file: LegacyFile
  readonly #blobs: BlobApi
  readonly #events: EventText

  constructor(master: Master, file: LegacyFile, blobs: BlobApi) {
    this.#master = master
    this.#file = file
    this.#blobs = blobs
    this.#events = new EventText(master.jobs.driver.journal)
  }

  /** POST /disco/job/new */
  async submit(call: LegacyCall): Promise<void> {
    const {request, response} = call
    if (!this.#file.memory.acceptsJobs) throw new Refusal(403, 'No new jobs should be submitted to this cluster.')
    const length = request.headers['content-length']
    if (length === undefined) throw new Refusal(500, 'Internal server error')
    if (Number(length) > packBytesMax) throw new Refusal(413, 'Job packet too large')
    try {
      const job = await this.#master.jobs.submit(request, {owner: call.caller, isOwnerOfPack: true}, call)
      call.onSubject(job)
      sendJsonText(response, 200, ['ok', job])
    } catch (error) {
      if (call.signal.aborted || (knownRefusalOf(error) === undefined && !(error instanceof UserError))) throw error
      sendJsonText(response, 200, ['error', `Job failed to start: ${messageOf(error)}`])
    }
  }

  /** POST /disco/ctrl/kill_job, clean_job, purge_job: unknown jobs are none to complain about. */
  async end(call: LegacyCall, how: 'kill' | 'clean' | 'purge'): Promise<void> {
    const job = (await readControl(call, 'string')) as string
    const state = this.#stateOf(job)
    if (state !== undefined) {
      if (statuses[state] === 'active') await this.#ask('cancel', job)
      if (how === 'purge') await this.#ask('purge', job)
      if (how === 'clean') this.#forget(job)
    }
    sendJsonText(call.response, 200, '')
  }

  async #ask(type: 'cancel' | 'purge', job: string): Promise<void> {
    try {
      await this.#master.jobs.driver.ask({type, job})
    } catch (error) {
      // It ended, or was purged, in the same moment.
      if (!(error instanceof UserError)) throw error
    }
  }

  /** Its files stay: clients clean a job and read its results then. */
  #forget(job: string): void {
    const {jobs} = this.#master.jobs.driver.state
    const cleaned = this.#file.memory.cleaned.filter(one => jobs.has(one) && one !== job)
    this.#file.remember({cleaned: [...cleaned, job].slice(-cleanedJobsMax)})
  }

  /** POST /disco/ctrl/get_results: waits until one of those that are active ends. */
  async results(call: LegacyCall): Promise<void> {
    const body = await readControl(call, {parts: ['integer', {list: 'string'}]})
    const [timeoutMs, names] = body as [number, string[]]
    const active = names.filter(job => this.#statusOf(job) === 'active')
    if (active.length > 0 && timeoutMs > 0) {
      await this.#anyEnd(active, Math.min(timeoutMs, waitMsMax), call.signal)
    }
    const answers = names.map((job): JobAnswer => {
      const status = this.#statusOf(job) ?? 'unknown job'
      return [job, [status, status === 'ready' ? this.#resultsOf(job, call.host) : []]]
    })
    sendJsonText(call.response, 200, answers)
  }

  async #anyEnd(jobs: readonly string[], waitMs: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const both = AbortSignal.any([signal, over.signal])
    const untilMs = performance.now() + waitMs
    const ended = async (job: string): Promise<void> => {
      while (this.#statusOf(job) === 'active' && !both.aborted && performance.now() < untilMs) {
        await this.#master.jobs.driver.watchers.next(job, untilMs - performance.now(), both)
        this.#master.jobs.driver.checkRunning()
      }
    }
    try {
      await Promise.race(jobs.map(ended))
    } finally {
      over.abort()
    }
  }

  /** GET /disco/ctrl/get_stageresults */
  stageResults({query, response, host}: LegacyCall): void {
    const job = query.get('name') ?? ''
    const stage = query.get('stage')
    if (stage === null) throw new Refusal(500, 'Internal server error')
    const status = this.#statusOf(job)
    const spec = this.#master.jobs.driver.state.jobs.get(job)?.spec
    const isLast = spec?.pipeline.at(-1)?.name === stage
    // Of other jobs than Disco's the files of the stages before go with their end: an address of what is gone would mislead.
    const isThere = status === 'active' || spec?.keepsStages === true || (status === 'ready' && isLast)
    const outputs = isThere ? this.#outputsOf(job, stage) : undefined
    if (outputs === undefined) throw notFound()
    sendJsonText(response, 200, resultsOf(outputs, host, job, stage))
  }

  /** GET /disco/ctrl/joblist */
  list({response}: LegacyCall): void {
    const rows = listJobs(this.#master.jobs.driver.state)
      .filter(({job}) => this.#stateOf(job) !== undefined)
      .map(({submittedMs, state, job}): JobRow => [Math.floor(submittedMs / 1000), statuses[state], job])
    sendJsonText(response, 200, rows)
  }

  /** GET /disco/ctrl/jobinfo */
  info({query, response, host}: LegacyCall): void {
    const name = query.get('name') ?? ''
    const status = this.#statusOf(name)
    const {state} = this.#master.jobs.driver
    const info = jobInfo(state, name)
    const job = state.jobs.get(name)
    if (status === undefined || info === undefined || job === undefined) throw notFound()
    const isOver = status !== 'active'
    const answer: LegacyJobInfo = {
      timestamp: localTime(job.submittedMs),
      active: status,
      pipeline: info.stages.map((stage): StageRow => {
        const {name: title, held, blocked, running, done, failedRuns} = stage
        const [pending, now] = [held + blocked, isOver ? 0 : running]
        return [title, pending, Math.max(stage.tasks - pending - now - done, 0), now, done, failedRuns]
      }),
      results: status === 'ready' ? flat(this.#resultsOf(name, host)) : [],
      inputs: flat(job.spec.inputs.map(input => urlsOfOutput(input, host))),
      worker: '',
      hosts: [...state.nodes.values()].flatMap(node =>
        [...node.runs].filter(run => run.task.job === job).map(() => node.name),
      ),
      owner: job.spec.owner,
    }
    sendJsonText(response, 200, answer)
  }

  /** GET /disco/ctrl/parameters: the pack as it came. */
  async pack(call: LegacyCall): Promise<void> {
    const job = call.query.get('name') ?? ''
    const {driver} = this.#master.jobs
    const pack = this.#stateOf(job) === undefined ? undefined : driver.packOf(job)
    if (pack === undefined) throw notFound()
    const {start, end, headers, status} = partOf(call, pack.bytes)
    call.response.writeHead(status, headers)
    if (end === start) call.response.end()
    else {
      const path = driver.journal.packs.pathOf(pack.hash)
      await pipeline(createReadStream(path, {start, end: end - 1}), call.response, {signal: call.signal})
    }
  }

  /** GET /disco/ctrl/rawevents: past the end a range is answered with all of it, as in Disco. */
  rawEvents(call: LegacyCall): void {
    const job = call.query.get('name') ?? ''
    if (this.#stateOf(job) === undefined) throw notFound()
    const from = Number(/^bytes=(\d{1,15})-\d*$/.exec(call.request.headers.range?.trim() ?? '')?.[1] ?? 0)
    const first = this.#events.read(job, from)
    const isWhole = from >= first.total
    const base = isWhole ? 0 : from
    const {bytes, total} = isWhole ? this.#events.read(job, 0) : first
    const {start, end, headers, status} = partOf(call, total)
    call.response.writeHead(status, headers)
    call.response.end(bytes.subarray(start - base, end - base))
  }

  /** GET /disco/ctrl/jobevents: newest first; nothing found is nothing said. */
  lastEvents({query, response}: LegacyCall): void {
    const job = query.get('name') ?? ''
    if (this.#stateOf(job) === undefined) throw notFound()
    const asked = Number(query.get('num') ?? 10)
    const count = Number.isInteger(asked) && asked >= 0 ? Math.min(asked, eventsShownMax) : 10
    const rows = count === 0 ? [] : this.#events.last(job, count, query.get('filter') ?? '')
    sendText(response, 200, rows.length === 0 ? '' : JSON.stringify(rows), 'text/plain')
  }

  /** GET /disco/HOST/HH/JOB/PATH */
  async file(call: LegacyCall): Promise<void> {
    const found = parseJobPath(call.path)
    if (found === undefined) throw fileNotFound()
    if (found.type === 'section') {
      const {node, job, file} = found
      const path = endpoints.readJobFile.path
        .replace(':job', encodeURIComponent(job))
        .replace(':path', encodeURIComponent(file))
      return await this.#blobs.sendFile(call, [{node, path}], found)
    }
    const outputs = this.#outputsOf(found.job, found.stage)
    const text = outputs && indexOfRun(outputs, call.host, found.job, found.run)
    if (text === undefined) throw fileNotFound()
    const bytes = Buffer.from(text)
    const {start, end, headers, status} = partOf(call, bytes.length)
    call.response.writeHead(status, {...headers, 'content-type': 'application/octet-stream'})
    call.response.end(bytes.subarray(start, end))
  }

  /** undefined: unknown, or cleaned. */
  #stateOf(job: string): JobState | undefined {
    this.#master.jobs.driver.checkRunning()
    const known = isJobName(job) ? this.#master.jobs.driver.state.jobs.get(job)?.state : undefined
    return known === 'purged' || this.#file.memory.cleaned.includes(job) ? undefined : known
  }

  #statusOf(job: string): JobStatus | undefined {
    const state = this.#stateOf(job)
    return state === undefined ? undefined : statuses[state]
  }

  /** Also of a job that was cleaned: its files are there. */
  #outputsOf(job: string, stage: string): readonly Output[] | undefined {
    const {state} = this.#master.jobs.driver
    const known = state.jobs.get(job)
    if (known === undefined || !known.spec.pipeline.some(one => one.name === stage)) return undefined
    const isLast = known.spec.pipeline.at(-1)?.name === stage
    return (isLast ? jobResults(state, job) : undefined) ?? stageResults(state, job, stage)
  }

  #resultsOf(job: string, host: string): LegacyResults {
    const {state} = this.#master.jobs.driver
    const spec = state.jobs.get(job)?.spec
    if (spec?.resultTag !== undefined) return [`tag://${spec.resultTag}`]
    const stage = spec?.pipeline.at(-1)?.name
    const outputs = jobResults(state, job) ?? []
    // Without a stage the results are the inputs.
    return stage === undefined
      ? outputs.map(output => urlsOfOutput(output, host))
      : resultsOf(outputs, host, job, stage)
  }
}

const flat = (results: readonly (ReplicaSet | string)[]): string[] =>
  results.flatMap(result => (typeof result === 'string' ? [result] : [...result]))

function partOf({request}: LegacyCall, bytes: number) {
  const asked = parseRange(request.headers.range, bytes)
  const isPart = asked !== 'whole' && asked !== 'unsatisfiable'
  const {start, end} = isPart ? asked : {start: 0, end: bytes}
  const headers = {
    'content-type': 'text/plain',
    'content-length': end - start,
    connection: 'close',
    ...(isPart ? {'content-range': `bytes ${start}-${end - 1}/${bytes}`} : {}),
  }
  return {start, end, headers, status: isPart ? 206 : 200}
}
