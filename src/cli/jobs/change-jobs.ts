/** `disco kill`, `pause`, `resume` and `purge`. */
import {UserError} from '../../base/index.ts'
import {type ChangedJob, type ClusterChoice, type JobAction, JobClient, withCluster} from '../../client/index.ts'
import {tabbed} from '../ddfs/text.ts'
import {note} from '../ddfs/write-out.ts'
import {jobNameOf} from './job-arguments.ts'

/**
 * Changes every job that can be, and prints its new state.
 *
 * @throws UserError the last of those that jobs were refused with; the others are told on standard error
 */
export async function changeJobs(
  flags: ClusterChoice & {readonly json?: boolean | undefined},
  names: readonly string[],
  action: JobAction,
): Promise<readonly ChangedJob[]> {
  return await withCluster(flags, async client => {
    const jobs = new JobClient(client)
    // Before the first change: what `@` means must not move meanwhile.
    const named = await Promise.all(names.map(name => jobNameOf(jobs, name)))
    const changed: ChangedJob[] = []
    let refused: UserError | undefined
    for (const job of new Set(named)) {
      try {
        const now = await jobs.change(job, action)
        changed.push(now)
        if (!flags.json) process.stdout.write(tabbed([[now.job, now.state]]))
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        if (refused !== undefined) note(`Error: ${refused.message}`)
        refused = error
      }
    }
    if (refused !== undefined) throw refused
    return changed
  })
}
