/**
 * What a task's process and its parent say to each other: one JSON text a line, on a socket of their own. Standard output and
 * error belong to the author.
 */
import type {Duplex} from 'node:stream'
import type {JobPlan} from '../../../jobs/index.ts'
import type {RuleWork} from '../../rule-tasks/types.ts'
import {messageBytesMax} from '../limits.ts'
import type {TaskError, TaskInput, TaskResult, TaskSpec} from '../task/types.ts'

/** The file descriptor of the socket in the process. */
export const channelDescriptor = 3

export interface JobAddress {
  /** The job file, unpacked. */
  readonly file: string
  /** Where its `files` are. */
  readonly folder: string
  /** Decides, where the job file would say something else by now: parameters and limits. */
  readonly plan: JobPlan
  /** Sent with requests for inputs. */
  readonly headers: Readonly<Record<string, string>>
  /** What is done is scanning for a rule; `file` is the rule file then. */
  readonly rule?: RuleWork
}

export type ToProcess =
  | {readonly type: 'load'; readonly job: JobAddress}
  | {readonly type: 'run'; readonly spec: TaskSpec}
  | {readonly type: 'oob'; readonly id: number; readonly base64: string | null}
  /** null: no more will come. */
  | {readonly type: 'inputs'; readonly inputs: readonly TaskInput[] | null}

export type FromProcess =
  | {readonly type: 'loaded'; readonly error: TaskError | null}
  | {readonly type: 'log'; readonly line: string}
  | {readonly type: 'progress'; readonly records: number; readonly bytes: number}
  | {readonly type: 'get-oob'; readonly id: number; readonly key: string}
  | {readonly type: 'more-inputs'}
  | {readonly type: 'result'; readonly result: TaskResult}

const fromProcessTypes: ReadonlySet<unknown> = new Set<FromProcess['type']>([
  'loaded',
  'log',
  'progress',
  'get-oob',
  'more-inputs',
  'result',
])

/** True for a message of a process. Its own code wrote it, so more than the shape that we act on is not checked. */
export function isFromProcess(value: unknown): value is FromProcess {
  if (typeof value !== 'object' || value === null) return false
  const message = value as Record<string, unknown>
  if (!fromProcessTypes.has(message['type'])) return false
  if (message['type'] === 'log') return typeof message['line'] === 'string'
  if (message['type'] !== 'result') return true
  const result = message['result'] as Partial<TaskResult> | null | undefined
  return typeof result === 'object' && result !== null && Array.isArray(result.outputs) && 'error' in result
}

/** Does not wait: what the other side has not read is held in memory. */
export function sendMessage(socket: Duplex, message: ToProcess | FromProcess): void {
  socket.write(`${JSON.stringify(message)}\n`)
}

/** @param onMessage - undefined: what came is no JSON, or too long */
export function receiveMessages(socket: Duplex, onMessage: (message: unknown) => void): void {
  let parts: Buffer[] = []
  let held = 0
  socket.on('data', (chunk: Buffer) => {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      onMessage(parsed(Buffer.concat([...parts, chunk.subarray(start, end)])))
      parts = []
      held = 0
      start = end + 1
    }
    if (start < chunk.length) parts.push(chunk.subarray(start))
    held += chunk.length - start
    if (held > messageBytesMax) {
      parts = []
      held = 0
      onMessage(undefined)
    }
  })
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString()) as unknown
  } catch {
    return undefined
  }
}
