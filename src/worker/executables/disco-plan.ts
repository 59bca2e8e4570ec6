/** A pack of Disco as a job that a master can book. */
import type {JobPlan} from '../../jobs/index.ts'
import {type DiscoInput, type DiscoPack, decodeDiscoPack, readDiscoJob} from '../../protocol/index.ts'
import {workerMemoryBytesDefault, workerSecondsDefault} from './limits.ts'
import {readZip} from './zip.ts'

export interface DiscoPlan {
  readonly plan: JobPlan
  /** In the order of the plan's. */
  readonly inputs: readonly DiscoInput[]
  readonly owner: string
  /** Path of the executable in the job home. */
  readonly worker: string
  readonly pack: DiscoPack
}

/** Of jobs that run no functions: nothing is sorted. */
const noSortBytes = 1

/**
 * Reads and checks a pack: its header, its jobdict, the names and sizes in its job home. Contents of files are checked where
 * they are unpacked.
 *
 * @throws UserError JOB_FILE_BROKEN in Disco's words
 */
export function readDiscoPlan(bytes: Buffer): DiscoPlan {
  const pack = decodeDiscoPack(bytes)
  const job = readDiscoJob(pack)
  readZip(pack.jobHome)
  const {prefix, pipeline, inputs, isSaved, slotsMax, taskSeconds, memoryBytes, failuresMax, owner, worker} = job
  const plan: JobPlan = {
    version: 1,
    name: prefix,
    description: '',
    stages: pipeline.map(({name, grouping, isConcurrent}) => ({
      name,
      grouping,
      isConcurrent,
      isMerged: false,
      isSorted: false,
      partitions: null,
    })),
    inputs: inputs.map(({urls}) => urls),
    reader: {type: 'bytes'},
    params: {},
    files: [],
    saveResults: isSaved ? '' : null,
    limits: {
      memoryBytes: memoryBytes ?? workerMemoryBytesDefault,
      sortBytes: noSortBytes,
      taskSeconds: taskSeconds ?? workerSecondsDefault,
      badRecords: null,
      slots: slotsMax ?? null,
      failures: failuresMax ?? null,
    },
  }
  return {plan, inputs, owner, worker, pack}
}
