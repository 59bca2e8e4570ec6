/** Endpoints about jobs that the master answers. */
import {createReadStream} from 'node:fs'
import {pipeline} from 'node:stream/promises'
import * as z from 'zod/mini'
import {UserError} from '../../../base/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import {
  type EndpointName,
  endpoints,
  eventTitle,
  isJobName,
  type JobEvents,
  type JobList,
  type JobResults,
  type JobState,
  type JobSummary,
  type NodeName,
  type SubmitAnswer,
  type TaskInfo,
  type TaskList,
} from '../../../protocol/index.ts'
import {type JobRequest, jobCounters, jobResults, listJobs, stageResults} from '../../../scheduler/index.ts'
import type {JournalEvent} from '../../../storage/index.ts'
import {type ApiCall, type Handler, readBody} from '../../http/index.ts'
import {eventsLookedAtMax, jobPageMax, taskPageMax, waitMsMax} from '../limits.ts'
import {parseOutputPath} from '../output-path.ts'
import type {JobDriver} from './job-driver.ts'
import {errorOf, eventOf, infoOf, jobNotFound, summaryOf, tasksOf} from './job-views.ts'
import type {InputSources} from './resolve-inputs.ts'
import {resultFormatOf} from './result-format.ts'
import {type ReadPlan, type SubmitOptions, submitJob} from './submit-job.ts'

export interface JobHandlerPorts {
  readonly jobs: JobDriver
  /** What a submission may read with this caller's tokens. */
  readonly sourcesFor: (call: ApiCall) => InputSources
  readonly readPlan: ReadPlan
  /** May this caller submit a pack with code? @throws UserError FORBIDDEN */
  readonly checkCode: (call: ApiCall) => void
  readonly addressOf: (node: NodeName) => string | undefined
  readonly urlsOfBlob: (output: Output) => readonly string[]
  /** Something was stored under the cluster's id. */
  readonly onSubmit: () => void
}

export type JobEndpoint = Extract<
  EndpointName,
  'submitJob' | 'listJobs' | 'readJob' | 'listTasks' | 'jobEvents' | 'jobResults' | 'jobPack' | 'changeJob'
>

const isOver = (state: JobState): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled' || state === 'purged'

/** The endpoints of jobs. Each says why when the scheduler stands still. */
export function jobHandlers(ports: JobHandlerPorts): Record<JobEndpoint, Handler> {
  const handlers = handlersOf(ports)
  const guarded = (handler: Handler): Handler => {
    return async call => {
      ports.jobs.checkRunning()
      return await handler(call)
    }
  }
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, guarded(handler)])) as Record<
    JobEndpoint,
    Handler
  >
}

function handlersOf(ports: JobHandlerPorts): Record<JobEndpoint, Handler> {
  const {jobs} = ports
  return {
    submitJob: async call => {
      ports.onSubmit()
      const sources = ports.sourcesFor(call)
      const {readPlan} = ports
      const job = await submitJob(call.request, submitOptionsOf(call), {
        jobs,
        sources,
        readPlan,
        checkCode: () => ports.checkCode(call),
      })
      const body: SubmitAnswer = {job}
      return {status: 201, body}
    },

    listJobs: async ({query}) => {
      const prefix = query.get('prefix') ?? ''
      const state = query.get('state')
      const count = numberOf(query, 'count', 100, jobPageMax)
      const found: JobSummary[] = []
      for (const job of listJobs(jobs.state)) {
        if (found.length >= count) break
        if (job.job.startsWith(prefix) && (state === null || job.state === state)) found.push(summaryOf(job))
      }
      const body: JobList = {jobs: found}
      return {body}
    },

    readJob: async call => ({body: infoOf(jobs.state, nameOf(call))}),

    listTasks: async call => {
      const {query} = call
      const count = numberOf(query, 'count', taskPageMax, taskPageMax)
      const tasks = tasksOf(jobs.state, jobs.journal, nameOf(call), {
        stage: query.get('stage') ?? undefined,
        state: (query.get('state') ?? undefined) as TaskInfo['state'] | undefined,
        after: numberOf(query, 'after', -1),
        count,
      })
      const last = tasks.at(-1)
      const body: TaskList = {tasks, ...(last === undefined || tasks.length < count ? {} : {next: last.task})}
      return {body}
    },

    jobEvents: async call => ({body: await eventsFor(jobs, call)}),
    jobResults: async call => ({body: await resultsFor(ports, call)}),
    jobPack: async call => sendPack(jobs, call),

    changeJob: async call => {
      const job = nameOf(call)
      const request = await changeOf(call, job)
      const {state} = await jobs.ask(request)
      return {body: state === 'purged' ? {job, state} : infoOf(jobs.state, job)}
    },
  }
}

