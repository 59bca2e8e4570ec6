/** Waits for the end of a job, with what happens meanwhile on standard error. */
import {messageOf} from '../../base/index.ts'
import {awayMsMax, isJobOver, isMasterAway, type JobClient, pause} from '../../client/index.ts'
import type {JobInfo, JobResults} from '../../protocol/index.ts'
import {factsAfter, type JobProgress, jobLine, noFacts, openJobProgress} from '../../ui/index.ts'

/** Between two looks at a job: for lines, and for a terminal that is drawn on. Milliseconds. */
const lookMs = 1000
const drawnLookMs = 300

/** Texts of task events begin with their kind, as in Disco; here it stands in front of every event already. */
const kindPrefix = /^(?:WARNING|ERROR|FATAL): /

/**
 * @param signal - ends the waiting, not the job
 * @throws UserError JOB_NOT_FOUND; the reason of the signal
 */
export async function watchJob(
  jobs: JobClient,
  job: string,
  {isQuiet = false, signal}: {readonly isQuiet?: boolean; readonly signal?: AbortSignal},
): Promise<JobResults> {
  if (isQuiet) return await jobs.wait(job, {signal})
  const progress = openJobProgress({stream: process.stderr, env: process.env})
  const watched = new WatchedJob(jobs, job, progress)
  try {
    for (;;) {
      const results = await watched.look(signal)
      if (results !== undefined && isJobOver(results.state)) return results
    }
  } finally {
    progress.close()
  }
}

/** Tells what is new since the last look. */
class WatchedJob {
  readonly #jobs: JobClient
  readonly #job: string
  readonly #progress: JobProgress
  #lastEvent = -1
  /** Since when nobody answers, by the monotonic clock. */
  #awaySinceMs: number | undefined
  /** The job may end between the answer to a wait and the look at it: its last line is written once all the same. */
  #isEndTold = false

  constructor(jobs: JobClient, job: string, progress: JobProgress) {
    this.#jobs = jobs
    this.#job = job
    this.#progress = progress
  }

  /**
   * Waits some time for the end. A master that restarts is waited for.
   *
   * @returns undefined when nobody answers
   */
  async look(signal: AbortSignal | undefined): Promise<JobResults | undefined> {
    const {note, isDrawn} = this.#progress
    try {
      const timeoutMs = isDrawn ? drawnLookMs : lookMs
      const results = await this.#jobs.wait(this.#job, {timeoutMs, isPatient: false, signal})
      await this.#tell(signal)
      if (this.#awaySinceMs !== undefined) note('the master is back')
      this.#awaySinceMs = undefined
      return results
    } catch (error) {
      signal?.throwIfAborted()
      if (!isMasterAway(error)) throw error
      if (this.#awaySinceMs === undefined) note(`no answer, asking again: ${messageOf(error)}`)
      this.#awaySinceMs ??= performance.now()
      if (performance.now() - this.#awaySinceMs > awayMsMax) throw error
      await pause(lookMs, signal)
      return undefined
    }
  }

  async #tell(signal: AbortSignal | undefined): Promise<void> {
    const {note, update, isDrawn} = this.#progress
    for await (const {number, kind, source, text} of this.#jobs.events(this.#job, {after: this.#lastEvent, signal})) {
      this.#lastEvent = number
      if (kind === 'warning' || kind === 'error') note(`${kind}: ${source}: ${text.replace(kindPrefix, '')}`)
    }
    const info = await this.#jobs.read(this.#job, {signal})
    update(info)
    if (isDrawn && isJobOver(info.state) && !this.#isEndTold) {
      this.#isEndTold = true
      note(lastLine(info))
    }
  }
}

/** What stays on the terminal of the moving lines. */
const lastLine = (info: JobInfo): string =>
  jobLine(info, factsAfter(noFacts(0), {cluster: {nowMs: info.nowMs}, jobs: [info], running: []}))
