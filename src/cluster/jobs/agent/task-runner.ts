/** Runs one ordered task to its end: pack, inputs, process, outputs. */
import {existsSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {ClusterError, messageOf, UserError} from '../../../base/index.ts'
import type {HttpClient} from '../../../client/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import {
  type BlobId,
  type RunCounters,
  type RunFailure,
  type RunProgress,
  runTextLengthMax,
  type TaskInput,
} from '../../../protocol/index.ts'
import type {LocalBlob, TaskInput as ProcessInput, TaskResult, UserTurn} from '../../../worker/index.ts'
import {outputPath, parseOutputPath} from '../output-path.ts'
import {boundedCounters} from './counters.ts'
import {runExecutableOrder} from './executable-runner.ts'
import {type AddressPorts, addressesOf} from './input-addresses.ts'
import type {KeptPartials} from './kept-partials.ts'
import type {PackStore, UnpackedJob} from './pack-store.ts'
import type {ProcessPool} from './process-pool.ts'
import {runRuleOrder, type Told} from './rule-runner.ts'
import type {OobFile} from './run-files.ts'
import type {RunInputs, StartOrder} from './task-order.ts'
import type {ThreadPool} from './thread-pool.ts'
import type {VerifiedBlobs} from './verified-blobs.ts'

export interface RunnerPorts {
  readonly packs: PackStore
  readonly processes: ProcessPool
  /** That workers run as; undefined: as this process does. */
  readonly users?: UserTurn | undefined
  readonly threads: ThreadPool
  readonly partials: KeptPartials
  readonly verified: VerifiedBlobs
  /** The file of a blob that is here. */
  readonly blobFile: (blob: BlobId) => LocalBlob | undefined
  readonly addresses: AddressPorts
  readonly http: HttpClient
  /** Base URL of the master, for workers that talk to it. */
  readonly masterUrl: () => string
  /** PEM of the authority that the cluster's certificates are checked by, if not one that everybody knows. */
  readonly ca: string | undefined
  readonly getOob: (job: string, key: string) => Promise<Uint8Array | undefined>
}

export interface RunListener {
  log(line: string): void
  progress(progress: RunProgress): void
}

export type RunOutcome =
  | {
      readonly state: 'done'
      readonly outputs: readonly Output[]
      readonly progress: RunProgress
      readonly counters?: RunCounters
      readonly oob: readonly OobFile[]
    }
  | {readonly state: 'failed'; readonly failure: RunFailure}

/**
 * @param prepared - of a run that has waited for its slot: see `prepareRuleOrder`
 * @throws only when the signal is aborted: nobody wants the outcome then
 */
export async function runOrder(
  order: StartOrder,
  inputs: RunInputs,
  ports: RunnerPorts,
  listener: RunListener,
  signal: AbortSignal,
  prepared?: Promise<Told | undefined>,
): Promise<RunOutcome> {
  let job: UnpackedJob
  try {
    job = await ports.packs.get(order.job, order.pack, signal)
  } catch (error) {
    signal.throwIfAborted()
    const isFatal = error instanceof UserError && error.code !== 'CANNOT_REACH'
    return failed({class: isFatal ? 'fatal' : 'error', message: `the job's pack cannot be used: ${messageOf(error)}`})
  }
  const {stageIndex, job: name} = order
  const stage = job.plan.stages[stageIndex]
  if (stage === undefined) return failed({class: 'fatal', message: `the pack has no stage ${stageIndex}`})
  const {executable} = job
  const folder = join(ports.addresses.jobFolder(name), String(order.run))
  // A task of functions makes it itself, when it has something to put there.
  if (executable !== null || job.rule !== null) mkdirSync(folder, {recursive: true, mode: 0o700})
  if (executable !== null) {
    const run = await runExecutableOrder(order, {...job, executable}, inputs, ports, listener, signal)
    signal.throwIfAborted()
    const outcome = await outcomeOf(order, run.given, run.result, ports, listener)
    return outcome.state === 'failed' ? outcome : {...outcome, outputs: [...outcome.outputs, ...run.remoteOutputs]}
  }
  // Only a stage that streams may begin with some of its inputs; the order of all others is that of all.
  const isOpen = stage.isConcurrent && !stage.isMerged && !inputs.isComplete
  if (!isOpen) await inputs.all(signal)
  const given: TaskInput[] = []
  const convert = async (some: readonly TaskInput[]): Promise<ProcessInput[]> => {
    const converted: ProcessInput[] = []
    for (const input of some) {
      const number = given.push(input) - 1
      converted.push({number, label: input.output.label, ...(await addressesOf(name, input, ports.addresses))})
    }
    return converted
  }
  if (job.rule !== null) {
    given.push(...inputs.take())
    const rule = {...job, rule: job.rule}
    const result = await runRuleOrder(order, rule, given, ports, listener, signal, await prepared)
    signal.throwIfAborted()
    return await outcomeOf(order, given, result, ports, listener)
  }
  const first = await convert(inputs.take())
  const lost = first.find(input => input.replicas.length === 0)
  if (lost !== undefined) {
    const input = given[lost.number]!
    return failed(lostInput(input, 'no node that is known has it', await isGone(name, input, ports)))
  }
  const {file, plan} = job
  const process = ports.processes.take(order.pack.hash, {file, folder: job.folder, plan, headers: {}})
  let result: TaskResult
  try {
    result = await process.run(
      {
        job: name,
        stage: stageIndex,
        task: order.task,
        run: order.run,
        node: ports.addresses.node,
        label: order.group.label,
        inputs: first,
        isOpen,
        isPacked: isPacked(order, plan, ports),
        folder,
      },
      {
        log: line => listener.log(line),
        progress: ({records, bytes}) => listener.progress({records, bytes, cpuMs: 0}),
        getOob: key => ports.getOob(name, key),
        moreInputs: async () => {
          await inputs.some(signal)
          const more = await convert(inputs.take())
          return more.length === 0 && inputs.isComplete ? undefined : more
        },
      },
      signal,
    )
  } finally {
    ports.processes.giveBack(order.pack.hash, process)
  }
  signal.throwIfAborted()
  const {logsDropped} = result
  if (logsDropped > 0) listener.log(`${logsDropped} lines for the log were dropped: too many at once`)
  return await outcomeOf(order, given, result, ports, listener)
}

