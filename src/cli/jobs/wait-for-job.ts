/** Waits for a job at a terminal: Ctrl-C ends the waiting and says how to go on. */
import type {JobClient} from '../../client/index.ts'
import type {JobResults} from '../../protocol/index.ts'
import {interruptSignal} from '../interrupt-signal.ts'
import {type ShownResults, showResults} from './show-results.ts'
import {watchJob} from './watch-job.ts'

/** @throws UserError INTERRUPTED, JOB_NOT_FOUND */
export async function waitForJob(jobs: JobClient, job: string, isQuiet: boolean): Promise<JobResults> {
  return await interruptible(job, signal => watchJob(jobs, job, {isQuiet, signal}))
}

/** Waits, then shows what came of it. @throws UserError JOB_FAILED, WRONG_STATE, INTERRUPTED */
export async function waitAndShow(jobs: JobClient, job: string, json: boolean): Promise<ShownResults> {
  return await interruptible(job, async signal => {
    const results = await watchJob(jobs, job, {isQuiet: json, signal})
    return await showResults(jobs, job, results, {json, signal})
  })
}

async function interruptible<Result>(job: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const {signal, release} = interruptSignal(
    `interrupted; the job is not ended by that. Its results: disco results ${job}`,
  )
  try {
    return await work(signal)
  } catch (error) {
    // A request that is aborted half-way ends with Node's error, not with the reason.
    throw signal.aborted ? signal.reason : error
  } finally {
    release()
  }
}
