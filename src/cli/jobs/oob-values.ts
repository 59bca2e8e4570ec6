/** `disco oob`: what tasks put beside the results. */
import {bigIntsAsDigits, printable, UserError} from '../../base/index.ts'
import type {JobClient} from '../../client/index.ts'
import {decodeOob} from '../../worker/index.ts'
import {aligned} from '../ddfs/text.ts'

export interface OobValue {
  readonly key: string
  /** As it is stored. */
  readonly bytes: number
  readonly stage: string
  readonly task: number
}

/** By key. @throws UserError JOB_NOT_FOUND; ClusterError when a node does not answer */
export async function oobValues(jobs: JobClient, job: string): Promise<OobValue[]> {
  const {stages} = await jobs.read(job)
  const values = await jobs.listOob(job)
  return values.map(({key, bytes, stageIndex, task}) => ({key, bytes, stage: stages[stageIndex]?.name ?? '', task}))
}

/** A table with a head; empty when there are no values. */
export function oobText(values: readonly OobValue[]): string {
  if (values.length === 0) return ''
  const rows = values.map(({key, bytes, stage, task}) => [printable(key), String(bytes), printable(`${stage}:${task}`)])
  return aligned([['key', 'bytes', 'task'], ...rows])
}

/** @returns bytes, text or any JSON value. @throws UserError BLOB_NOT_FOUND, JOB_NOT_FOUND */
export async function oobValue(jobs: JobClient, job: string, key: string): Promise<unknown> {
  await jobs.read(job)
  const stored = await jobs.readOob(job, key)
  if (stored !== undefined) return decodeOob(stored)
  throw new UserError('BLOB_NOT_FOUND', `no task of job ${job} put anything under the key "${printable(key)}"`, {
    hint: `see the keys with: disco oob ${job}`,
  })
}

/** Bytes as they are; text and JSON as a line. */
export function oobOutput(value: unknown): string | Uint8Array {
  if (value instanceof Uint8Array) return value
  return `${typeof value === 'string' ? value : JSON.stringify(value, bigIntsAsDigits)}\n`
}
