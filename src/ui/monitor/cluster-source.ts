/** Snapshots of a real cluster. Everything that can be asked for at the same time is. */
import {UserError} from '../../base/index.ts'
import type * as client from '../../client/index.ts'
import {isOver} from './facts.ts'
import {eventCountMax, jobCountMax, jobDetailCountMax, taskCountMax, taskPageCountMax} from './limits.ts'
import type {
  JobDetail,
  JobEventInfo,
  JobSummary,
  MonitorJob,
  MonitorSource,
  RunningTask,
  Snapshot,
  SnapshotRequest,
  TaskInfo,
} from './source.ts'

/** What is used of the clients. */
type ClusterClient = Pick<client.ClusterClient, 'cluster' | 'nodes' | 'maintenance'>
type JobClient = Pick<client.JobClient, 'list' | 'read' | 'tasks' | 'events' | 'change'>

interface CallOptions {
  readonly signal: AbortSignal
}

/** @param jobs - of the same cluster */
export function clusterSource(client: ClusterClient, jobs: JobClient): MonitorSource {
  return {
    async poll(request, signal) {
      const options = {signal}
      const [cluster, {nodes}, maintenance, list, job] = await Promise.all([
        client.cluster(options),
        client.nodes(options),
        client.maintenance(options),
        jobs.list({count: jobCountMax}, options).then(({jobs: list}) => withDetails(jobs, list, options)),
        request.job === undefined ? undefined : detailOf(jobs, request, request.job, options),
      ])
      const snapshot: Snapshot = {cluster, nodes, maintenance, ...list}
      return job === undefined ? snapshot : {...snapshot, job}
    },
    async order(order, job) {
      await jobs.change(job, order === 'kill' ? 'cancel' : order)
    },
  }
}

/** A job can be purged between two questions: then there is no answer, and nothing is wrong. */
async function unlessGone<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof UserError && error.code === 'JOB_NOT_FOUND') return undefined
    throw error
  }
}

/** Stages and running tasks of the newest jobs that are not over. */
async function withDetails(
  calls: JobClient,
  list: readonly JobSummary[],
  options: CallOptions,
): Promise<{readonly jobs: readonly MonitorJob[]; readonly running: readonly RunningTask[]}> {
  const open = list.filter(job => !isOver(job)).slice(0, jobDetailCountMax)
  const details = await Promise.all(
    open.map(async ({job, runningCount}) => {
      const [info, tasks] = await Promise.all([
        unlessGone(calls.read(job, options)),
        runningCount === 0 ? undefined : unlessGone(tasksOf(calls, job, 'running', options)),
      ])
      return {job, info, tasks}
    }),
  )
  const infos = new Map(details.map(({job, info}) => [job, info]))
  return {
    jobs: list.map(job => infos.get(job.job) ?? job),
    running: details.flatMap(({job, tasks = []}) => tasks.map(task => ({job, task}))),
  }
}

async function detailOf(
  calls: JobClient,
  {eventsAfter}: SnapshotRequest,
  job: string,
  options: CallOptions,
): Promise<JobDetail | undefined> {
  return await unlessGone(
    Promise.all([
      calls.read(job, options),
      tasksOf(calls, job, undefined, options),
      eventsOf(calls, job, eventsAfter, options),
    ]).then(([info, tasks, events]) => ({info, tasks, events})),
  )
}

/** New events; of very many the rest comes with the next look. */
async function eventsOf(calls: JobClient, job: string, after: number, options: CallOptions): Promise<JobEventInfo[]> {
  const events: JobEventInfo[] = []
  for await (const event of calls.events(job, {...options, after})) {
    events.push(event)
    if (events.length >= eventCountMax) break
  }
  return events
}

/** All tasks, page by page, up to taskCountMax. */
async function tasksOf(
  calls: JobClient,
  job: string,
  state: TaskInfo['state'] | undefined,
  options: CallOptions,
): Promise<readonly TaskInfo[]> {
  const found: TaskInfo[] = []
  let after: number | undefined
  do {
    const query = {count: taskPageCountMax, ...(state && {state}), ...(after !== undefined && {after})}
    const {tasks, next} = await calls.tasks(job, query, options)
    found.push(...tasks)
    after = next
  } while (after !== undefined && found.length < taskCountMax)
  return found
}
