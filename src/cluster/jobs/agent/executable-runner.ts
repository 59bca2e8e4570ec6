/** Runs one task of a job whose worker is an executable: its inputs as addresses that the worker can read, its outputs as ours. */
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {ClusterError} from '../../../base/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import {
  groupingOnWire,
  indexText,
  isJobName,
  isNodeName,
  type TaskInput,
  type WorkerTask,
} from '../../../protocol/index.ts'
import {
  type ExecutablePart,
  ownFolderName,
  runWorker,
  type SessionInput,
  type TaskResult,
  type WorkerResult,
} from '../../../worker/index.ts'
import {parseOutputPath} from '../output-path.ts'
import {addressesOf, fileUrl, jobFileParts} from './input-addresses.ts'
import type {UnpackedJob} from './pack-store.ts'
import type {RunInputs, StartOrder} from './task-order.ts'
import type {RunListener, RunnerPorts} from './task-runner.ts'

export interface ExecutableOutcome {
  readonly result: TaskResult
  /** Behind those of the result, in the order in which Disco numbers them. */
  readonly remoteOutputs: readonly Output[]
  /** By the number of an input in the result's error. */
  readonly given: readonly TaskInput[]
}

/** @throws only when the signal is aborted */
export async function runExecutableOrder(
  order: StartOrder,
  job: UnpackedJob & {readonly executable: ExecutablePart},
  inputs: RunInputs,
  ports: RunnerPorts,
  listener: RunListener,
  signal: AbortSignal,
): Promise<ExecutableOutcome> {
  const isOpen = job.plan.stages[order.stageIndex]!.isConcurrent && !inputs.isComplete
  if (!isOpen) await inputs.all(signal)
  const folder = join(ports.addresses.jobFolder(order.job), String(order.run))
  const given: TaskInput[] = []
  const convert = (): Promise<SessionInput[]> => sessionInputs(order, inputs.take(), given, folder, ports)
  const first = await convert()
  // A worker that is given no address of an input may do without it, and its result would be wrong.
  const lost = first.findIndex(hasNoAddress)
  if (lost >= 0) return {result: lostInput(lost), remoteOutputs: [], given}
  const {limits} = job.plan
  const result = await runWorker(
    {
      task: workerTask(order, job, ports),
      run: order.run,
      worker: job.executable.worker,
      home: job.folder,
      envs: job.executable.envs,
      ca: ports.ca,
      folder,
      inputs: first,
      hasAllInputs: !isOpen,
      limits,
      ...(ports.users === undefined ? {} : {user: ports.users.take()}),
    },
    {
      log: line => listener.log(line),
      moreInputs: async () => {
        await inputs.some(signal)
        const more = await convert()
        if (more.some(hasNoAddress)) throw new ClusterError('UNAVAILABLE', noAddress)
        return more.length === 0 && inputs.isComplete ? undefined : more
      },
    },
    signal,
  )
  return {result: taskResult(result), remoteOutputs: remoteOutputs(result), given}
}

const noAddress = 'no node that is known has it'

const hasNoAddress = ({urls}: SessionInput): boolean => urls.length === 0

const lostInput = (input: number): TaskResult =>
  taskResult({
    outputs: [],
    remoteOutputs: [],
    error: {type: 'failed', class: 'input-lost', text: noAddress, input},
    logsDropped: 0,
    wallMs: 0,
    cpuMs: 0,
  })

function workerTask(order: StartOrder, job: UnpackedJob, {addresses, masterUrl}: RunnerPorts): WorkerTask {
  const own = new URL(addresses.addressOf(addresses.node) ?? masterUrl())
  const port = Number(own.port) || (own.protocol === 'https:' ? 443 : 80)
  const data = addresses.jobFolder('')
  return {
    taskid: order.task,
    master: masterUrl(),
    disco_port: port,
    put_port: port,
    ddfs_data: join(data, '..', 'ddfs'),
    disco_data: data,
    stage: order.stage,
    grouping: groupingOnWire(order.grouping),
    group: [order.group.label, order.group.node],
    jobfile: job.file,
    jobname: order.job,
    host: addresses.node,
  }
}

