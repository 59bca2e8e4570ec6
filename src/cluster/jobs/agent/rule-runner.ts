/** Runs one task of a rule's job: in a thread where the scan needs no code of the rule, else in a process. */
import {join} from 'node:path'
import {ClusterError, UserError} from '../../../base/index.ts'
import {machineId} from '../../../client/index.ts'
import {type BlobId, isBlobId, type TaskInput} from '../../../protocol/index.ts'
import {
  type LocalBlob,
  processOverheadBytes,
  type RuleInput,
  type RulePart,
  type RuleStage,
  type TaskInput as RuleTaskInput,
  type RuleWork,
  type TaskResult,
  type TaskSpec,
} from '../../../worker/index.ts'
import {addressesOf, blobUrls} from './input-addresses.ts'
import type {UnpackedJob} from './pack-store.ts'
import type {StartOrder} from './task-order.ts'
import type {RunListener, RunnerPorts} from './task-runner.ts'

/** Stages of a rule's job. */
const scanStage = 0

/**
 * @param given - all inputs of the run, in their order
 * @param prepared - what `prepareRuleOrder` has made of it meanwhile
 */
export async function runRuleOrder(
  order: StartOrder,
  job: UnpackedJob & {readonly rule: RulePart},
  given: readonly TaskInput[],
  ports: RunnerPorts,
  listener: RunListener,
  signal: AbortSignal,
  prepared: Told | undefined,
): Promise<TaskResult> {
  const {rule} = job
  const {stage, inputs} = prepared ?? (await toldOf(order, rule, given, ports))
  const spec: TaskSpec = {
    job: order.job,
    stage: order.stageIndex,
    task: order.task,
    run: order.run,
    node: ports.addresses.node,
    label: order.group.label,
    inputs,
    folder: join(ports.addresses.jobFolder(order.job), String(order.run)),
    rule: stage,
  }
  const run = stage.type === 'scan' && rule.work.address !== null ? inProcess : inThread
  const result = await run(order, job, spec, ports, listener, signal)
  const bytes = result.outputs[0]?.bytes
  if (stage.type === 'scan' && stage.cacheFolder !== null && bytes !== undefined) await ports.partials.noteAdded(bytes)
  return result
}

/** What a thread or process is told of a run. */
export interface Told {
  readonly stage: RuleStage
  readonly inputs: readonly RuleTaskInput[]
}

/**
 * For a scan that waits for its slot: finds where its input is, so that the slot need not wait for that.
 *
 * @returns undefined for what can only be told when it begins, or cannot be found out now
 */
export async function prepareRuleOrder(
  order: StartOrder,
  ports: RunnerPorts,
  signal: AbortSignal,
): Promise<Told | undefined> {
  if (order.stageIndex !== scanStage || !order.hasAllInputs || order.inputs.length !== 1) return undefined
  try {
    const {rule} = await ports.packs.get(order.job, order.pack, signal)
    return rule === null ? undefined : await toldOf(order, rule, order.inputs, ports)
  } catch (error) {
    // It meets that again when it begins, and says so.
    if (error instanceof UserError || error instanceof ClusterError || signal.aborted) return undefined
    throw error
  }
}

async function toldOf(
  order: StartOrder,
  rule: RulePart,
  given: readonly TaskInput[],
  ports: RunnerPorts,
): Promise<Told> {
  if (order.stageIndex !== scanStage) return await mergeOf(order, rule, given, ports)
  const {number} = given[0]!
  const bundle = rule.bundles?.[number] ?? [number]
  return bundle.length === 1
    ? await scanOf(order, rule.inputs[bundle[0]!]!, rule.work, given[0]!, ports)
    : keptOf(
        bundle.map(each => rule.inputs[each]!),
        ports,
      )
}

function keptOf(inputs: readonly RuleInput[], {partials}: RunnerPorts): Told {
  const told = inputs.map(input => ({input, blob: blobOf(input.addresses[0]!) ?? ''}))
  return {stage: {type: 'kept', inputs: told, cacheFolder: partials.folder}, inputs: []}
}

