/**
 * One worker's side of the protocol, without its process: messages in, answers out. Pure: time comes with the messages.
 *
 *     speaking -> waiting (INPUT is withheld until there are inputs) -> speaking
 *     speaking -> ended (DONE, ERROR, FATAL, or something that is no protocol)
 *
 * Every message has at most one answer, in order; while one is withheld no other message may be given.
 */
import {assert, printable, unreachable} from '../../base/index.ts'
import {
  failReply,
  type InputChoice,
  inputReply,
  MessageRate,
  okReply,
  pongReply,
  type ReplyInput,
  readMessage,
  retryReply,
  taskReply,
  type WorkerMessage,
  type WorkerTask,
  workerOutputsMax,
} from '../../protocol/index.ts'

export interface SessionInput {
  readonly label: number | 'all'
  /** Best first. */
  readonly urls: readonly string[]
}

export type SessionEnd =
  | {readonly type: 'done'}
  | {
      readonly type: 'failed'
      readonly class: 'error' | 'fatal' | 'input-lost'
      readonly text: string
      /** Of `input-lost`: the number of the input. */
      readonly input: number | null
    }

export interface Answer {
  readonly reply?: Buffer
  /** The reply, and all that comes after it, waits so long. */
  readonly delayMs?: number
  /** A line for the log of the task. */
  readonly log?: string
  readonly end?: SessionEnd
}

export interface LocalOutput {
  readonly label: number
  /** Relative, as the worker named it. */
  readonly path: string
}

export interface RemoteOutput {
  readonly label: number
  readonly url: string
  readonly bytes: number
}

interface Input {
  readonly label: number | 'all'
  readonly urls: readonly string[]
  /** By replica: the number of the report that named it last; 0: never. */
  readonly failures: number[]
}

const urlPattern = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//

/** `take` each message and perform its answer before the next one. Outputs are complete when an answer has `end`. */
export class WorkerSession {
  readonly localOutputs: LocalOutput[] = []
  readonly remoteOutputs: RemoteOutput[] = []
  readonly #task: WorkerTask
  readonly #inputs: Input[] = []
  readonly #rate = new MessageRate()
  #isComplete: boolean
  #withheld: InputChoice | undefined
  #reportCount = 0
  #lostInput: number | undefined
  #isEnded = false

  constructor(task: WorkerTask, inputs: readonly SessionInput[], isComplete: boolean) {
    this.#task = task
    this.#isComplete = isComplete
    this.#add(inputs)
  }

  /** An answer is withheld. */
  get isWaiting(): boolean {
    return this.#withheld !== undefined
  }

  /** @param nowMs - never going back */
  take(name: string, payload: Buffer, nowMs: number): Answer {
    assert(!this.isWaiting && !this.#isEnded, 'one message at a time, until the end')
    const message = readMessage(name, payload)
    if (message.type === 'refused') return this.#fail('fatal', message.text)
    return this.#answer(message, nowMs)
  }

  /** @param isComplete - no more will come */
  addInputs(inputs: readonly SessionInput[], isComplete: boolean): Answer {
    this.#add(inputs)
    this.#isComplete ||= isComplete
    if (this.#withheld === undefined) return {}
    const choice = this.#withheld
    this.#withheld = undefined
    return this.#giveInputs(choice)
  }

  #add(inputs: readonly SessionInput[]): void {
    for (const {label, urls} of inputs) this.#inputs.push({label, urls, failures: urls.map(() => 0)})
  }

  #answer(message: WorkerMessage, nowMs: number): Answer {
    switch (message.type) {
      case 'worker':
        return {reply: okReply()}
      case 'task':
        return {reply: taskReply(this.#task)}
      case 'ping':
        return {reply: pongReply()}
      case 'message': {
        const delayMs = this.#rate.delayMs(nowMs)
        return {reply: okReply(), log: message.text, ...(delayMs === 0 ? {} : {delayMs})}
      }
      case 'input':
        return this.#giveInputs(message.choice)
      case 'input-error':
        return this.#noteFailures(message.input, message.replicas)
      case 'output':
        return this.#noteOutput(message)
      case 'done':
        this.#isEnded = true
        return {end: {type: 'done'}}
      case 'error':
        return this.#fail(message.isFatal ? 'fatal' : 'error', message.text)
      default:
        return unreachable(message)
    }
  }

  #giveInputs(choice: InputChoice): Answer {
    const inputs = this.#chosen(choice)
    if (inputs.length > 0 || this.#isComplete) return {reply: inputReply(this.#isComplete, inputs)}
    this.#withheld = choice
    return {}
  }

  #chosen(choice: InputChoice): ReplyInput[] {
    if (choice.type === 'include') return choice.ids.map(id => this.#replyInput(id))
    const excluded = new Set(choice.type === 'exclude' ? choice.ids : [])
    return this.#inputs.flatMap((_, id) => (excluded.has(id) ? [] : [this.#replyInput(id)]))
  }

  /** One that nobody knows has no addresses, as in Disco. */
  #replyInput(id: number): ReplyInput {
    const input = this.#inputs[id]
    if (input === undefined) return {id, label: 0, replicas: []}
    return {id, label: input.label, replicas: replicasOf(input)}
  }

  #noteFailures(id: number, replicas: readonly number[]): Answer {
    const input = this.#inputs[id]
    if (input === undefined) return {reply: failReply()}
    const report = ++this.#reportCount
    for (const replica of replicas) if (replica in input.failures) input.failures[replica] = report
    const others = replicasOf(input).filter(([replica]) => !replicas.includes(replica))
    if (others.length > 0) return {reply: retryReply(others)}
    this.#lostInput ??= id
    return {reply: failReply()}
  }

  #noteOutput({label, location, bytes}: Extract<WorkerMessage, {type: 'output'}>): Answer {
    const {localOutputs, remoteOutputs} = this
    if (localOutputs.length + remoteOutputs.length >= workerOutputsMax)
      return this.#fail('error', `invalid_output: a task has at most ${workerOutputsMax} outputs`)
    if (urlPattern.test(location)) {
      remoteOutputs.push({label, url: location, bytes: Math.round(bytes)})
      return {reply: okReply()}
    }
    const parts = location.split('/').filter(part => part !== '' && part !== '.')
    if (location.startsWith('/') || parts.length === 0 || parts.includes('..') || location.includes('\0')) {
      const text = `invalid_output: "${printable(location.slice(0, 200))}" is no path in the folder of the task`
      return this.#fail('error', text)
    }
    localOutputs.push({label, path: parts.join('/')})
    return {reply: okReply()}
  }

  /** An error of a worker that could not read an input is that of the input: who made it has to make it again. */
  #fail(kind: 'error' | 'fatal', text: string): Answer {
    this.#isEnded = true
    const isLost = kind === 'error' && this.#lostInput !== undefined
    const end = isLost
      ? {type: 'failed' as const, class: 'input-lost' as const, text, input: this.#lostInput ?? null}
      : {type: 'failed' as const, class: kind, text, input: null}
    return {end}
  }
}

/** Those that never failed first, then those whose failure is longest ago. */
function replicasOf({urls, failures}: Input): [number, string][] {
  const all = urls.map((url, id): [number, string] => [id, url])
  return all.sort(([left], [right]) => failures[left]! - failures[right]! || left - right)
}
