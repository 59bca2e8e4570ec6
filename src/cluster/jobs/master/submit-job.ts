/** From a pack to a job that the scheduler knows. */
import {readFile} from 'node:fs/promises'
import {UserError} from '../../../base/index.ts'
import type {JobPlan} from '../../../jobs/index.ts'
import {type DiscoInput, discoStamp, isDiscoPack, isTagName, type PackInfo} from '../../../protocol/index.ts'
import type {JobSpec} from '../../../scheduler/index.ts'
import {readDiscoPlan, readPack} from '../../../worker/index.ts'
import {packBytesMax} from '../limits.ts'
import type {JobDriver} from './job-driver.ts'
import {jobName, resultTagOf} from './job-name.ts'
import {type InputSources, resolveInputs} from './resolve-inputs.ts'

/** Characters of an owner's name. */
const ownerLengthMax = 100

export interface SubmitOptions {
  readonly owner: string
  /** A pack of Disco names its owner itself. */
  readonly isOwnerOfPack?: boolean
  /** Second part of the job's name; the same one again is the same job. */
  readonly stamp?: string
  /** Instead of the plan's. */
  readonly inputs?: readonly (readonly string[])[]
  readonly priority?: number
  readonly weight?: number
  readonly slotsMax?: number
}

/** Reads and checks a pack. @throws UserError JOB_FILE_BROKEN */
export type ReadPlan = (path: string) => Promise<ReadJobPlan>

export interface ReadJobPlan extends JobPlan {
  /** Nodes would run code of the pack. */
  readonly hasCode: boolean
  /** Of a pack of Disco: what it says beside the plan. */
  readonly disco?: {readonly owner: string; readonly inputs: readonly DiscoInput[]; readonly opensIndexes: boolean}
}

/** Reads packs of this program and of Disco. Those of Disco always have code: their worker is an executable. */
export const readPlanOfPack: ReadPlan = async path => {
  const bytes = await readFile(path)
  if (isDiscoPack(bytes)) {
    const {plan, owner, inputs, pack} = readDiscoPlan(bytes)
    // In version 2 the worker opens them.
    const opensIndexes = pack.version === 1
    // Its worker is an executable: code, whatever the pack holds.
    return {...plan, hasCode: true, disco: {owner, inputs, opensIndexes}}
  }
  const {plan, jobFile} = readPack(bytes)
  return {...plan, hasCode: jobFile !== ''}
}

export interface SubmitPorts {
  readonly jobs: JobDriver
  readonly sources: InputSources
  readonly readPlan: ReadPlan
  /** Asked before a pack with code becomes a job. @throws UserError FORBIDDEN */
  readonly checkCode: () => void
}

/**
 * Stores the pack and books the job.
 *
 * @returns its name
 * @throws UserError JOB_FILE_BROKEN, BAD_JOB, TAG_NOT_FOUND, BLOB_NOT_FOUND; ClusterError OVERLOADED, DISK_FULL
 */
export async function submitJob(
  body: AsyncIterable<Uint8Array>,
  options: SubmitOptions,
  {jobs, sources, readPlan, checkCode}: SubmitPorts,
): Promise<string> {
  const {journal} = jobs
  const pack: PackInfo = await journal.packs.put(body, packBytesMax)
  try {
    const plan = await readPlan(journal.packs.pathOf(pack.hash))
    if (plan.hasCode) checkCode()
    const {disco} = plan
    const hints = options.inputs === undefined ? disco?.inputs : undefined
    const inputs = await resolveInputs(options.inputs ?? plan.inputs, sources, {
      mayMiss: plan.mayMissInputs ?? false,
      ...(disco === undefined ? {} : {takesAnyUrl: true, opensIndexes: disco.opensIndexes}),
      ...(hints === undefined ? {} : {hints}),
      ...(options.inputs !== undefined || plan.inputNodes === undefined ? {} : {nodes: plan.inputNodes}),
    })
    const stamp = options.stamp ?? (disco && discoStamp(nowMicroseconds()))
    const owner = options.isOwnerOfPack === true ? (disco?.owner ?? options.owner) : options.owner
    const spec = {
      ...specOf(plan, jobName(plan.name, stamp), inputs, {...options, owner}),
      ...(disco !== undefined && {keepsStages: true}),
    }
    if (spec.resultTag !== undefined) await sources.checkResultTag(spec.resultTag)
    const {job} = await jobs.ask({type: 'submit', spec}, pack)
    return job
  } finally {
    journal.releasePack(pack.hash)
  }
}

const nowMicroseconds = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000)

function specOf(plan: JobPlan, name: string, inputs: JobSpec['inputs'], options: SubmitOptions): JobSpec {
  const {limits, saveResults} = plan
  const resultTag = saveResults === null ? undefined : saveResults || resultTagOf(name)
  if (resultTag !== undefined && !isTagName(resultTag)) {
    throw new UserError('BAD_JOB', `saveResults: "${resultTag.slice(0, 80)}" cannot be the name of a tag`)
  }
  const slotsMax = options.slotsMax ?? limits.slots ?? undefined
  return {
    name,
    owner: options.owner.replace(/[^\x20-\x7e]/g, '?').slice(0, ownerLengthMax),
    pipeline: plan.stages.map(({name: stage, grouping, isConcurrent}) => ({name: stage, grouping, isConcurrent})),
    inputs,
    taskTimeMaxMs: Math.ceil(limits.taskSeconds * 1000),
    ...(options.priority === undefined ? {} : {priority: options.priority}),
    ...(options.weight === undefined ? {} : {weight: options.weight}),
    ...(slotsMax === undefined ? {} : {slotsMax}),
    ...(limits.failures === null ? {} : {failuresPerTaskMax: limits.failures}),
    ...(resultTag === undefined ? {} : {resultTag}),
  }
}
