/** Submits a job pack that is there already, and says its name or waits for it. */
import {readFile} from 'node:fs/promises'
import {buffer} from 'node:stream/consumers'
import {messageOf, printable, UserError} from '../../base/index.ts'
import {type ClusterChoice, JobClient, withCluster} from '../../client/index.ts'
import {note} from '../ddfs/write-out.ts'
import {waitAndShow} from './wait-for-job.ts'

export interface SubmitPackFlags extends ClusterChoice {
  readonly wait?: boolean | undefined
  readonly json?: boolean | undefined
}

/**
 * @param file - that the pack is from, for errors; without it the pack was made here
 * @returns the name; with `wait` what `disco results --json` gives
 * @throws UserError JOB_FILE_BROKEN, BAD_JOB, TAG_NOT_FOUND, BLOB_NOT_FOUND, FORBIDDEN; JOB_FAILED when it was waited for
 */
export async function submitPack(pack: Uint8Array, flags: SubmitPackFlags, file?: string): Promise<unknown> {
  const isJson = flags.json === true
  return await withCluster(flags, async client => {
    const jobs = new JobClient(client)
    const job = await submitted(jobs, pack, file)
    if (!flags.wait) {
      if (!isJson) process.stdout.write(`${job}\n`)
      return {job}
    }
    if (!isJson) note(`job ${job}`)
    return await waitAndShow(jobs, job, isJson)
  })
}

async function submitted(jobs: JobClient, pack: Uint8Array, file: string | undefined): Promise<string> {
  try {
    return await jobs.submit(pack)
  } catch (error) {
    if (file === undefined || !(error instanceof UserError) || error.code !== 'JOB_FILE_BROKEN') throw error
    throw new UserError('JOB_FILE_BROKEN', `${printable(file)} is no job pack that can be used: ${error.message}`, {
      hint: 'packs are those of Disco, version 1 or 2, and what is made by: disco job --dump',
      cause: error,
    })
  }
}

/** @param file - undefined or `-`: standard input @throws UserError INPUT_UNREADABLE; BAD_FLAG at a terminal */
export async function readPackFile(file: string | undefined, stdin: NodeJS.ReadStream): Promise<Buffer> {
  if (file === undefined || file === '-') {
    if (!stdin.isTTY) return await buffer(stdin)
    throw new UserError('BAD_FLAG', 'name a job pack, or pipe it in', {hint: 'disco submit PACK', exitCode: 2})
  }
  try {
    return await readFile(file)
  } catch (error) {
    throw new UserError('INPUT_UNREADABLE', `the job pack ${printable(file)} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
