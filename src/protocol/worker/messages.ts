/** What workers say (protocol 1.1), and what they are told. */
import {isUtf8} from 'node:buffer'
import * as z from 'zod/mini'
import {messageOf, printable} from '../../base/index.ts'
import type {Grouping} from '../../pipeline/index.ts'
import {encodeMessage} from './framing.ts'
import {locationCharsMax, workerProtocolVersion, workerTextCharsMax} from './limits.ts'

/** Which inputs a worker asks about. */
export type InputChoice =
  | {readonly type: 'all'}
  | {readonly type: 'include' | 'exclude'; readonly ids: readonly number[]}

export type WorkerMessage =
  | {readonly type: 'worker'; readonly pid: number}
  | {readonly type: 'task'}
  | {readonly type: 'ping'}
  | {readonly type: 'message'; readonly text: string}
  | {readonly type: 'input'; readonly choice: InputChoice}
  | {readonly type: 'input-error'; readonly input: number; readonly replicas: readonly number[]}
  | {readonly type: 'output'; readonly label: number; readonly location: string; readonly bytes: number}
  | {readonly type: 'done'}
  /** `isFatal`: the job fails; else the task is tried again. */
  | {readonly type: 'error'; readonly isFatal: boolean; readonly text: string}

export type MessageName =
  | 'WORKER'
  | 'TASK'
  | 'PING'
  | 'MSG'
  | 'INPUT'
  | 'INPUT_ERR'
  | 'OUTPUT'
  | 'DONE'
  | 'ERROR'
  | 'FATAL'

const count = z.int().check(z.nonnegative())
const size = z.number().check(z.nonnegative())

const versionSchema = z.object({version: z.string(), pid: z.int()})
const inputSchema = z.union([z.string(), z.tuple([z.enum(['include', 'exclude']), z.array(z.int())])])
const inputErrorSchema = z.tuple([count, z.array(z.int())])
const outputSchema = z.tuple([count, z.string().check(z.minLength(1), z.maxLength(locationCharsMax)), size])

/** A reader of one kind of message: what it says, or what is wrong. */
type Reader = (json: unknown) => WorkerMessage | string

const readers: Readonly<Record<MessageName, Reader>> = {
  WORKER: json => {
    const read = versionSchema.safeParse(json)
    if (!read.success) return bodyProblem('WORKER', json, read.error)
    const {version, pid} = read.data
    if (version !== workerProtocolVersion) return `Invalid worker version: ${excerpt(version)}`
    return {type: 'worker', pid}
  },
  TASK: () => ({type: 'task'}),
  PING: () => ({type: 'ping'}),
  MSG: json => (typeof json === 'string' ? {type: 'message', text: json} : bodyProblem('MSG', json)),
  INPUT: json => {
    const read = inputSchema.safeParse(json)
    if (!read.success) return bodyProblem('INPUT', json, read.error)
    if (read.data === '') return {type: 'input', choice: {type: 'all'}}
    if (typeof read.data === 'string') return bodyProblem('INPUT', json)
    const [type, ids] = read.data
    return {type: 'input', choice: {type, ids}}
  },
  INPUT_ERR: json => {
    const read = inputErrorSchema.safeParse(json)
    if (!read.success) return bodyProblem('INPUT_ERR', json, read.error)
    const [input, replicas] = read.data
    return {type: 'input-error', input, replicas}
  },
  OUTPUT: json => {
    const read = outputSchema.safeParse(json)
    if (!read.success) return bodyProblem('OUTPUT', json, read.error)
    const [label, location, bytes] = read.data
    return {type: 'output', label, location, bytes}
  },
  DONE: () => ({type: 'done'}),
  ERROR: json => (typeof json === 'string' ? {type: 'error', isFatal: false, text: json} : bodyProblem('ERROR', json)),
  FATAL: json => (typeof json === 'string' ? {type: 'error', isFatal: true, text: json} : bodyProblem('FATAL', json)),
}

export const messageNames: ReadonlySet<string> = new Set(Object.keys(readers))

/** Names whose payload is a text for people: it may be in any encoding. */
const textNames: ReadonlySet<string> = new Set<MessageName>(['MSG', 'ERROR', 'FATAL'])

/** What was said, or the text of the error that ends the job. */
export function readMessage(
  name: string,
  payload: Buffer,
): WorkerMessage | {readonly type: 'refused'; readonly text: string} {
  const reader = readers[name as MessageName] as Reader | undefined
  if (reader === undefined || !messageNames.has(name)) return refused(`Unknown message type '${excerpt(name)}'`)
  const isBinary = textNames.has(name) && !isUtf8(payload)
  let json: unknown
  try {
    json = isBinary ? binaryText(payload) : (JSON.parse(payload.toString()) as unknown)
  } catch (error) {
    return refused(`Payload is not valid JSON: ${excerpt(payload.toString())} (${excerpt(messageOf(error))})`)
  }
  const message = reader(json)
  return typeof message === 'string' ? refused(message) : message
}

const refused = (text: string): {readonly type: 'refused'; readonly text: string} => ({type: 'refused', text})

function bodyProblem(name: MessageName, json: unknown, error?: z.core.$ZodError): string {
  const [issue] = error?.issues ?? []
  const why = issue === undefined ? 'it has another form' : `${issue.path.join('.') || 'it'}: ${issue.message}`
  return `Invalid message body ${excerpt(JSON.stringify(json) ?? '')} of ${name} (${why})`
}

const excerpt = (text: string): string => printable(text.length > 200 ? `${text.slice(0, 200)}…` : text)

/** Bytes that are no text, as the original shows them. */
function binaryText(bytes: Buffer): string {
  const shown = bytes.subarray(0, Math.floor((workerTextCharsMax - 64) / 4))
  const text = shown.reduce((all, byte) => `${all}\\x${byte.toString(16).padStart(2, '0')}`, '')
  return `WARNING: Binary message data: ${text}`
}

/** The answer to TASK, as it is on the wire. */
export interface WorkerTask {
  readonly taskid: number
  readonly master: string
  readonly disco_port: number
  readonly put_port: number
  readonly ddfs_data: string
  readonly disco_data: string
  readonly stage: string
  /** With underlines. */
  readonly grouping: string
  /** Label, and host or "". */
  readonly group: readonly [number, string]
  readonly jobfile: string
  readonly jobname: string
  readonly host: string
}

/** As Disco writes it. */
export const groupingOnWire = (grouping: Grouping): string => grouping.replaceAll('-', '_')

/** An input as a worker sees it. */
export interface ReplyInput {
  readonly id: number
  /** `all`: all lines of an index. */
  readonly label: number | 'all'
  /** In the order in which they are to be tried. */
  readonly replicas: readonly (readonly [id: number, url: string])[]
}

export const okReply = (): Buffer => encodeMessage('OK', 'ok')
export const pongReply = (): Buffer => encodeMessage('OK', 'pong')
export const taskReply = (task: WorkerTask): Buffer => encodeMessage('TASK', task)
export const failReply = (): Buffer => encodeMessage('FAIL', '')
export const retryReply = (replicas: ReplyInput['replicas']): Buffer => encodeMessage('RETRY', replicas)

/** @param isComplete - the worker need not ask for more */
export const inputReply = (isComplete: boolean, inputs: readonly ReplyInput[]): Buffer =>
  encodeMessage('INPUT', [
    isComplete ? 'done' : 'more',
    inputs.map(({id, label, replicas}) => [id, 'ok', label, replicas]),
  ])
