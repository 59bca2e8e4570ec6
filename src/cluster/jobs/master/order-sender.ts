/** Sends a scheduler's orders to agents. What an agent cannot take comes back as an event. */
import {messageOf} from '../../../base/index.ts'
import {
  type Failed,
  inputPageCharsMax,
  type NodeName,
  type PackInfo,
  type RunName,
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

export function sendOrderEffect(ports: OrderPorts, effect: OrderEffect): void {
  if (effect.type === 'end-job') {
    const {job, isPurged} = effect
    const nodes = effect.node === undefined ? ports.linkedNodes() : [effect.node]
    for (const node of nodes) tellQuietly(ports, node, {type: 'end-job', epoch: ports.epoch(), job, isPurged})
    return
  }
  const {node, job, task, run} = effect
  const name = {job, task, run}
  const epoch = ports.epoch()
  switch (effect.type) {
    case 'start-run': {
      const pack = ports.packOf(job)
      if (pack === undefined) {
        ports.step({
          type: 'run-failed',
          node,
          ...name,
          failure: {class: 'fatal', message: 'the pack of the job is gone'},
        })
        return
      }
      const {stage, stageIndex, grouping, group, hasAllInputs, isLastStage, isAhead} = effect
      const [inputs = [], ...more] = inputPages(effect.inputs)
      const isOnePage = more.length === 0
      const order = {stage, stageIndex, grouping, group, inputs, isLastStage, ...(isAhead && {isAhead}), pack}
      sendOrFail(ports, node, {
        type: 'start-run',
        epoch,
        ...name,
        ...order,
        hasAllInputs: hasAllInputs && isOnePage,
      })
      if (!isOnePage) sendPages(ports, node, {...name, epoch}, more, hasAllInputs)
      break
    }
    case 'push-inputs':
      sendPages(ports, node, {...name, epoch}, inputPages(effect.inputs), effect.isEnd)
      break
    case 'stop-run':
    case 'accept-run':
      tellQuietly(ports, node, {type: effect.type, epoch, ...name})
      break
  }
}

/** What an order may carry: a link delivers in the order of sending, so pages arrive behind their order. */
export function inputPages(inputs: readonly TaskInput[]): readonly (readonly TaskInput[])[] {
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
  const link = ports.linkOf(node)
  const onFailed = (text: string): void => {
    ports.log('order not taken', node, text)
    if (link === undefined || ports.linkOf(node) !== link) return
    const {job, task, run} = request
    const message = `${node} did not take the order to run it: ${text}`
    ports.step({type: 'run-failed', node, job, task, run, failure: {class: 'error', message}})
  }
  ports.send(node, request, orderMs).then(
    reply => {
      if (reply.type === 'failed') onFailed(reply.message)
    },
    (error: unknown) => onFailed(messageOf(error)),
  )
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
