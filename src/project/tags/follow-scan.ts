/** Waits for the job of a scan, tells how far it is, and cancels it when nobody wants it any more. */
import {setTimeout as sleep} from 'node:timers/promises'
import {ClusterError, UserError} from '../../base/index.ts'
import type {JobClient} from '../../client/index.ts'
import type {JobInfo, JobResults} from '../../protocol/index.ts'
import {interrupted, type ScanSnapshot} from '../../worker/index.ts'
import type {ClusterInput, ClusterScanRequest} from './cluster-scan.ts'

/** Milliseconds between two looks at the job. */
const lookEveryMs = 250

/** @throws UserError INTERRUPTED when the signal is aborted: the job is cancelled then */
export async function followScan(jobs: JobClient, job: string, request: ClusterScanRequest): Promise<JobResults> {
  const {signal} = request
  const over = new AbortController()
  const looking = look(jobs, job, request, over.signal)
  try {
    const results = await jobs.wait(job, {signal})
    return results
  } catch (error) {
    if (!signal.aborted) throw error
    await cancel(jobs, job)
    throw interrupted()
  } finally {
    over.abort()
    await looking
  }
}

async function look(jobs: JobClient, job: string, request: ClusterScanRequest, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(lookEveryMs, undefined, {signal}).catch(() => undefined)
    if (signal.aborted) return
    await tellProgress(jobs, job, request, signal)
  }
}

/** How far the job is. After its end: the last figures, for who counts with them, told while the result is brought. */
export async function tellProgress(
  jobs: JobClient,
  job: string,
  {inputs, onProgress, onJob}: ClusterScanRequest,
  signal: AbortSignal,
): Promise<void> {
  try {
    const info = await jobs.read(job, {signal})
    onJob?.(info)
    onProgress(snapshotOf(info, inputs))
  } catch (error) {
    // Progress is not worth an error; who waits for the job has its own.
    if (!signal.aborted && !(error instanceof ClusterError) && !(error instanceof UserError)) throw error
  }
}

async function cancel(jobs: JobClient, job: string): Promise<void> {
  try {
    await jobs.change(job, 'cancel')
  } catch (error) {
    // It ended meanwhile, or nobody answers.
    if (!(error instanceof UserError) && !(error instanceof ClusterError)) throw error
  }
}

/** Bad records are known of tasks that are done. */
export function snapshotOf({stages, counters = {}}: JobInfo, inputs: readonly ClusterInput[]): ScanSnapshot {
  const [scan] = stages
  const sizes = inputs.map(({bytes}) => bytes)
  const runningCount = scan?.runningCount ?? 0
  return {
    sourceBytes: scan?.bytes ?? 0,
    sourceBytesTotal: sizes.every(size => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : null,
    bytes: counters['scannedBytes'] ?? 0,
    records: scan?.records ?? 0,
    bad: counters['bad'] ?? 0,
    scanners: Array.from({length: runningCount}, () => ({bytes: 0, isBusy: true})),
    tasks: {done: scan?.doneCount ?? 0, count: scan?.taskCount ?? inputs.length},
  }
}
