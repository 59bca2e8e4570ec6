/**
 * A rule's scan as a job of the cluster: packed, submitted, followed, and its result brought here, where rows are made of it by the
 * code that makes them after a scan in this process.
 */
import {join} from 'node:path'
import {ClusterError, UserError} from '../../base/index.ts'
import {JobClient, machineId} from '../../client/index.ts'
import {emptyAccount, tableCountOf} from '../../engine/index.ts'
import type {JobResults} from '../../protocol/index.ts'
import {
  BrokenPartial,
  badLinesOf,
  checkBad,
  interrupted,
  type Merger,
  makeRunFolder,
  mergersFor,
  type Partial,
  packRule,
  RowsOfRuns,
  type RuleAddress,
  removeRunFolder,
  ruleErrorFrom,
  scansWithCode,
} from '../../worker/index.ts'
import {type Brought, bringPartial} from './bring-partial.ts'
import {bundleKept, type TaskBundles} from './bundle-kept.ts'
import type {ClusterInput, ClusterScan, ClusterScanRequest} from './cluster-scan.ts'
import {followScan, tellProgress} from './follow-scan.ts'
import {ruleJobPlan} from './rule-job-plan.ts'

/** Times that the job is submitted: its result can be lost with the node that has it, before it is here. */
const submitCountMax = 3

/**
 * Scans blobs where they are.
 *
 * The rows, the account and the bad lines are those of a `LocalRun` over the same contents in the same order with the same names.
 *
 * @throws UserError as a scan in this process does, BLOB_NOT_FOUND naming blob and input, JOB_FAILED, INTERRUPTED; ClusterError
 */
export async function scanOnCluster(request: ClusterScanRequest): Promise<ClusterScan> {
  if (request.signal.aborted) throw interrupted()
  const folder = makeRunFolder()
  let brought: ScanResult | undefined
  try {
    const result = await resultOf(request, folder)
    brought = result
    const {job, partial} = result
    if (request.maxBad !== undefined) checkBad(partial.account, request.maxBad)
    const {account, runs} = partial
    let threads: readonly Merger[] | undefined
    const mergers = (): readonly Merger[] => {
      threads ??= mergersFor(request.plan, bytesOf(runs))
      return threads
    }
    const rows = await RowsOfRuns.start(request, {account, runs, mergers}, folder)
    return {
      job,
      cached: partial.cached,
      missing: partial.missing,
      skipped: partial.skips ?? [],
      unusedFiles: partial.unused,
      threads: request.inputs.length,
      spilledBytes: rows.spilledBytes,
      rows: () => rows.rows(),
      textRows: templateOf => rows.textRows(templateOf),
      account: () => rows.account(),
      badLines: () => badLinesOf(partial),
      close: async () => {
        for (const thread of threads ?? []) void thread.close()
        result.close()
        removeRunFolder(folder)
        await result.purged
      },
    }
  } catch (error) {
    brought?.close()
    removeRunFolder(folder)
    await brought?.purged
    throw error
  }
}

const bytesOf = (runs: Partial['runs']): number => runs.flat().reduce((sum, {bytes}) => sum + bytes, 0)

interface ScanResult extends Brought {
  readonly job: string
  /** Settles when the cluster has forgotten the job: the rows, which are here, do not wait for that. */
  readonly purged: Promise<void>
}

/** Nothing to read needs no job. */
async function resultOf(request: ClusterScanRequest, folder: string): Promise<ScanResult> {
  const {inputs, plan} = request
  if (inputs.length === 0)
    return {job: '', partial: emptyPartial(tableCountOf(plan)), close: () => undefined, purged: Promise.resolve()}
  const address = codeAddressOf(request)
  let together = await bundleKept(request, address)
  const jobs = new JobClient(request.cluster)
  for (let submitted = 1; ; submitted++) {
    const pack = await packOf(request, address, together)
    const job = await submit(jobs, pack, request)
    // Of a job that failed people want to see what happened.
    let isPurged = request.keepsJob !== true
    try {
      const results = await followScan(jobs, job, request)
      if (results.state === 'failed') isPurged = false
      checkState(job, results, request.inputs)
      const path = join(folder, `result-${submitted}`)
      const told = tellProgress(jobs, job, request, request.signal)
      const [brought] = await Promise.all([bringPartial(jobs, results, path, request.signal), told])
      const purged = isPurged ? purge(jobs, job) : Promise.resolve()
      return {job, ...brought, purged}
    } catch (error) {
      const isGone = error instanceof UserError && error.code === 'PARTIAL_GONE'
      // Nobody has to look into that.
      if (isGone) [together, isPurged] = [undefined, true]
      if (isPurged) await purge(jobs, job)
      const isLost = isGone || error instanceof ClusterError || error instanceof BrokenPartial
      if (!isLost || submitted === submitCountMax || request.signal.aborted)
        throw request.signal.aborted ? interrupted() : error
    }
  }
}

