/** `disco jobdict`: a job as it was submitted. */
import type {JobClient} from '../../client/index.ts'
import type {PackContents} from '../../worker/index.ts'
import {readPack} from '../../worker/index.ts'

export interface JobDict {
  readonly job: string
  readonly owner: string
  readonly submittedAtMs: number
  readonly priority: number
  readonly weight: number
  readonly slotsMax?: number
  readonly resultTag?: string
  /** Stages, inputs, reader, parameters, limits. */
  readonly plan: PackContents['plan']
  readonly jobFile: string
  /** What travels to the nodes. */
  readonly files: readonly {readonly path: string; readonly bytes: number}[]
}

/** @throws UserError JOB_NOT_FOUND; JOB_FILE_BROKEN when the pack is not what was submitted */
export async function readJobDict(jobs: JobClient, name: string): Promise<JobDict> {
  const [info, pack] = await Promise.all([jobs.read(name), jobs.pack(name)])
  const {plan, jobFile, entries} = readPack(pack)
  const {job, owner, submittedAtMs, priority, weight, slotsMax, resultTag} = info
  return {
    job,
    owner,
    submittedAtMs,
    priority,
    weight,
    ...(slotsMax === undefined ? {} : {slotsMax}),
    ...(resultTag === undefined ? {} : {resultTag}),
    plan,
    jobFile,
    files: entries.map(({path, content}) => ({path, bytes: content.length})),
  }
}
