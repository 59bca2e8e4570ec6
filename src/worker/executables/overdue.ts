/** What a worker may not do for longer: looked at now and then, decided here without a clock. */
import {formatBytes} from '../../base/index.ts'
import {lastWordsBytesMax} from './limits.ts'
import {type Failure, failure, type WorkerRunSpec, type WorkerTimes} from './run-spec.ts'

/** A worker as it is at one moment. Times in milliseconds. */
export interface WorkerFacts {
  readonly residentBytes: number
  readonly runMs: number
  /** Since its last byte. */
  readonly silentMs: number
  /** It said a message. */
  readonly hasSpoken: boolean
  /** A message has begun and is not whole, and nothing of ours is in its way. */
  readonly isStuck: boolean
  /** Bytes since it is no longer understood; undefined: it is. */
  readonly brokenBytes: number | undefined
  /** See LastWords. */
  readonly lastWords: string
}

/** @returns why the run ends; `died`: it is no longer understood, and has had its last words; undefined: it goes on */
export function overdueOf(
  facts: WorkerFacts,
  {memoryBytes, taskSeconds}: WorkerRunSpec['limits'],
  times: WorkerTimes,
): Failure | 'died' | undefined {
  const {residentBytes, runMs, silentMs, brokenBytes} = facts
  if (residentBytes > memoryBytes) {
    const held = formatBytes(residentBytes)
    return failure('error', `the worker held ${held} of memory, more than its limit of ${formatBytes(memoryBytes)}`)
  }
  if (runMs > taskSeconds * 1000) return failure('error', `the run took longer than its limit of ${taskSeconds} s`)
  if (brokenBytes !== undefined) {
    return silentMs > times.lastWordsSilenceMs || brokenBytes > lastWordsBytesMax ? 'died' : undefined
  }
  if (!facts.hasSpoken && runMs > times.handshakeMs) {
    const seconds = Math.round(times.handshakeMs / 1000)
    return failure('error', `Worker did not send its PID in ${seconds} seconds${facts.lastWords}`)
  }
  if (facts.isStuck && silentMs > times.partialMs) return failure('error', 'Worker stuck in the middle of a message')
  return undefined
}