function nameOf({parameters}: ApiCall): string {
  const job = parameters['job'] ?? ''
  if (isJobName(job)) return job
  throw jobNotFound(job)
}

async function eventsFor(jobs: JobDriver, call: ApiCall): Promise<JobEvents> {
  const job = nameOf(call)
  const {query, signal} = call
  const after = numberOf(query, 'after', -1)
  const count = numberOf(query, 'count', eventPageMax, eventPageMax)
  const untilMs = performance.now() + numberOf(query, 'waitMs', 0, waitMsMax)
  const isWanted = eventFilter(query)
  for (let from = after; ; ) {
    const state = stateOf(jobs, job)
    const {events, next, isMore} = pickEvents(jobs, job, {after: from, count, isWanted})
    from = next
    const leftMs = untilMs - performance.now()
    if (events.length > 0 || isMore || isOver(state) || leftMs <= 0 || signal.aborted) {
      // Of a job that is over the last event has been written with its state.
      return {events: events.map(eventOf), next, isEnd: isOver(state) && !isMore}
    }
    await jobs.watchers.next(job, leftMs, signal)
  }
}

/** Which events `?kind=` and `?task=` choose; undefined: all. */
function eventFilter(query: URLSearchParams): ((event: JournalEvent) => boolean) | undefined {
  const kind = query.get('kind')
  const task = query.has('task') ? numberOf(query, 'task', 0) : undefined
  if (kind === null && task === undefined) return undefined
  return event =>
    (kind === null || event.kind === kind) && (task === undefined || eventTitle(event.text)?.task === task)
}

/**
 * The next events that are wanted, and how far was looked for them: past many others only so far that other requests need not
 * wait.
 */
function pickEvents(
  {journal}: JobDriver,
  job: string,
  {after, count, isWanted}: {after: number; count: number; isWanted: ReturnType<typeof eventFilter>},
): {readonly events: readonly JournalEvent[]; readonly next: number; readonly isMore: boolean} {
  const events: JournalEvent[] = []
  let next = after
  for (let looked = 0; ; ) {
    const page = journal.eventsOf(job, next + 1, isWanted === undefined ? count : eventPageMax).events
    for (const event of page) {
      next = event.number
      if (isWanted?.(event) === false) continue
      if (events.push(event) === count) return {events, next, isMore: true}
    }
    looked += page.length
    if (page.length < eventPageMax) return {events, next, isMore: false}
    if (looked >= eventsLookedAtMax) return {events, next, isMore: true}
  }
}

/** Events of one answer. */
const eventPageMax = 1000

function stateOf(jobs: JobDriver, name: string): JobState {
  // Those who wait are woken when the master stops.
  jobs.checkRunning()
  const state = jobs.state.jobs.get(name)?.state
  if (state === undefined || state === 'purged') throw jobNotFound(name)
  return state
}

