/** Jobs as they are named on a command line: by name, `@` for the newest, `@?text` for the newest whose name has the text. */
import {UserError} from '../../base/index.ts'
import type {JobClient} from '../../client/index.ts'

/** Newest jobs that `@?text` looks among: as many as a master lists at once. */
const searchedCountMax = 1000

/** For the help of a command. */
export const jobArgumentText = 'name of the job; @ is the newest, @?TEXT the newest whose name contains the text'

/** @throws UserError JOB_NOT_FOUND when nothing is meant by it; whether there is a job of a whole name the cluster says */
export async function jobNameOf(jobs: JobClient, text: string): Promise<string> {
  if (text !== '@' && !text.startsWith('@?')) return text
  const part = text.slice('@?'.length)
  const {jobs: found} = await jobs.list({count: text === '@' ? 1 : searchedCountMax})
  const job = found.find(one => one.job.includes(part))
  if (job !== undefined) return job.job
  const what = text === '@' ? 'there are no jobs' : `there is no job with "${part}" in its name`
  throw new UserError('JOB_NOT_FOUND', what, {hint: 'see their names with: disco jobs'})
}
