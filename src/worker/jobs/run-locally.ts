/**
 * A whole job in this process, stage after stage, without a cluster: the reference for what a job gives, and how small jobs
 * are tried out and tested. Groupings, shuffle and tasks are those of a cluster; only the scheduler is a loop.
 */
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {UserError} from '../../base/index.ts'
import {type CompiledJob, compileJob, type Job, type Key} from '../../jobs/index.ts'
import {
  hasEmptyTask,
  homesOf,
  keyOfNumber,
  makeOutputSet,
  type Output,
  partsOf,
  selectOutputs,
} from '../../pipeline/index.ts'
import {findInputs} from '../input-files.ts'
import {localPathOf, openAddress} from './inputs/open-input.ts'
import {Chain, readKey, readValue, SectionCursor} from './shuffle/index.ts'
import type {TaskOutput, TaskResult} from './task/result-types.ts'
import {runTask} from './task/run-task.ts'
import {decodeOob} from './task/task-context.ts'
import type {TaskInput, TaskPorts, TaskSpec} from './task/types.ts'

export interface LocalJobOptions {
  /** Instead of the job's own. */
  readonly params?: Readonly<Record<string, unknown>>
  /** Where the job's `files` are. Default: the working directory. */
  readonly baseFolder?: string
  /** For intermediate files; they are removed by `close`. Default: the system's. */
  readonly temporaryFolder?: string
  /** Sort buffer of a task, bytes: small ones make small tests spill. */
  readonly sortBytes?: number
  /** Told each line that the job logs. Default: nobody. */
  readonly onLog?: (line: string) => void
}

/** Text or bytes to read as one input. */
export interface InlineInput {
  readonly name: string
  readonly content: string | Uint8Array
}

export interface LocalStage {
  readonly name: string
  /** In the order of the tasks. */
  readonly tasks: readonly TaskResult[]
}

/** The results of a job. Has files until it is closed. */
export class LocalJob implements Disposable {
  readonly stages: readonly LocalStage[]
  readonly counters: Readonly<Record<string, number>>
  /** In the order of tasks and labels. */
  readonly outputs: readonly {readonly label: number; readonly path: string; readonly output: TaskOutput}[]
  readonly #folder: string
  readonly #oob: ReadonlyMap<string, string>

  constructor(
    folder: string,
    stages: readonly LocalStage[],
    outputs: LocalJob['outputs'],
    oob: ReadonlyMap<string, string>,
  ) {
    this.#folder = folder
    this.stages = stages
    this.outputs = outputs
    this.#oob = oob
    const counters: Record<string, number> = {}
    for (const {tasks} of stages)
      for (const task of tasks)
        for (const [name, by] of Object.entries(task.counters)) counters[name] = (counters[name] ?? 0) + by
    this.counters = counters
  }

  /** The pairs of the last stage. @param label - of one partition only */
  *results(label?: number): Generator<readonly [key: Key, value: unknown]> {
    const wanted = this.outputs.filter(output => label === undefined || output.label === label)
    const chain = new Chain(
      wanted.map(
        ({path, output}, order) =>
          new SectionCursor({type: 'file', name: path, path, offset: output.offset, bytes: output.bytes}, order),
      ),
    )
    try {
      for (let record = chain.next(); record !== undefined; record = chain.next()) {
        const {bytes, keyStart, keyEnd, valueEnd} = record
        yield [readKey(bytes, keyStart, keyEnd), readValue(bytes, keyEnd, valueEnd)]
      }
    } finally {
      chain.close()
    }
  }

  /** What a task put under that key. */
  oob(key: string): unknown {
    const path = this.#oob.get(key)
    return path === undefined ? undefined : decodeOob(readFileSync(path))
  }

