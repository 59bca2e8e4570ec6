import {spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {runVariable} from '../../../../src/client/index.ts'
import {holderOf, type LeaseOptions, takeLease} from '../../../../src/daemon/rules/lease.ts'
import {leaseMs} from '../../../../src/daemon/rules/limits.ts'
import {fateOf, findRun, identityOf, ownIdentity} from '../../../../src/daemon/rules/processes.ts'
import {type Lease, openRuleState, type ProcessIdentity, type RuleState} from '../../../../src/storage/index.ts'

let folder: string
let state: RuleState
beforeEach(async () => {
  folder = mkdtempSync(`${tmpdir()}/lease-`)
  state = await openRuleState(folder)
})
afterEach(() => {
  state.close()
  rmSync(folder, {recursive: true})
})

const nowMs = 1_000_000
const waited: string[] = []
function options(changes: Partial<LeaseOptions> = {}): LeaseOptions {
  return {
    folder,
    waits: false,
    now: () => nowMs,
    sleep: async () => undefined,
    onWait: holder => waited.push(holder),
    signal: new AbortController().signal,
    ...changes,
  }
}

function heldBy(holder: ProcessIdentity, deadlineMs = nowMs + leaseMs): void {
  const lease: Lease = {holder, token: 'other', takenAtMs: nowMs - 5000, deadlineMs}
  state.takeLease(lease, () => true)
}

test('a free lease is taken and held', async () => {
  const token = await takeLease(state, options())
  expect(state.lease()).toMatchObject({token, holder: ownIdentity(), deadlineMs: nowMs + leaseMs})
  expect(holderOf(state, nowMs)?.holder.pid).toBe(process.pid)
  expect(holderOf(state, nowMs + leaseMs + 1)).toBeUndefined()
})

test('one whose holder lives is refused, by its name', async () => {
  heldBy(ownIdentity())
  await expect(takeLease(state, options())).rejects.toThrow(
    `already: process ${process.pid}, started 1970-01-01T00:16:35`,
  )
})

test('one whose holder is gone is taken over at once, also when its number is another process by now', async () => {
  heldBy({...ownIdentity(), startedTicks: '1'})
  expect(await takeLease(state, options())).toBe(state.lease()?.token)
})

test('one past its deadline is taken over, though its holder is there', async () => {
  heldBy(ownIdentity(), nowMs - 1)
  expect(await takeLease(state, options())).toBe(state.lease()?.token)
})

test('one with a deadline that no lease can have is of a clock that was set back', async () => {
  heldBy(ownIdentity(), nowMs + 3 * leaseMs)
  expect(await takeLease(state, options())).toBe(state.lease()?.token)
})

test('one of another boot is waited for until its deadline, and refused if it is renewed', async () => {
  const elsewhere = {...ownIdentity(), boot: 'another'}
  heldBy(elsewhere)
  let time = nowMs
  const sleep = async (ms: number): Promise<void> => {
    time += ms
  }
  expect(await takeLease(state, options({now: () => time, sleep}))).toBe(state.lease()?.token)
  expect(time).toBeGreaterThan(nowMs + leaseMs)

  heldBy(elsewhere, time + leaseMs)
  const renewing = async (ms: number): Promise<void> => {
    time += ms
    state.renewLease('other', time + leaseMs)
  }
  await expect(takeLease(state, options({now: () => time, sleep: renewing}))).rejects.toThrow('already')
})

test('who waits has it when it is let go', async () => {
  heldBy(ownIdentity())
  const sleep = async (): Promise<void> => state.releaseLease('other')
  expect(await takeLease(state, options({waits: true, sleep}))).toBe(state.lease()?.token)
  expect(waited.length).toBeGreaterThan(0)
})

test('a process is alive, gone, or of somewhere else; one of a run is found by its environment', async () => {
  const child = spawn('sleep', ['60'], {env: {...process.env, [runVariable]: `${folder}/7`}})
  try {
    const identity = identityOf(child.pid ?? 0)
    expect(identity).toMatchObject({pid: child.pid})
    if (identity === undefined) return
    expect(fateOf(identity)).toBe('alive')
    expect(fateOf({...identity, boot: 'x'})).toBe('unknown')
    // Its environment is there once it runs its own program.
    while (findRun(`${folder}/7`) === undefined) await new Promise(resolve => setImmediate(resolve))
    expect(findRun(`${folder}/7`)).toEqual(identity)
    expect(findRun(`${folder}/8`)).toBeUndefined()
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('exit', resolve))
    expect(fateOf(identity)).toBe('gone')
    expect(identityOf(identity.pid)).toBeUndefined()
  } finally {
    child.kill('SIGKILL')
  }
})
