/** `disco jobdict`: a job as it was submitted. */
import type {JobClient} from '../../client/index.ts'
import {decodeDiscoPack, isDiscoPack} from '../../protocol/index.ts'
import type {PackContents} from '../../worker/index.ts'
import {readPack, readZip} from '../../worker/index.ts'

interface JobFacts {
  readonly job: string
  readonly owner: string
  readonly submittedAtMs: number
  readonly priority: number
  readonly weight: number
  readonly slotsMax?: number
  readonly resultTag?: string
  /** What travels to the nodes. */
  readonly files: readonly {readonly path: string; readonly bytes: number}[]
}

export interface JobDict extends JobFacts {
  /** Stages, inputs, reader, parameters, limits. */
  readonly plan: PackContents['plan']
  readonly jobFile: string
}

/** Of a job pack of Disco. */
export interface DiscoJobDict extends JobFacts {
  readonly packVersion: 1 | 2
  /** As the client wrote it. */
  readonly jobDict: Readonly<Record<string, unknown>>
  readonly jobEnvs: Readonly<Record<string, string>>
  readonly jobDataBytes: number
}

/** @throws UserError JOB_NOT_FOUND; JOB_FILE_BROKEN when the pack is not what was submitted */
export async function readJobDict(jobs: JobClient, name: string): Promise<JobDict | DiscoJobDict> {
  const [info, pack] = await Promise.all([jobs.read(name), jobs.pack(name)])
  const {job, owner, submittedAtMs, priority, weight, slotsMax, resultTag} = info
  const facts = {
    job,
    owner,
    submittedAtMs,
    priority,
    weight,
    ...(slotsMax === undefined ? {} : {slotsMax}),
    ...(resultTag === undefined ? {} : {resultTag}),
  }
  if (isDiscoPack(pack)) {
    const {version, jobDict, jobEnvs, jobHome, jobData} = decodeDiscoPack(pack)
    const files = readZip(jobHome).map(({path, bytes}) => ({path, bytes}))
    return {...facts, packVersion: version, jobDict, jobEnvs, jobDataBytes: jobData.length, files}
  }
  const {plan, jobFile, entries} = readPack(pack)
  return {...facts, plan, jobFile, files: entries.map(({path, content}) => ({path, bytes: content.length}))}
}
