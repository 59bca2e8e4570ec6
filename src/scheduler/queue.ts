/**
 * Tasks that wait for a slot, by stage: those that may run anywhere, and those with nodes that hold their input.
 *
 * The latter are in a queue of each such node, and in one by the time of their waiting: whose head has waited long enough
 * may run anywhere. A node takes those first that it is the first choice for; one that has none left takes others that it
 * holds at once. A task is in several queues; where it was not taken from, its entry is stale.
 */
import {compareKeys, selectOutputs, weightOf} from '../pipeline/index.ts'
import {dropHead, dropTop, type Fifo, headOf, makeFifo, makeStack, pushTask, pushTop, tasksIn, topOf} from './fifo.ts'
import {preferredLooksMax, preferredNodesMax, preferredShareMin, queueLooksMax} from './limits.ts'
import {freeNodes, isUsable} from './slots.ts'
import {type Node, type SchedulerState, type StageState, setTaskState, type Task} from './state.ts'

/** Puts a task that is not running into the queues. */
export function enqueue(state: SchedulerState, task: Task): void {
  const {stage, job} = task
  setTaskState(task, 'pending')
  task.queuedMs = state.nowMs
  const nodes = preferredNodes(state, task)
  if (nodes.length === 0) pushTask(stage.any, task)
  else {
    pushTask(stage.waiting, task)
    for (const [choice, node] of nodes.entries()) pushLocal(stage, node, task, choice === 0)
  }
  if (job.state === 'running') state.hungry.add(job)
}

function pushLocal(stage: StageState, node: Node, task: Task, isFirstChoice: boolean): void {
  let queue = stage.local.get(node)
  if (queue === undefined) {
    queue = {own: makeFifo(), shared: makeStack()}
    stage.local.set(node, queue)
    node.waiting.add(stage)
  }
  if (isFirstChoice) pushTask(queue.own, task)
  else pushTop(queue.shared, task)
  if (node.free > 0) (isFirstChoice ? stage.openNodes : stage.openShared).add(node)
}

/**
 * The usable nodes that hold a good part of the task's input, most first; of those that hold the same, in an order that is
 * always the same for the same input, whatever job it is of: what a node has kept of it is found there again.
 */
function preferredNodes(state: SchedulerState, task: Task): Node[] {
  const bytesByNode = new Map<Node, number>()
  let total = 0
  const stride = Math.ceil(task.producers.length / preferredLooksMax)
  for (let at = 0; at < task.producers.length; at += stride) {
    const producer = task.producers[at]!
    const {set} = producer.result!
    for (const number of selectOutputs(task.stage.grouping, task.group, keyOfProducer(producer), set)) {
      const output = set.outputs[number]!
      // What has no size counts a little, so that its nodes are known all the same.
      const bytes = output.bytes + 1
      total += bytes
      if (output.place.type === 'file') addBytes(state, bytesByNode, output.place.node, bytes)
      else for (const name of output.nodes ?? []) addBytes(state, bytesByNode, name, bytes)
    }
  }
  if (bytesByNode.size === 0) return []
  const name = nameOfInput(task)
  return [...bytesByNode]
    .filter(([node, bytes]) => bytes >= total * preferredShareMin && isUsable(node) && !isAvoided(task, node))
    .map(([node, bytes]) => ({node, bytes, weight: weightOf(node.name, name)}))
    .sort(
      (left, right) =>
        right.bytes - left.bytes || right.weight - left.weight || compareKeys(left.node.name, right.node.name),
    )
    .slice(0, preferredNodesMax)
    .map(({node}) => node)
}

/** The blob that it reads, if that is what it is for; else any name that differs from task to task. */
function nameOfInput(task: Task): string {
  const {output} = task.group
  const place = output === undefined ? undefined : task.producers[0]?.result?.set.outputs[output]?.place
  return place?.type === 'blob' ? place.blob : task.key
}

function addBytes(state: SchedulerState, bytesByNode: Map<Node, number>, name: string, bytes: number): void {
  const node = state.nodes.get(name)
  if (node !== undefined) bytesByNode.set(node, (bytesByNode.get(node) ?? 0) + bytes)
}

/** The job's inputs have no key: each of them is an output of its own. */
export const keyOfProducer = (producer: Task): string | undefined => (producer.number < 0 ? undefined : producer.key)

const isAvoided = (task: Task, node: Node): boolean => task.trouble?.avoid.has(node.name) ?? false

/** May it run there? Nodes that it failed on are taken only when it failed on all. */
export function mayRunOn(state: SchedulerState, task: Task, node: Node): boolean {
  if (!isAvoided(task, node)) return true
  if (task.trouble!.avoid.size < state.usable.size) return false
  for (const other of state.usable) if (!isAvoided(task, other)) return false
  return true
}

export interface Assignment {
  readonly task: Task
  readonly node: Node
  readonly isLocal: boolean
}

/** A task with a free node that holds its input: first one that has the node as its first choice. */
export function findLocal(state: SchedulerState, stage: StageState): Assignment | undefined {
  for (const node of stage.openNodes) {
    const {own} = stage.local.get(node)!
    for (let task = headOf(own); task !== undefined; task = headOf(own)) {
      // It failed here after it was queued here, and was queued again elsewhere since.
      if (mayRunOn(state, task, node)) return {task, node, isLocal: true}
      dropHead(own)
    }
    stage.openNodes.delete(node)
  }
  // The last ones: which are left over is much the same each time that a job runs, and the others are where they were.
  for (const node of stage.openShared) {
    const {shared} = stage.local.get(node)!
    for (let task = topOf(shared); task !== undefined; task = topOf(shared)) {
      if (mayRunOn(state, task, node)) return {task, node, isLocal: true}
      dropTop(shared)
    }
    // It has none of its own either.
    stage.local.delete(node)
    stage.openShared.delete(node)
    node.waiting.delete(stage)
  }
  return undefined
}

/** The first task that may run on some free node; `untilMs`: only such as were queued until then. */
export function findAnywhere(state: SchedulerState, fifo: Fifo, untilMs: number): Assignment | 'avoids' | undefined {
  if (headOf(fifo) === undefined) return undefined
  let looked = 0
  for (const task of tasksIn(fifo)) {
    if (looked === queueLooksMax || task.queuedMs > untilMs) break
    looked++
    for (const node of freeNodes(state)) if (mayRunOn(state, task, node)) return {task, node, isLocal: false}
  }
  return looked > 0 ? 'avoids' : undefined
}

/** Takes a stage out of the queues of all nodes. */
export function leaveQueues(stage: StageState): void {
  for (const node of stage.local.keys()) node.waiting.delete(stage)
  stage.local.clear()
  stage.openNodes.clear()
  stage.openShared.clear()
}