/** Groupings under which a worker reads all lines of an index. */
const wholeIndex: ReadonlySet<string> = new Set(['group-node', 'group-all'])

/**
 * Inputs by their first one in `given`: an input of the job, or a URL that a task named, is one of its own; the files of one
 * task are one index, which is made here, with addresses as they are now.
 */
async function sessionInputs(
  order: StartOrder,
  taken: readonly TaskInput[],
  given: TaskInput[],
  folder: string,
  ports: RunnerPorts,
): Promise<SessionInput[]> {
  const converted: SessionInput[] = []
  for (let at = 0; at < taken.length; ) {
    const input = taken[at]!
    if (input.output.place.type !== 'file') {
      given.push(input)
      converted.push({label: input.output.label, urls: await dataUrls(order, input, ports)})
      at++
      continue
    }
    let end = at + 1
    while (end < taken.length && isOfSameTask(input, taken[end]!)) end++
    const number = given.push(input) - 1
    const label = wholeIndex.has(order.grouping) ? 'all' : input.output.label
    converted.push({label, urls: await indexUrls(order, taken.slice(at, end), number, folder, ports)})
    at = end
  }
  return converted
}

const isOfSameTask = (left: TaskInput, right: TaskInput): boolean =>
  right.output.place.type === 'file' && left.task === right.task && left.run === right.run

async function dataUrls(order: StartOrder, input: TaskInput, ports: RunnerPorts): Promise<readonly string[]> {
  const {place} = input.output
  if (place.type !== 'urls') return (await addressesOf(order.job, input, ports.addresses)).replicas
  return place.urls.map(url => {
    const parts = jobFileParts(url)
    if (parts === undefined || !isNodeName(parts.node) || !isJobName(parts.job)) return url
    return fileUrl(parts.job, parts.file, parts.node, ports.addresses) ?? url
  })
}

async function indexUrls(
  order: StartOrder,
  files: readonly TaskInput[],
  number: number,
  folder: string,
  {addresses}: RunnerPorts,
): Promise<readonly string[]> {
  const lines = []
  for (const {output} of files) {
    if (output.place.type !== 'file') continue
    const {file} = parseOutputPath(output.place.path)
    const url = fileUrl(order.job, file, output.place.node, addresses)
    // Without an address the index has none either: the worker finds no replica, and says so.
    if (url === undefined) return []
    lines.push({label: output.label, url: withScheme('disco', url), bytes: output.bytes})
  }
  const name = `${ownFolderName}/${number}.results`
  await mkdir(join(folder, ownFolderName), {recursive: true, mode: 0o700})
  await writeFile(join(folder, name), indexText(lines), {mode: 0o600})
  const url = fileUrl(order.job, `${order.run}/${name}`, addresses.node, addresses)
  return url === undefined ? [] : [withScheme('dir', url)]
}

/** As Disco writes it: workers read it with the scheme of their master's address. */
const withScheme = (scheme: string, url: string): string => url.replace(/^https?:/, `${scheme}:`)

function remoteOutputs({remoteOutputs: reported}: WorkerResult): Output[] {
  return reported
    .map(({label, url, bytes}): Output => ({label, place: {type: 'urls', urls: [url]}, bytes, records: 0}))
    .reverse()
}

function taskResult({outputs, error, logsDropped, wallMs, cpuMs}: WorkerResult): TaskResult {
  const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0)
  return {
    outputs: outputs.map(({label, file, bytes: length}) => ({label, file, offset: 0, bytes: length, records: 0})),
    counters: {},
    account: {in: 0, out: 0, bad: 0, badByReason: {}, badSamples: []},
    oob: [],
    logsDropped,
    usage: {wallMs, cpuMs, bytes},
    error: error && {class: error.class, message: error.text, stack: null, record: null, input: error.input},
  }
}
