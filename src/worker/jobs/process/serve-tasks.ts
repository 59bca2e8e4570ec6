/** The inside of a task's process: loads the job, runs what it is told, answers on the message socket. */
import {Socket} from 'node:net'
import {Worker} from 'node:worker_threads'
import {assert, UserError} from '../../../base/index.ts'
import type {CompiledJob} from '../../../jobs/index.ts'
import {localPathOf, openAddress} from '../inputs/open-input.ts'
import {loadJob} from '../load-job.ts'
import {filePath} from '../run-locally.ts'
import {taskErrorOf} from '../task/failures.ts'
import {runTask} from '../task/run-task.ts'
import type {TaskInput, TaskPorts, TaskSpec} from '../task/types.ts'
import {
  channelDescriptor,
  type FromProcess,
  type JobAddress,
  receiveMessages,
  sendMessage,
  type ToProcess,
} from './messages.ts'

/** Milliseconds between two messages about progress. */
const progressIntervalMs = 500

export function serveTasks(): void {
  const socket = new Socket({fd: channelDescriptor, readable: true, writable: true})
  const server = new TaskServer(message => sendMessage(socket, message))
  receiveMessages(socket, message => server.handle(message as ToProcess))
  // Nobody is left to tell.
  socket.on('error', () => process.exit(1))
  socket.on('close', () => process.exit(0))
  watchParent()
}

/** A parent that was killed closes the socket, but a task in a loop never looks at it: a thread does. */
function watchParent(): void {
  const source = `const parent = process.ppid
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, 1000)`
  new Worker(source, {eval: true, execArgv: [], resourceLimits: {maxOldGenerationSizeMb: 8}}).unref()
}

class TaskServer {
  readonly #send: (message: FromProcess) => void
  #job: CompiledJob | undefined
  #address: JobAddress | undefined
  #loading: Promise<void> = Promise.resolve()
  readonly #oobWaiting = new Map<number, (value: Uint8Array | undefined) => void>()
  #oobCount = 0
  #inputsWaiting: ((inputs: readonly TaskInput[] | undefined) => void) | undefined

  constructor(send: (message: FromProcess) => void) {
    this.#send = send
  }

  handle(message: ToProcess): void {
    switch (message.type) {
      case 'load':
        this.#loading = this.#load(message.job)
        break
      case 'run':
        // The parent waits for `loaded` before it orders a run; a failed load gets none.
        void this.#loading.then(() => this.#run(message.spec))
        break
      case 'oob':
        this.#oobWaiting.get(message.id)?.(message.base64 === null ? undefined : Buffer.from(message.base64, 'base64'))
        this.#oobWaiting.delete(message.id)
        break
      case 'inputs':
        this.#inputsWaiting?.(message.inputs ?? undefined)
        this.#inputsWaiting = undefined
        break
    }
  }

  async #load(address: JobAddress): Promise<void> {
    try {
      this.#address = address
      this.#job = withPlan(await loadJob(address.file), address)
      this.#send({type: 'loaded', error: null})
    } catch (error) {
      this.#send({type: 'loaded', error: taskErrorOf(error, undefined)})
    }
  }

  async #run(spec: TaskSpec): Promise<void> {
    assert(this.#job !== undefined, 'the job is loaded before it runs')
    const result = await runTask(this.#job, spec, this.#ports(this.#job, this.#address!))
    await Promise.all([written(process.stdout), written(process.stderr)])
    this.#send({type: 'result', result})
  }

  #ports(job: CompiledJob, {folder, headers}: JobAddress): TaskPorts {
    let lastMs = 0
    return {
      openInput: (input, replica, from) => openAddress(input, replica, from, {headers}),
      localPath: localPathOf,
      log: line => this.#send({type: 'log', line}),
      file: name => filePath(job, folder, name),
      progress: ({records, bytes}) => {
        const nowMs = performance.now()
        if (nowMs - lastMs < progressIntervalMs) return
        lastMs = nowMs
        this.#send({type: 'progress', records, bytes})
      },
      getOob: key =>
        new Promise(resolve => {
          const id = this.#oobCount++
          this.#oobWaiting.set(id, resolve)
          this.#send({type: 'get-oob', id, key})
        }),
      moreInputs: () =>
        new Promise(resolve => {
          this.#inputsWaiting = resolve
          this.#send({type: 'more-inputs'})
        }),
    }
  }
}

/** Waits until what was printed has left this process: it belongs to the run that ends. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => resolve())
  })
}

/** The plan that was submitted, with the functions of the file. */
function withPlan(loaded: CompiledJob, {plan, file}: JobAddress): CompiledJob {
  const namesOf = (job: {stages: readonly {name: string}[]}): string => job.stages.map(({name}) => name).join(', ')
  if (namesOf(loaded.plan) === namesOf(plan)) return {...loaded, plan}
  throw new UserError(
    'JOB_FILE_BROKEN',
    `${file} has the stages ${namesOf(loaded.plan)} here, and had ${namesOf(plan)} when the job was submitted`,
    {
      hint: 'a job must be the same wherever its file is loaded: do not let it depend on the machine or the time',
    },
  )
}
