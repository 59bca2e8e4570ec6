/** One daemon a state folder: who has the lease acts, everyone else is refused or waits. */
import {randomBytes} from 'node:crypto'
import {UserError} from '../../base/index.ts'
import type {Lease, RuleState} from '../../storage/index.ts'
import {leaseMs} from './limits.ts'
import {fateOf, ownIdentity} from './processes.ts'

export interface LeaseOptions {
  readonly folder: string
  /** Wait until it is free, instead of an error. */
  readonly waits: boolean
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onWait: (holder: string) => void
  readonly signal: AbortSignal
}

/**
 * Takes the lease of a state folder.
 *
 * It is taken over when its holder is gone, as the system says for a process of this boot, or when it is past its deadline. Of a
 * holder about which nothing can be said (the machine was started anew, another container) the deadline is waited for.
 *
 * @returns the token of the lease; undefined when the signal came first
 * @throws UserError CANNOT_START naming the holder, which is alive
 */
export async function takeLease(state: RuleState, options: LeaseOptions): Promise<string | undefined> {
  const {folder, waits, now, sleep, onWait, signal} = options
  const token = randomBytes(16).toString('hex')
  let waitedFor = ''
  while (!signal.aborted) {
    const nowMs = now()
    const own: Lease = {holder: ownIdentity(), token, takenAtMs: nowMs, deadlineMs: nowMs + leaseMs}
    const held = state.takeLease(own, lease => isFree(lease, nowMs))
    if (held.token === token) return token
    const holder = `process ${held.holder.pid}, started ${new Date(held.takenAtMs).toISOString()}`
    // One that says nothing is waited for until its deadline; if it renews, it lives.
    const isSilent = fateOf(held.holder) === 'unknown' && (waitedFor === '' || waitedFor === String(held.deadlineMs))
    if (!waits && !isSilent) {
      throw new UserError('CANNOT_START', `a daemon works with the state folder ${folder} already: ${holder}`, {
        hint: 'stop that one, wait for its end with --wait, or give this one a folder of its own with --state',
      })
    }
    if (waitedFor === '') onWait(holder)
    waitedFor = String(held.deadlineMs)
    await sleep(tryEveryMs, signal)
  }
  return undefined
}

const tryEveryMs = 1000

function isFree({holder, deadlineMs}: Lease, nowMs: number): boolean {
  // A deadline far ahead was written by a clock that was set back since.
  return fateOf(holder) === 'gone' || nowMs > deadlineMs || deadlineMs > nowMs + 2 * leaseMs
}

/** Who has the lease of a folder now, if anyone. */
export function holderOf(state: RuleState, nowMs: number): Lease | undefined {
  const lease = state.lease()
  return lease === undefined || isFree(lease, nowMs) ? undefined : lease
}