async function resultsFor(ports: JobHandlerPorts, call: ApiCall): Promise<JobResults> {
  const {jobs} = ports
  const job = nameOf(call)
  const {query, signal} = call
  const stage = query.get('stage')
  if (stage !== null && !infoOf(jobs.state, job).stages.some(one => one.name === stage)) {
    throw new UserError('BAD_JOB', `job ${job} has no stage "${stage.slice(0, 80)}"`, {
      hint: `see its stages with: disco jobs ${job}`,
    })
  }
  const untilMs = performance.now() + numberOf(query, 'waitMs', 0, waitMsMax)
  for (;;) {
    const state = stateOf(jobs, job)
    const outputs = stage === null ? jobResults(jobs.state, job) : stageResults(jobs.state, job, stage)
    const leftMs = untilMs - performance.now()
    if (outputs !== undefined || isOver(state) || leftMs <= 0 || signal.aborted) {
      const error = errorOf(jobs.state, job)
      const resultTag = jobs.state.jobs.get(job)?.spec.resultTag
      const pack = jobs.packOf(job)
      const format = pack && (await resultFormatOf(jobs.journal.packs.pathOf(pack.hash)))
      return {
        state,
        ...(format === undefined ? {} : {format}),
        ...(error === undefined ? {} : {error}),
        outputs: (outputs ?? []).map(output => ({...output, urls: urlsOf(ports, job, output)})),
        ...(resultTag === undefined ? {} : {resultTag}),
        counters: jobCounters(jobs.state, job) ?? {},
      }
    }
    await jobs.watchers.next(job, leftMs, signal)
  }
}

/** Where the file is that holds the output: one of its sections, when the path names an offset. */
function urlsOf({addressOf, urlsOfBlob}: JobHandlerPorts, job: string, output: Output): readonly string[] {
  const {place} = output
  if (place.type === 'urls') return place.urls
  if (place.type === 'blob') return urlsOfBlob(output)
  const address = addressOf(place.node)
  return address === undefined ? [] : [jobFileUrl(address, job, parseOutputPath(place.path).file)]
}

const jobFileUrl = (address: string, job: string, file: string): string =>
  address +
  endpoints.readJobFile.path.replace(':job', encodeURIComponent(job)).replace(':path', encodeURIComponent(file))

async function sendPack(jobs: JobDriver, call: ApiCall): Promise<undefined> {
  const pack = jobs.packOf(nameOf(call))
  if (pack === undefined) throw jobNotFound(nameOf(call))
  const {response} = call
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': pack.bytes,
    etag: `"${pack.hash}"`,
  })
  await pipeline(createReadStream(jobs.journal.packs.pathOf(pack.hash)), response, {signal: call.signal})
  return undefined
}

const prioritySchema = z.object({
  priority: z.exactOptional(z.int()),
  weight: z.exactOptional(z.number()),
  slotsMax: z.exactOptional(z.int()),
})

async function changeOf(call: ApiCall, job: string): Promise<JobRequest> {
  const action = call.parameters['action'] ?? ''
  switch (action) {
    case 'pause':
    case 'resume':
    case 'cancel':
    case 'purge':
      return {type: action, job}
    case 'priority': {
      const change: z.infer<typeof prioritySchema> = await readBody(call.request, prioritySchema)
      return {type: 'set-priority', job, ...change}
    }
    default:
      throw new UserError('BAD_NAME', `a job can be told to pause, resume, cancel, purge or change its priority`)
  }
}

function submitOptionsOf(call: ApiCall): SubmitOptions {
  const {query} = call
  const optional = (name: string): number | undefined =>
    query.has(name) ? numberOf(query, name, 0, Number.MAX_SAFE_INTEGER) : undefined
  const priority = query.get('priority')
  const weight = query.get('weight')
  const slotsMax = optional('slotsMax')
  const stamp = query.get('stamp')
  return {
    owner: query.get('owner') ?? (call.scopes.join('.') || 'unknown'),
    isOwnerOfPack: !query.has('owner'),
    ...(stamp === null ? {} : {stamp}),
    ...(priority === null ? {} : {priority: Number(priority)}),
    ...(weight === null ? {} : {weight: Number(weight)}),
    ...(slotsMax === undefined ? {} : {slotsMax}),
  }
}

/** @param standard - taken when none is given; what is below it and below 0 is refused */
function numberOf(query: URLSearchParams, name: string, standard: number, max = Number.MAX_SAFE_INTEGER): number {
  const text = query.get(name)
  if (text === null) return standard
  const value = Number(text)
  if (/^-?\d{1,15}$/.test(text) && value >= Math.min(standard, 0)) return Math.min(value, max)
  throw new UserError('BAD_SETTING', `${name} must be a whole number from ${Math.min(standard, 0)} on`)
}