/** @throws UserError BAD_RULE for functions that are in no file */
function codeAddressOf({plan, rule, address}: ClusterScanRequest): RuleAddress | null {
  const needsCode = scansWithCode(rule)
  if (needsCode && address === null) {
    throw new UserError('BAD_RULE', `${plan.rule} has functions and no file that nodes could load them from`, {
      hint: 'put the rule into a file, and run that',
    })
  }
  return needsCode ? address : null
}

async function packOf(
  request: ClusterScanRequest,
  address: RuleAddress | null,
  together: TaskBundles | undefined,
): Promise<Uint8Array> {
  const {plan, params, inputs, engine, memoryBytes, maxBad, keepsBad, usesCache, allowsMissing} = request
  const {bytes} = await packRule({
    job: ruleJobPlan(request, together),
    work: {
      plan,
      engine,
      memoryBytes,
      keepsBad,
      badMax: maxBad?.kind === 'count' ? maxBad.count : null,
      usesCache,
      allowsMissing,
      rowsMachine: machineId() ?? null,
    },
    params,
    address,
    inputs,
    bundles: together?.bundles,
  })
  return bytes
}

async function submit(jobs: JobClient, pack: Uint8Array, {inputs, signal}: ClusterScanRequest): Promise<string> {
  try {
    return await jobs.submit(pack, {signal})
  } catch (error) {
    if (signal.aborted) throw interrupted()
    if (!(error instanceof UserError) || error.code !== 'BLOB_NOT_FOUND') throw error
    throw blobNotFound(/\b[0-9a-f]{64}\b/.exec(error.message)?.[0], inputs, error.message, error)
  }
}

function blobNotFound(
  blob: string | undefined,
  inputs: readonly ClusterInput[],
  reason: string,
  cause?: unknown,
): UserError {
  const input = inputs.find(({addresses}) => blob !== undefined && addresses.includes(`blob://${blob}`))
  return new UserError('BLOB_NOT_FOUND', `${input?.name ?? 'an input'} cannot be read: ${reason}`, {
    cause,
    hint: 'see what is missing with: ddfs fsck; or go on without it with: --allow-missing',
  })
}

/** How a task says that its blob was nowhere: the copies went after the job was submitted, or nobody had noticed before. */
const lostBlob = /an input cannot be read: blob ([0-9a-f]{64})/

/** @throws UserError as the task that failed did */
function checkState(job: string, {state, error, outputs}: JobResults, inputs: readonly ClusterInput[]): void {
  if (state === 'done') {
    if (outputs.length > 0) return
    throw new ClusterError('UNAVAILABLE', `the result of ${job} is not there`)
  }
  if (state === 'cancelled' || error === undefined) throw new UserError('JOB_FAILED', `the job ${job} was ${state}`)
  const known = ruleErrorFrom(error.message)
  if (known !== undefined) throw known
  const blob = lostBlob.exec(error.message)?.[1]
  if (blob !== undefined) throw blobNotFound(blob, inputs, `no node that answers can give the blob ${blob}`)
  const where = error.node === undefined ? '' : ` on ${error.node}`
  throw new UserError('JOB_FAILED', `the job ${job} failed${where}: ${error.message}`, {
    hint: `see what happened with: disco events ${job}`,
  })
}

/** What stays is small, and the job can be purged by hand: that it cannot be reached now is no failure of the scan. */
async function purge(jobs: JobClient, job: string): Promise<void> {
  try {
    await jobs.change(job, 'purge')
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof ClusterError)) throw error
  }
}

function emptyPartial(tableCount: number): Partial {
  return {
    version: 0,
    key: '',
    name: '',
    account: emptyAccount(),
    lines: 0,
    tables: [],
    bad: [],
    cached: [],
    missing: [],
    path: '',
    bytes: 0,
    runs: Array.from({length: tableCount}, () => []),
  }
}
