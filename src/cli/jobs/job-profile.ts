/** Where a job's time went: by stage, and its slowest tasks. */
import type {JobClient} from '../../client/index.ts'
import type {JobCounters, JobInfo, JobState, StageInfo, TaskInfo} from '../../protocol/index.ts'

/** Tasks of one request. */
const pageCount = 1000

export interface StageProfile extends Omit<StageInfo, 'counters'> {
  /** From the first start to the end, or until now. */
  readonly elapsedMs?: number
  /** CPU time for each second that its tasks took: above 1 they use several cores, far below they wait. */
  readonly cpuShare?: number
  readonly counters: JobCounters
  /** Longest first. */
  readonly slowest: readonly TaskInfo[]
}

export interface JobProfile {
  readonly job: string
  readonly state: JobState
  readonly elapsedMs: number
  readonly cpuMs: number
  readonly counters: JobCounters
  readonly stages: readonly StageProfile[]
}

/** @param slowestCount - tasks of each stage */
export async function readProfile(jobs: JobClient, job: string, slowestCount: number): Promise<JobProfile> {
  const info = await jobs.read(job)
  const slowest = await slowestTasks(jobs, job, slowestCount)
  const stages = info.stages.map(stage => profileOf(info, stage, slowest.get(stage.name) ?? []))
  return {
    job,
    state: info.state,
    elapsedMs: (info.endedAtMs ?? info.nowMs) - (info.startedAtMs ?? info.submittedAtMs),
    cpuMs: stages.reduce((sum, {cpuMs}) => sum + cpuMs, 0),
    counters: info.counters ?? {},
    stages,
  }
}

function profileOf({nowMs, endedAtMs}: JobInfo, stage: StageInfo, slowest: readonly TaskInfo[]): StageProfile {
  const {startedAtMs, wallMs, cpuMs, counters = {}} = stage
  const untilMs = stage.endedAtMs ?? endedAtMs ?? nowMs
  return {
    ...stage,
    ...(startedAtMs === undefined ? {} : {elapsedMs: Math.max(0, untilMs - startedAtMs)}),
    ...(wallMs === undefined || wallMs === 0 ? {} : {cpuShare: cpuMs / wallMs}),
    counters,
    slowest,
  }
}

/** By stage; never more in memory than are shown and one page. */
async function slowestTasks(
  jobs: JobClient,
  job: string,
  count: number,
): Promise<ReadonlyMap<string, readonly TaskInfo[]>> {
  const found = new Map<string, TaskInfo[]>()
  if (count === 0) return found
  for (let after: number | undefined = -1; after !== undefined; ) {
    const page: Awaited<ReturnType<JobClient['tasks']>> = await jobs.tasks(job, {
      state: 'done',
      count: pageCount,
      after,
    })
    for (const [stage, tasks] of Map.groupBy(page.tasks, task => task.stage)) {
      const all = [...(found.get(stage) ?? []), ...tasks]
      found.set(stage, all.sort((left, right) => durationOf(right) - durationOf(left)).slice(0, count))
    }
    after = page.next
  }
  return found
}

const durationOf = ({durationMs = 0}: TaskInfo): number => durationMs
