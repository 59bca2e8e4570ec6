/**
 * Sends a scheduler's orders to agents. What an agent cannot take comes back as an event. Small orders to one node that come
 * together share a message; the order of all orders to a node stays.
 */
import {messageOf} from '../../../base/index.ts'
import {
  type Failed,
  inputPageCharsMax,
  type NodeName,
  ordersCharsMax,
  ordersPerMessageMax,
  type PackInfo,
  type RunName,
  type SmallOrder,
  type TaskInput,
  type TaskReply,
  type TaskRequest,
} from '../../../protocol/index.ts'
import type {SchedulerEffect} from '../../../scheduler/index.ts'
import {orderMs} from '../limits.ts'
import type {Occurrence} from './occurrence.ts'

export type SendOrder = (node: NodeName, request: TaskRequest, deadlineMs: number) => Promise<TaskReply | Failed>

type RunEffect = Extract<SchedulerEffect, {type: 'start-run' | 'push-inputs' | 'stop-run' | 'accept-run'}>
export type OrderEffect = RunEffect | Extract<SchedulerEffect, {type: 'end-job'}>

export interface OrderPorts {
  readonly send: SendOrder
  readonly epoch: () => number
  readonly packOf: (job: string) => PackInfo | undefined
  /** Names of the nodes that have a link now. */
  readonly linkedNodes: () => readonly NodeName[]
  readonly linkOf: (node: NodeName) => number | undefined
  readonly step: (occurrence: Occurrence) => void
  readonly log: (message: string, node: NodeName, text: string) => void
}

/** Performs orders of the scheduler that were committed together. */
export function sendOrders(ports: OrderPorts, effects: readonly OrderEffect[]): void {
  const batches = new Map<NodeName, OrderBatch>()
  const batchOf = (node: NodeName): OrderBatch => {
    const batch = batches.get(node) ?? new OrderBatch(ports, node)
    batches.set(node, batch)
    return batch
  }
  for (const effect of effects) {
    if (effect.type === 'end-job') endJob(ports, effect, batchOf)
    else sendOrder(ports, effect, batchOf(effect.node))
  }
  for (const batch of batches.values()) batch.flush()
}

function endJob(
  ports: OrderPorts,
  {job, node: only, isPurged, keepsStages}: Extract<OrderEffect, {type: 'end-job'}>,
  batchOf: (node: NodeName) => OrderBatch,
): void {
  for (const node of only === undefined ? ports.linkedNodes() : [only]) {
    batchOf(node).flush()
    tellQuietly(ports, node, {type: 'end-job', epoch: ports.epoch(), job, isPurged, ...(keepsStages && {keepsStages})})
  }
}

function sendOrder(ports: OrderPorts, effect: RunEffect, batch: OrderBatch): void {
  const {node, job, task, run} = effect
  const name = {job, task, run}
  const epoch = ports.epoch()
  switch (effect.type) {
    case 'start-run': {
      const pack = ports.packOf(job)
      if (pack === undefined) {
        const failure = {class: 'fatal', message: 'the pack of the job is gone'} as const
        ports.step({type: 'run-failed', node, ...name, failure})
        return
      }
      const {stage, stageIndex, grouping, group, hasAllInputs, isLastStage, isAhead} = effect
      const [inputs = [], ...more] = inputPages(effect.inputs)
      const isOnePage = more.length === 0
      const order = {stage, stageIndex, grouping, group, inputs, isLastStage, ...(isAhead && {isAhead}), pack}
      batch.add({type: 'start-run', epoch, ...name, ...order, hasAllInputs: hasAllInputs && isOnePage})
      if (isOnePage) break
      batch.flush()
      sendPages(ports, node, {...name, epoch}, more, hasAllInputs)
      break
    }
    case 'push-inputs':
      batch.flush()
      sendPages(ports, node, {...name, epoch}, inputPages(effect.inputs), effect.isEnd)
      break
    case 'accept-run':
      batch.add({type: 'accept-run', epoch, ...name})
      break
    case 'stop-run':
      batch.flush()
      tellQuietly(ports, node, {type: 'stop-run', epoch, ...name})
      break
  }
}

/** Orders to one node that have not been sent. */
class OrderBatch {
  readonly #ports: OrderPorts
  readonly #node: NodeName
  #orders: SmallOrder[] = []
  #chars = 0

