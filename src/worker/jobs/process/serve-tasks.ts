/** The inside of a task's process: loads the job, runs what it is told, answers on the message socket. */
import {flushCompileCache} from 'node:module'
import {Socket} from 'node:net'
import {Worker} from 'node:worker_threads'
import {assert, UserError} from '../../../base/index.ts'
import type {CompiledJob} from '../../../jobs/index.ts'
import type {RuleWork} from '../../rule-tasks/types.ts'
import {localPathOf, openAddress} from '../inputs/open-input.ts'
import {loadJob} from '../load-job.ts'
import {filePath} from '../run-locally.ts'
import {taskErrorOf} from '../task/failures.ts'
import {runTask} from '../task/run-task.ts'
import type {TaskInput, TaskPorts, TaskResult, TaskSpec} from '../task/types.ts'
import {
  channelDescriptor,
  type FromProcess,
  type JobAddress,
  receiveMessages,
  sendMessage,
  type ToProcess,
} from './messages.ts'
import {profileRun} from './profile-run.ts'

/** Milliseconds between two messages about progress. */
const progressIntervalMs = 500

/**
 * Returns at once, and answers messages from then on. Ends the process when the socket closes, and when the parent is gone: in the midst
 * of a task within about a second.
 */
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
  #rule: RunRuleTask | undefined
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
      if (address.rule !== undefined) this.#rule = await loadRule(address.rule)
      else this.#job = withPlan(await loadJob(address.file), address)
      this.#send({type: 'loaded', error: null})
      // A process is ended from outside, so what was compiled is kept now: for the next one.
      flushCompileCache()
    } catch (error) {
      this.#send({type: 'loaded', error: taskErrorOf(error, undefined)})
    }
  }

  async #run(spec: TaskSpec): Promise<void> {
    const plan = this.#job?.plan
    const run = (): Promise<TaskResult> => this.#perform(spec)
    const stage = plan?.stages[spec.stage]?.name ?? ''
    const result = plan?.isProfiled ? await profileRun(run, {...spec, stage}) : await run()
    await Promise.all([written(process.stdout), written(process.stderr)])
    this.#send({type: 'result', result})
  }

  #perform(spec: TaskSpec): Promise<TaskResult> {
    const {headers} = this.#address!
    if (this.#rule !== undefined) return this.#rule(spec, {headers, progress: this.#progress()})
    assert(this.#job !== undefined, 'the job is loaded before it runs')
    return runTask(this.#job, spec, this.#ports(this.#job, this.#address!))
  }

  #progress(): (progress: {readonly records: number; readonly bytes: number}) => void {
    let lastMs = 0
    return ({records, bytes}) => {
      const nowMs = performance.now()
      if (nowMs - lastMs < progressIntervalMs) return
      lastMs = nowMs
      this.#send({type: 'progress', records, bytes})
    }
  }

  #ports(job: CompiledJob, {folder, headers}: JobAddress): TaskPorts {
    return {
      openInput: (input, replica, from) => openAddress(input, replica, from, {headers}),
      localPath: localPathOf,
      log: line => this.#send({type: 'log', line}),
      file: name => filePath(job, folder, name),
      progress: this.#progress(),
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

type RunRuleTask = (
  spec: TaskSpec,
  ports: {
    readonly headers: Readonly<Record<string, string>>
    progress(progress: {readonly records: number; readonly bytes: number}): void
  },
) => Promise<TaskResult>

/** What scans is loaded for rules alone: jobs of functions start without it. */
async function loadRule(work: RuleWork): Promise<RunRuleTask> {
  const [{loadWork}, {runRuleTask}] = await Promise.all([
    import('../../rule-tasks/load-work.ts'),
    import('../../rule-tasks/run-rule-task.ts'),
  ])
  const loaded = await loadWork(work)
  return (spec, ports) => runRuleTask(loaded, spec, ports)
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
