/** The pairs in a job's results, read as a task of another job would read them: checked, and from another node when one fails. */
import {ClusterError} from '../../base/index.ts'
import type {JobClient} from '../../client/index.ts'
import type {JobResults} from '../../protocol/index.ts'
import {makeRunFolder, removeRunFolder, runTask} from '../../worker/index.ts'

export type TakePair = (key: unknown, value: unknown) => void | Promise<void>

const readerName = 'results'

/** Of the task, which sorts nothing and holds nothing back. Bytes. */
const unusedBytes = 1 << 20

/**
 * Calls `take` for each pair, in order, one after the other. An output larger than memory goes through a temporary file.
 *
 * @throws ClusterError UNAVAILABLE when no node gives an output, or one is damaged; what `take` throws
 */
export async function readPairs(
  jobs: JobClient,
  results: JobResults,
  take: TakePair,
  signal?: AbortSignal,
): Promise<void> {
  const {outputs} = results
  const folder = makeRunFolder()
  let thrown: {readonly error: unknown} | undefined
  const handOn = async (input: AsyncIterable<unknown>): Promise<void> => {
    for await (const pair of input) {
      const [key, value] = pair as readonly [unknown, unknown]
      try {
        await take(key, value)
      } catch (error) {
        thrown = {error}
        throw error
      }
    }
  }
  try {
    const inputs = outputs.map(({label, bytes}, number) => ({
      number,
      label,
      replicas: [`output ${number}`],
      section: {offset: 0, bytes},
    }))
    const spec = {job: readerName, stage: 0, task: 0, run: 1, node: 'local', label: 0, inputs, folder}
    const {error} = await runTask(
      {plan, functions: [{body: {type: 'process', process: handOn}}], reader: undefined},
      spec,
      {
        openInput: ({number}, _replica, from) => skipping(jobs.readOutput(outputs[number]!, {signal}), from),
        localPath: () => undefined,
        log: () => undefined,
        getOob: async () => undefined,
        file: name => name,
      },
    )
    if (thrown !== undefined) throw thrown.error
    if (signal?.aborted) throw signal.reason
    if (error !== null) throw new ClusterError('UNAVAILABLE', `the results cannot be read: ${error.message}`)
  } finally {
    removeRunFolder(folder)
  }
}

/** A task that hands on what it reads. */
const plan = {
  version: 1,
  name: readerName,
  description: '',
  stages: [
    {name: readerName, grouping: 'group-all', isConcurrent: false, isMerged: false, isSorted: false, partitions: null},
  ],
  inputs: [],
  reader: {type: 'records'},
  params: {},
  files: [],
  saveResults: null,
  limits: {
    memoryBytes: unusedBytes,
    sortBytes: unusedBytes,
    taskSeconds: 1,
    badRecords: null,
    slots: null,
    failures: null,
  },
} as const

/** Without the first bytes, which the reader has from an address that failed half-way. */
async function* skipping(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}
