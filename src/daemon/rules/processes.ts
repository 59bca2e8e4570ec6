/** Processes by more than their number, as the system tells (Linux: /proc). */
import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {errorCodeOf} from '../../base/index.ts'
import {runVariable} from '../../client/index.ts'
import type {ProcessIdentity} from '../../storage/index.ts'

/** @returns undefined when there is no such process */
export function identityOf(pid: number): ProcessIdentity | undefined {
  if (!isThere(pid)) return undefined
  return {pid, startedTicks: startedTicksOf(pid) ?? '', boot: bootOf()}
}

export const ownIdentity = (): ProcessIdentity => ({
  pid: process.pid,
  startedTicks: startedTicksOf(process.pid) ?? '',
  boot: bootOf(),
})

/** `unknown`: it is of another boot or another space of process ids, where numbers mean something else. */
export function fateOf({pid, startedTicks, boot}: ProcessIdentity): 'alive' | 'gone' | 'unknown' {
  if (boot !== bootOf()) return 'unknown'
  if (!isThere(pid)) return 'gone'
  const ticks = startedTicksOf(pid)
  return ticks === undefined || ticks === startedTicks ? 'alive' : 'gone'
}

/** A process of ours that was started for a run, by its environment. */
export function findRun(runKey: string): ProcessIdentity | undefined {
  for (const name of listProcesses()) {
    const environment = readOrNothing(`/proc/${name}/environ`)
    if (environment?.split('\0').includes(`${runVariable}=${runKey}`) === true) return identityOf(Number(name))
  }
  return undefined
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // It is someone else's, but it is there.
    return errorCodeOf(error) === 'EPERM'
  }
  // Ended, and its parent did not look yet.
  return (
    readOrNothing(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, '')
      .startsWith('Z') !== true
  )
}

/** Field 22 of its stat; the name before it, in parentheses, may hold anything. */
function startedTicksOf(pid: number): string | undefined {
  return readOrNothing(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')[startFieldIndex]
}
const startFieldIndex = 19

function bootOf(): string {
  const boot = readOrNothing('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return `${boot}/${pidSpace()}`
}

function pidSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
    return ''
  }
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name))
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
    return []
  }
}

/** What is not there, ended meanwhile, or is someone else's tells nothing. */
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
    return undefined
  }
}