/** Where nobody else is, compressing what this machine reads costs more than it saves; what goes to DDFS stays for long. */
const isPacked = (order: StartOrder, {saveResults}: UnpackedJob['plan'], {addresses}: RunnerPorts): boolean =>
  addresses.hasPeers() || (order.isLastStage && saveResults !== null)

async function outcomeOf(
  order: StartOrder,
  given: readonly TaskInput[],
  result: TaskResult,
  ports: RunnerPorts,
  listener: RunListener,
): Promise<RunOutcome> {
  const {error, account, usage, outputs, oob} = result
  if (error !== null) {
    const input = error.class === 'input-lost' && error.input !== null ? given[error.input] : undefined
    if (input !== undefined) return failed(lostInput(input, error.message, await isGone(order.job, input, ports)))
    return failed({
      class: error.class === 'fatal' ? 'fatal' : 'error',
      message: error.message,
      ...(error.record === null ? {} : {sample: error.record}),
    })
  }
  if (account.bad > 0) listener.log(`${account.bad} of ${account.in} records could not be read: ${reasonsOf(account)}`)
  const {node} = ports.addresses
  return {
    state: 'done',
    outputs: outputs.map(({label, file, offset, bytes, records}) => ({
      label,
      place: {type: 'file', node, path: outputPath(order.run, file, offset)},
      bytes,
      records,
    })),
    progress: {records: account.in, bytes: usage.bytes, cpuMs: usage.cpuMs},
    ...countersOf(result.counters, listener),
    oob,
  }
}

function countersOf(all: TaskResult['counters'], listener: RunListener): {readonly counters?: RunCounters} {
  const counters = boundedCounters(all, line => listener.log(line))
  return Object.keys(counters).length === 0 ? {} : {counters}
}

function failed(failure: RunFailure): RunOutcome {
  const {message, sample} = failure
  const cut = {message: cutText(message), ...(sample === undefined ? {} : {sample: cutText(sample)})}
  return {state: 'failed', failure: {...failure, ...cut}}
}

/** A message that is too long would not be understood at all. */
const cutText = (text: string): string =>
  text.length <= runTextLengthMax ? text : `${text.slice(0, runTextLengthMax - 1)}…`

const reasonsOf = ({badByReason}: TaskResult['account']): string =>
  Object.entries(badByReason)
    .map(([reason, count]) => `${reason} (${count})`)
    .join(', ')

/**
 * Of an input of the job nobody can make another: it is an error like others, and may be there at the next try. Unless it is gone for
 * good: then the job has failed.
 */
function lostInput({task, run, output}: TaskInput, message: string, isGoneForGood: boolean): RunFailure {
  const what = output.place.type === 'blob' ? `blob ${output.place.blob}: ` : ''
  if (task < 0) return {class: isGoneForGood ? 'fatal' : 'error', message: `an input cannot be read: ${what}${message}`}
  return {
    class: 'input-lost',
    message: `an input cannot be read: ${what}${message}`,
    inputs: [{task, run, isGone: isGoneForGood}],
  }
}

/**
 * Does waiting not help? So it is when the node that made a file says that it does not have it, and when no node has a blob while none
 * is away: who found its copy gone has told the master before it told us.
 */
async function isGone(job: string, input: TaskInput, {addresses, http}: RunnerPorts): Promise<boolean> {
  const {place} = input.output
  if (place.type === 'blob') return await isBlobGone(place.blob, addresses)
  if (place.type !== 'file') return false
  const {file} = parseOutputPath(place.path)
  if (place.node === addresses.node) return !existsSync(join(addresses.jobFolder(job), file))
  const [url] = (await addressesOf(job, input, addresses)).replicas
  if (url === undefined) return false
  try {
    const response = await http.send({method: 'GET', url, headers: {range: 'bytes=0-0'}})
    response.destroy()
    return false
  } catch (error) {
    return error instanceof UserError && error.code === 'BLOB_NOT_FOUND'
  }
}

async function isBlobGone(blob: BlobId, {locate}: AddressPorts): Promise<boolean> {
  try {
    return (await locate(blob)).isGone
  } catch (error) {
    // A master that does not answer now may know at the next try.
    if (error instanceof UserError || error instanceof ClusterError) return false
    throw error
  }
}
