import {describe, expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import type {JobEventInfo, JobInfo, JobSummary, TaskInfo} from '../../../../src/protocol/index.ts'
import {clusterSource} from '../../../../src/ui/index.ts'
import {bigJob, fakeSnapshot} from './fake-source.ts'

const snapshot = fakeSnapshot(1, {job: bigJob, eventsAfter: -1}, {taskCount: 2500, jobCount: 4})
const detail = snapshot.job!
const client = {
  cluster: () => Promise.resolve(snapshot.cluster),
  nodes: () => Promise.resolve({nodes: snapshot.nodes}),
  maintenance: () => Promise.resolve(snapshot.maintenance),
}
const gone = (): never => {
  throw new UserError('JOB_NOT_FOUND', 'there is no such job')
}

/** The job's calls of a client, from the snapshot. */
function jobsOf(changed: string[] = [], asked: string[] = []) {
  return {
    list: () => Promise.resolve({jobs: snapshot.jobs.map(({stages: _, ...job}): JobSummary => job)}),
    read: async (job: string): Promise<JobInfo> => {
      asked.push(job)
      return job === bigJob ? detail.info : gone()
    },
    tasks: async (
      job: string,
      {state, after = -1, count = 0}: {state?: TaskInfo['state']; after?: number; count?: number} = {},
    ) => {
      if (job !== bigJob) gone()
      const all = detail.tasks.filter(task => task.task > after && (state === undefined || task.state === state))
      const tasks = all.slice(0, count)
      return tasks.length < all.length ? {tasks, next: tasks.at(-1)!.task} : {tasks}
    },
    async *events(_: string, {after = -1}: {after?: number} = {}): AsyncGenerator<JobEventInfo> {
      yield* detail.events.filter(({number}) => number > after)
    },
    change: async (job: string, action: string) => {
      changed.push(`${action} ${job}`)
      return {job, state: 'purged'} as const
    },
  }
}

const {signal} = new AbortController()

describe('a snapshot of a cluster', () => {
  test('has the stages and running tasks of jobs that are not over, and asks nothing about the others', async () => {
    const asked: string[] = []
    const {jobs, running, job} = await clusterSource(client, jobsOf([], asked)).poll({eventsAfter: -1}, signal)
    expect(jobs.map(({job}) => job)).toEqual(snapshot.jobs.map(({job}) => job))
    expect(jobs[0]?.stages).toHaveLength(2)
    // The paused and the queued one were purged between the two questions.
    expect(asked).toEqual([bigJob, 'join@4a1', 'sort@4a2'])
    expect(jobs[1]).toMatchObject({job: 'join@4a1', state: 'paused'})
    expect(running).toHaveLength(16)
    expect(job).toBeUndefined()
  })

  test('has all tasks of the job that is asked for, from several pages, and its new events', async () => {
    const {job} = await clusterSource(client, jobsOf()).poll({job: bigJob, eventsAfter: 2}, signal)
    expect(job?.tasks.map(({task}) => task)).toEqual(Array.from({length: 2500}, (_, task) => task))
    expect(job?.events.map(({number}) => number)).toEqual([3, 4])
  })

  test('has no job that is gone', async () => {
    const found = await clusterSource(client, jobsOf()).poll({job: 'nope', eventsAfter: -1}, signal)
    expect(found.job).toBeUndefined()
  })

  test('fails when the cluster does', async () => {
    const nodes = () => Promise.reject(new Error('away'))
    await expect(clusterSource({...client, nodes}, jobsOf()).poll({eventsAfter: -1}, signal)).rejects.toThrow('away')
  })
})

test('to kill is to cancel', async () => {
  const changed: string[] = []
  const source = clusterSource(client, jobsOf(changed))
  await source.order('kill', 'a')
  await source.order('pause', 'b')
  await source.order('resume', 'c')
  expect(changed).toEqual(['cancel a', 'pause b', 'resume c'])
})
