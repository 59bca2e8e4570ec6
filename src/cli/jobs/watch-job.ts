/** Waits for the end of a job, with what happens meanwhile on standard error. */
import {ClusterError, groupDigits, UserError} from '../../base/index.ts'
import {isJobOver, type JobClient} from '../../client/index.ts'
import type {JobInfo, JobResults} from '../../protocol/index.ts'
import {note} from '../ddfs/write-out.ts'

/** Between two looks at a job. Milliseconds. */
const lookMs = 1000

/**
 * @param signal - ends the waiting, not the job
 * @throws UserError JOB_NOT_FOUND; the reason of the signal
 */
export async function watchJob(
  jobs: JobClient,
  job: string,
  {isQuiet = false, signal}: {readonly isQuiet?: boolean; readonly signal?: AbortSignal},
): Promise<JobResults> {
  const lines = new JobLines(jobs, job)
  for (;;) {
    const results = await jobs.wait(job, {timeoutMs: lookMs, signal})
    if (!isQuiet) await lines.tell(signal)
    if (isJobOver(results.state)) return results
  }
}

/** Tells what is new since the last time. */
class JobLines {
  readonly #jobs: JobClient
  readonly #job: string
  readonly #told = new Map<string, string>()
  #lastEvent = -1

  constructor(jobs: JobClient, job: string) {
    this.#jobs = jobs
    this.#job = job
  }

  async tell(signal: AbortSignal | undefined): Promise<void> {
    try {
      for await (const {number, kind, source, text} of this.#jobs.events(this.#job, {after: this.#lastEvent, signal})) {
        this.#lastEvent = number
        if (kind === 'warning' || kind === 'error') note(`${kind}: ${source}: ${text}`)
      }
      this.#tellStages(await this.#jobs.read(this.#job, {signal}))
    } catch (error) {
      // A master that restarts is waited for by whoever waits for the end; these lines come later then.
      const isAway = error instanceof ClusterError || (error instanceof UserError && error.code === 'CANNOT_REACH')
      if (!isAway) throw error
    }
  }

  #tellStages({stages}: JobInfo): void {
    for (const stage of stages) {
      // Nothing is known of a stage before it opens.
      if (stage.taskCount === 0) continue
      const line = `${stage.name}: ${groupDigits(stage.doneCount)}/${groupDigits(stage.taskCount)}`
      if (this.#told.get(stage.name) !== line) note(line)
      this.#told.set(stage.name, line)
    }
  }
}
