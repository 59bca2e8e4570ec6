/** Unpacks a pack of Disco into a folder: the job home, and the pack itself, which workers read their data from. */
import {createHash} from 'node:crypto'
import {chmod, mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {UserError} from '../../base/index.ts'
import type {JobPlan} from '../../jobs/index.ts'
import {readDiscoPlan} from './disco-plan.ts'
import {readZip} from './zip.ts'

/** What runs the tasks of such a job. */
export interface ExecutablePart {
  /** Below the job home. */
  readonly worker: string
  readonly envs: Readonly<Record<string, string>>
}

export interface UnpackedDisco {
  readonly plan: JobPlan
  readonly rule: null
  readonly executable: ExecutablePart
  /** The pack, below the folder. */
  readonly jobFile: string
  /** The job home, below the folder. */
  readonly filesFolder: string
}

const jobFile = 'jobfile'
const homeFolder = 'home'

/**
 * @param folder - its own, not there yet
 * @throws UserError JOB_FILE_BROKEN; what was written so far stays then, for who gave the folder
 */
export async function unpackDisco(bytes: Buffer, folder: string, hash: string): Promise<UnpackedDisco> {
  if (createHash('sha256').update(bytes).digest('hex') !== hash)
    throw new UserError('JOB_FILE_BROKEN', 'the job pack cannot be used: its bytes do not have its hash')
  const {plan, worker, pack} = readDiscoPlan(bytes)
  const home = join(folder, homeFolder)
  await mkdir(home, {recursive: true, mode: 0o755})
  for (const file of readZip(pack.jobHome)) {
    const target = join(home, file.path)
    await mkdir(dirname(target), {recursive: true, mode: 0o755})
    await writeFile(target, file.content(), {flag: 'wx', mode: 0o600, flush: true})
    // All tasks of the job share it, so no worker writes to it.
    await chmod(target, file.isExecutable || file.path === worker ? 0o555 : 0o444)
  }
  await writeFile(join(folder, jobFile), bytes, {flag: 'wx', mode: 0o400, flush: true})
  return {plan, rule: null, executable: {worker, envs: pack.jobEnvs}, jobFile, filesFolder: homeFolder}
}