async function scanOf(
  order: StartOrder,
  input: RuleInput,
  work: RuleWork,
  given: TaskInput,
  ports: RunnerPorts,
): Promise<Told> {
  const localBlobs: Record<string, LocalBlob> = {}
  // Code of a rule runs in a process, which may not open what belongs to this one.
  const isOfOtherUser = ports.addresses.isRemote === true && work.address !== null
  const replicas: string[] = []
  for (const address of input.addresses) {
    const blob = blobOf(address)
    if (blob === undefined) {
      replicas.push(address)
      continue
    }
    const local = isOfOtherUser ? undefined : ports.blobFile(blob)
    if (local !== undefined) {
      const verified = ports.verified.stampOf(local.path)
      localBlobs[address] = verified === undefined ? local : {...local, verified}
      replicas.push(address)
    }
    replicas.push(...(await urlsOf(order, blob, given, ports)))
  }
  // Only what has one address alone is known to be that blob.
  const blobs = input.addresses.map(blobOf)
  const blob = blobs.every(one => one !== undefined && one === blobs[0]) ? (blobs[0] ?? null) : null
  const cacheFolder = work.usesCache && blob !== null && !isOfOtherUser ? ports.partials.folder : null
  return {
    stage: {type: 'scan', input, blob, localBlobs, cacheFolder},
    inputs: [{number: 0, label: 0, replicas}],
  }
}

/** Nodes that the job was submitted with, when the address is the one that it was submitted by; and those that have it now. */
async function urlsOf(
  order: StartOrder,
  blob: BlobId,
  given: TaskInput,
  {addresses}: RunnerPorts,
): Promise<readonly string[]> {
  const {place} = given.output
  if (place.type !== 'blob' || place.blob !== blob) return await blobUrls(blob, {}, addresses)
  const {replicas} = await addressesOf(order.job, given, addresses)
  return replicas.length > 0 ? replicas : await blobUrls(blob, {}, addresses)
}

const blobOf = (address: string): BlobId | undefined => {
  const id = address.startsWith('blob://') ? address.slice('blob://'.length) : ''
  return isBlobId(id) ? id : undefined
}

async function mergeOf(
  order: StartOrder,
  rule: RulePart,
  given: readonly TaskInput[],
  {addresses}: RunnerPorts,
): Promise<Told> {
  const inputs: RuleTaskInput[] = []
  // Outputs come in the order of tasks, and a task may have inputs from here and there.
  const numbers = rule.bundles?.flat()
  for (const [number, input] of given.entries()) {
    const place = numbers?.[number] ?? number
    inputs[place] = {number, label: input.output.label, ...(await addressesOf(order.job, input, addresses))}
  }
  const {rowsMachine} = rule.work
  const isBesideRows = rowsMachine !== null && rowsMachine === machineId()
  return {stage: {type: 'merge', names: rule.inputs.map(({name}) => name), isBesideRows}, inputs}
}

type RunSpec = (
  order: StartOrder,
  job: UnpackedJob & {readonly rule: RulePart},
  spec: TaskSpec,
  ports: RunnerPorts,
  listener: RunListener,
  signal: AbortSignal,
) => Promise<TaskResult>

const inThread: RunSpec = async (_order, {rule}, spec, {threads, verified}, listener, signal) => {
  const thread = threads.take()
  try {
    const progress = ({records, bytes}: {records: number; bytes: number}): void =>
      listener.progress({records, bytes, cpuMs: 0})
    return await thread.run(rule.work, spec, {headers: {}, progress, verified: file => verified.note(file)}, signal)
  } finally {
    threads.giveBack(thread)
  }
}

const inProcess: RunSpec = async (order, job, spec, ports, listener, signal) => {
  const {plan, rule} = job
  const limits = {...plan.limits, memoryBytes: rule.work.memoryBytes + processOverheadBytes}
  const address = {file: job.file, folder: job.folder, plan: {...plan, limits}, headers: {}, rule: rule.work}
  const process = ports.processes.take(order.pack.hash, address)
  try {
    return await process.run(
      spec,
      {
        log: line => listener.log(line),
        progress: ({records, bytes}) => listener.progress({records, bytes, cpuMs: 0}),
        getOob: async () => undefined,
      },
      signal,
    )
  } finally {
    ports.processes.giveBack(order.pack.hash, process)
  }
}