  close(): void {
    rmSync(this.#folder, {recursive: true, force: true})
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Runs a job.
 *
 * @param inputs - files, folders, globs, `raw://` texts, http addresses, or contents; default: those that the job names
 * @throws UserError BAD_JOB, INPUT_NOT_FOUND, or JOB_FAILED with the stage, the task, the error and the record
 */
export async function runLocally(
  job: Job,
  inputs?: readonly (string | InlineInput)[],
  options: LocalJobOptions = {},
): Promise<LocalJob> {
  const compiled = withOptions(compileJob(job), options)
  const folder = mkdtempSync(join(options.temporaryFolder ?? tmpdir(), 'disco-job-'))
  try {
    return await new LocalRunner(compiled, folder, options).run(
      inputs ?? compiled.plan.inputs.map(replicas => replicas[0]!),
    )
  } catch (error) {
    rmSync(folder, {recursive: true, force: true})
    throw error
  }
}

function withOptions(job: CompiledJob, {params, sortBytes}: LocalJobOptions): CompiledJob {
  const limits = sortBytes === undefined ? job.plan.limits : {...job.plan.limits, sortBytes}
  return {...job, plan: {...job.plan, limits, ...(params === undefined ? {} : {params})}}
}

const nodeName = 'local'

/** An output of a finished task, as the next stage finds it. */
interface Producer {
  readonly key: string
  readonly outputs: readonly Output[]
  readonly inputs: readonly TaskInput[]
}

class LocalRunner {
  readonly #job: CompiledJob
  readonly #folder: string
  readonly #options: LocalJobOptions
  readonly #contents = new Map<string, Uint8Array>()
  readonly #oob = new Map<string, string>()

  constructor(job: CompiledJob, folder: string, options: LocalJobOptions) {
    this.#job = job
    this.#folder = folder
    this.#options = options
  }

  async run(inputs: readonly (string | InlineInput)[]): Promise<LocalJob> {
    let producers: Producer[] = [this.#inputProducer(inputs)]
    const stages: LocalStage[] = []
    let outputs: LocalJob['outputs'] = []
    for (const [index, {name}] of this.#job.plan.stages.entries()) {
      const tasks = this.#tasksOf(index, producers)
      const results: TaskResult[] = []
      const next: Producer[] = []
      outputs = []
      for (const [number, task] of tasks.entries()) {
        const folder = join(this.#folder, `${index}-${number}`)
        mkdirSync(folder)
        const spec: TaskSpec = {
          job: this.#job.plan.name,
          stage: index,
          task: number,
          run: 1,
          node: nodeName,
          label: task.label,
          inputs: task.inputs,
          folder,
        }
        const result = await runTask(this.#job, spec, this.#ports())
        if (result.error !== null) throw jobFailed(this.#job.plan.name, name, number, result.error)
        for (const {key, file} of result.oob) if (!this.#oob.has(key)) this.#oob.set(key, join(folder, file))
        results.push(result)
        next.push(producerOf(number, folder, result.outputs))
        outputs = [
          ...outputs,
          ...result.outputs.map(output => ({label: output.label, path: join(folder, output.file), output})),
        ]
      }
      stages.push({name, tasks: results})
      producers = next
    }
    return new LocalJob(this.#folder, stages, outputs, this.#oob)
  }

  #inputProducer(inputs: readonly (string | InlineInput)[]): Producer {
    const addresses = inputs.flatMap(input => {
      if (typeof input === 'string')
        return /^[a-z][a-z0-9+.-]+:\/\//i.test(input) ? [input] : findInputs([input]).files.map(({path}) => path!)
      const address = `content://${this.#contents.size}/${input.name}`
      this.#contents.set(address, typeof input.content === 'string' ? Buffer.from(input.content) : input.content)
      return [address]
    })
    return {
      key: '',
      outputs: addresses.map(address => ({label: 0, place: {type: 'urls', urls: [address]}, bytes: 0, records: 0})),
      inputs: addresses.map((address, number) => ({number, label: 0, replicas: [address]})),
    }
  }

  /** The tasks of a stage, in the order of their keys; inputs by producing task and output. */
  #tasksOf(
    index: number,
    producers: readonly Producer[],
  ): {readonly label: number; readonly inputs: readonly TaskInput[]}[] {
    const {grouping} = this.#job.plan.stages[index]!
    const tasks = new Map<string, {label: number; inputs: TaskInput[]}>()
    for (const producer of producers) {
      const producerKey = index === 0 ? undefined : producer.key
      const set = makeOutputSet(producer.outputs, homesOf(producer.outputs, producer.key), grouping)
      for (const {key, group} of partsOf(grouping, producerKey, set)) {
        const task = tasks.get(key) ?? {label: group.label, inputs: []}
        tasks.set(key, task)
        for (const number of selectOutputs(grouping, group, producerKey, set))
          task.inputs.push({...producer.inputs[number]!, number: task.inputs.length})
      }
    }
    if (tasks.size === 0 && hasEmptyTask(grouping, index === 0, index === 0 ? 0 : producers.length))
      return [{label: 0, inputs: []}]
    return [...tasks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, task]) => task)
  }

  #ports(): TaskPorts {
    const {baseFolder, onLog} = this.#options
    return {
      openInput: (input, replica, from) => {
        const content = this.#contents.get(replica)
        return content === undefined ? openAddress(input, replica, from) : oneChunk(content.subarray(from))
      },
      localPath: replica => (this.#contents.has(replica) ? undefined : localPathOf(replica)),
      log: line => onLog?.(line),
      getOob: async key => {
        const path = this.#oob.get(key)
        return path === undefined ? undefined : readFileSync(path)
      },
      file: name => filePath(this.#job, resolve(baseFolder ?? '.'), name),
    }
  }
}

/** @throws UserError BAD_JOB for a file that the job does not name */
export function filePath(job: CompiledJob, folder: string, name: string): string {
  if (job.plan.files.includes(name)) return join(folder, name)
  const known = job.plan.files.length === 0 ? 'none' : job.plan.files.join(', ')
  throw new UserError('BAD_JOB', `the job has no file "${name}"; its files: ${known}`)
}

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  if (content.length > 0) yield content
}

function producerOf(task: number, folder: string, outputs: readonly TaskOutput[]): Producer {
  return {
    key: keyOfNumber(task),
    outputs: outputs.map(({label, file, bytes, records}) => ({
      label,
      place: {type: 'file', node: nodeName, path: join(folder, file)},
      bytes,
      records,
    })),
    inputs: outputs.map(({label, file, offset, bytes}, number) => ({
      number,
      label,
      replicas: [join(folder, file)],
      section: {offset, bytes},
    })),
  }
}

function jobFailed(job: string, stage: string, task: number, error: NonNullable<TaskResult['error']>): UserError {
  const record = error.record === null ? '' : `\n  at record ${error.record}`
  const cause = new Error(error.message)
  if (error.stack !== null) cause.stack = error.stack
  return new UserError(
    'JOB_FAILED',
    `the job ${job} failed in stage ${stage}, task ${task}: ${error.message}${record}`,
    {
      cause,
    },
  )
}
