/** Results of runs that did not come to give one themselves. */
import type {TaskError, TaskResult} from '../task/types.ts'

/** A failure that can be tried again (class `error`), and nothing else: no outputs, no counts. */
export function failedResult(message: string, wallMs: number): TaskResult {
  return failedResultWith({class: 'error', message, stack: null, record: null, input: null}, wallMs)
}

/** The error, and nothing else: no outputs, no counts. @param wallMs - how long the run took, milliseconds */
export function failedResultWith(error: TaskError, wallMs: number): TaskResult {
  return {
    outputs: [],
    counters: {},
    account: {in: 0, out: 0, bad: 0, badByReason: {}, badSamples: []},
    oob: [],
    logsDropped: 0,
    usage: {wallMs, cpuMs: 0, bytes: 0},
    error,
  }
}
