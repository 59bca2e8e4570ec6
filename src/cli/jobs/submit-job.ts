/** From a job file and a command line to a job of the cluster. */
import {UserError} from '../../base/index.ts'
import {type JobClient, parseAssignments} from '../../client/index.ts'
import {loadJob, packJob} from '../../worker/index.ts'

export interface SubmitFlags {
  /** `name=value` each. */
  readonly param?: readonly string[] | undefined
  readonly 'save-results'?: string | undefined
  /** Every task takes a CPU profile. */
  readonly profile?: boolean | undefined
}

/**
 * @param inputs - instead of the job's own; none: the job's own
 * @returns the job's name
 * @throws UserError JOB_FILE_BROKEN, BAD_JOB, BAD_PARAMETERS, TAG_NOT_FOUND, BLOB_NOT_FOUND
 */
export async function submitJob(
  jobs: JobClient,
  file: string,
  inputs: readonly string[],
  flags: SubmitFlags,
): Promise<string> {
  const job = await loadJob(file)
  const {bytes} = await packJob(job, {
    ...job.plan,
    inputs: inputs.length === 0 ? job.plan.inputs : inputs.map(input => [input]),
    params: {...job.plan.params, ...(await paramsOf(flags.param ?? []))},
    saveResults: flags['save-results'] ?? job.plan.saveResults,
    ...(flags.profile ? {isProfiled: true} : {}),
  })
  return await jobs.submit(bytes)
}

/**
 * Parameters as JSON can say them: a job's travel.
 *
 * @param texts - `name=value` each; the value is YAML, as for rules. Integers beyond 2^53 become text and keep their digits
 * @throws UserError BAD_PARAMETERS
 */
export async function paramsOf(texts: readonly string[]): Promise<Record<string, unknown>> {
  return plainOf(await parseAssignments(texts), '-P') as Record<string, unknown>
}

function plainOf(value: unknown, place: string): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new UserError('BAD_PARAMETERS', `${place}: ${value} is not a number that a job's parameters can hold`, {
      hint: 'write it as text, in quotes',
      exitCode: 2,
    })
  }
  if (Array.isArray(value)) return value.map((member, index) => plainOf(member, `${place} ${index}`))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainOf(member, `${place} ${name}`)]))
}