  constructor(ports: OrderPorts, node: NodeName) {
    this.#ports = ports
    this.#node = node
  }

  add(order: SmallOrder): void {
    const chars = orderCharsOf(order)
    if (this.#chars + chars > ordersCharsMax || this.#orders.length === ordersPerMessageMax) this.flush()
    this.#orders.push(order)
    this.#chars += chars
  }

  flush(): void {
    const orders = this.#orders
    const [first] = orders
    this.#orders = []
    this.#chars = 0
    if (first === undefined) return
    if (orders.length > 1) sendBatch(this.#ports, this.#node, first.epoch, orders)
    else if (first.type === 'start-run') sendOrFail(this.#ports, this.#node, first)
    else tellQuietly(this.#ports, this.#node, first)
  }
}

/** Characters of JSON that an order without its inputs has at most: names and a path or two. */
const orderHeadChars = 1000
const orderCharsOf = (order: SmallOrder): number =>
  order.type === 'accept-run' ? orderHeadChars : orderHeadChars + charsOf(order.inputs)

const charsOf = (inputs: readonly TaskInput[]): number =>
  inputs.reduce((sum, input) => sum + JSON.stringify(input).length, 0)

/** What an order may carry: a link delivers in the order of sending, so pages arrive behind their order. */
function inputPages(inputs: readonly TaskInput[]): readonly (readonly TaskInput[])[] {
  const pages: TaskInput[][] = [[]]
  let chars = 0
  for (const input of inputs) {
    const length = JSON.stringify(input).length
    if (chars > 0 && chars + length > inputPageCharsMax) {
      pages.push([])
      chars = 0
    }
    pages.at(-1)!.push(input)
    chars += length
  }
  return pages
}

function sendPages(
  ports: OrderPorts,
  node: NodeName,
  run: RunName & {readonly epoch: number},
  pages: readonly (readonly TaskInput[])[],
  isEnd: boolean,
): void {
  for (const [index, inputs] of pages.entries()) {
    sendOrFail(ports, node, {type: 'push-inputs', ...run, inputs, isEnd: isEnd && index === pages.length - 1})
  }
}

/**
 * Without the order the run would never end. When the link broke, nothing is to be done: the node's next report tells what it
 * has, and the scheduler orders again.
 */
function sendOrFail(
  ports: OrderPorts,
  node: NodeName,
  request: Extract<TaskRequest, {type: 'start-run' | 'push-inputs'}>,
): void {
  const onFailed = failureOn(ports, node)
  ports.send(node, request, orderMs).then(
    reply => {
      if (reply.type === 'failed') onFailed([request], reply.message)
    },
    (error: unknown) => onFailed([request], messageOf(error)),
  )
}

function sendBatch(ports: OrderPorts, node: NodeName, epoch: number, orders: readonly SmallOrder[]): void {
  const onFailed = failureOn(ports, node)
  ports.send(node, {type: 'take-orders', epoch, orders}, orderMs).then(
    reply => {
      if (reply.type === 'failed') onFailed(orders, reply.message)
      if (reply.type !== 'orders-taken') return
      for (const {run, message} of reply.refused) {
        onFailed(
          orders.filter(order => order.run === run),
          message,
        )
      }
    },
    (error: unknown) => onFailed(orders, messageOf(error)),
  )
}

/** What becomes of orders that a node did not take. Who misses that a run was accepted hears it with its next report. */
function failureOn(ports: OrderPorts, node: NodeName) {
  const link = ports.linkOf(node)
  return (orders: readonly (RunName & {readonly type: TaskRequest['type']})[], text: string): void => {
    ports.log('order not taken', node, text)
    if (link === undefined || ports.linkOf(node) !== link) return
    const message = `${node} did not take the order to run it: ${text}`
    for (const {type, job, task, run} of orders) {
      if (type === 'accept-run') continue
      ports.step({type: 'run-failed', node, job, task, run, failure: {class: 'error', message}})
    }
  }
}

/** A node that misses it hears it again when it reports what it has. */
function tellQuietly(ports: OrderPorts, node: NodeName, request: TaskRequest): void {
  ports.send(node, request, orderMs).then(
    reply => {
      if (reply.type === 'failed') ports.log('order refused', node, reply.message)
    },
    (error: unknown) => ports.log('order not sent', node, messageOf(error)),
  )
}
