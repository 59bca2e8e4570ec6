/** Loads a job file by the loader of rule files: TypeScript as it is, the modules it read recorded. */
import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import {printable, UserError} from '../../base/index.ts'
import {type CompiledJob, compileJob, isJob, type Job} from '../../jobs/index.ts'
import {importFile} from '../rule-loader.ts'

export interface LoadedJob extends CompiledJob {
  readonly file: string
  readonly job: Job
  /** Absolute paths of the modules that loading it read; the job file first. */
  readonly modulesRead: readonly string[]
}

/**
 * @param path - a file that exports what defineJob returns: as default export, or as the only one
 * @throws UserError JOB_FILE_BROKEN when it does not load or exports no job, BAD_JOB when the job cannot be used as written
 */
export async function loadJob(path: string): Promise<LoadedJob> {
  const file = resolve(path)
  if (!statSync(file, {throwIfNoEntry: false})?.isFile())
    throw new UserError('JOB_FILE_BROKEN', `there is no job file ${printable(path)}`, {exitCode: 2})
  const {exports, modulesRead} = await importJob(file, path)
  const job = jobIn(exports, path)
  return {...compileJob(job, path), file, job, modulesRead}
}

async function importJob(file: string, path: string): ReturnType<typeof importFile> {
  try {
    return await importFile(file, path)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'RULE_FILE_BROKEN') throw error
    throw new UserError('JOB_FILE_BROKEN', error.message, {
      cause: error.cause,
      ...(error.hint === undefined ? {} : {hint: error.hint}),
    })
  }
}

function jobIn(exports: Readonly<Record<string, unknown>>, path: string): Job {
  const usual = exports['default']
  if (isJob(usual)) return usual
  const jobs = [...new Set(Object.values(exports).filter(isJob))]
  if (jobs.length === 1) return jobs[0]!
  const what = jobs.length === 0 ? 'exports no job' : `exports ${jobs.length} jobs and none of them as default`
  throw new UserError('JOB_FILE_BROKEN', `${printable(path)} ${what}`, {
    hint: "export what defineJob returns: export default defineJob({name: '…', map(line) {…}})",
  })
}
