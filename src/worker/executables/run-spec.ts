/** What one run of a worker is given, what it may ask for, and what comes out of it. */
import {type WorkerTask, workerTextCharsMax} from '../../protocol/index.ts'
import type {CollectedOutput} from './run-folder.ts'
import type {RemoteOutput, SessionEnd, SessionInput} from './session.ts'

export interface WorkerRunSpec {
  readonly task: WorkerTask
  readonly run: number
  /** Path of the executable in the job home. */
  readonly worker: string
  /** The folder of the job home. */
  readonly home: string
  readonly envs: Readonly<Record<string, string>>
  /** PEM of the authority behind the cluster's https addresses; undefined: one that everybody knows, or there are none. */
  readonly ca?: string | undefined
  /** Of this run alone; it exists. */
  readonly folder: string
  readonly inputs: readonly SessionInput[]
  /** False: more inputs may come. */
  readonly hasAllInputs: boolean
  readonly limits: {readonly memoryBytes: number; readonly taskSeconds: number}
  /** That the worker runs as; left out: as this process does. */
  readonly user?: number
}

export interface WorkerPorts {
  /** A line for the log of the task. */
  log(line: string): void
  /** Inputs that are new since the last call; undefined when no more will come. */
  moreInputs?(): Promise<readonly SessionInput[] | undefined>
  /** Of what the worker is allowed, shortened in tests. Milliseconds. */
  readonly limits?: Partial<WorkerTimes>
}

export interface WorkerTimes {
  readonly handshakeMs: number
  readonly partialMs: number
  readonly lastWordsSilenceMs: number
}

export type Failure = Extract<SessionEnd, {type: 'failed'}>

export interface WorkerResult {
  /** Durable. Empty when there is an error. */
  readonly outputs: readonly CollectedOutput[]
  /** In the order in which they were reported. */
  readonly remoteOutputs: readonly RemoteOutput[]
  readonly error: Failure | null
  readonly logsDropped: number
  readonly wallMs: number
  readonly cpuMs: number
}

export const failure = (kind: 'error' | 'fatal', text: string): Failure => ({
  type: 'failed',
  class: kind,
  text,
  input: null,
})

/** A text of a worker as it is told. */
export const cutText = (text: string): string =>
  text.length > workerTextCharsMax ? `${text.slice(0, workerTextCharsMax - 1)}…` : text
