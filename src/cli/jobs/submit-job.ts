/** From a job file and a command line to a job of the cluster. */
import {UserError} from '../../base/index.ts'
import type {JobClient} from '../../client/index.ts'
import {loadJob, packJob} from '../../worker/index.ts'

export interface SubmitFlags {
  /** `name=value` each. */
  readonly param?: readonly string[] | undefined
  readonly 'save-results'?: string | undefined
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
    params: {...job.plan.params, ...paramsOf(flags.param ?? [])},
    saveResults: flags['save-results'] ?? job.plan.saveResults,
  })
  return await jobs.submit(bytes)
}

/** Values are JSON, or else text. @throws UserError BAD_PARAMETERS */
export function paramsOf(texts: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    texts.map(text => {
      const at = text.indexOf('=')
      if (at > 0) return [text.slice(0, at), parameterOf(text.slice(at + 1))]
      throw new UserError('BAD_PARAMETERS', `-P "${text}" is not a parameter`, {
        hint: 'write it as name=value',
        exitCode: 2,
      })
    }),
  )
}

function parameterOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}
