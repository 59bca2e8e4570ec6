/** `inferno daemon` as a person starts it: the lease of its state folder, signals, log lines. */
import {mkdirSync} from 'node:fs'
import {setTimeout as sleepFor} from 'node:timers/promises'
import {isDiskFull, openRuleState, type RuleState} from '../../storage/index.ts'
import {type DriveOptions, Driver} from './drive.ts'
import type {LogLine} from './events.ts'
import {takeLease} from './lease.ts'
import {killAfterMs} from './limits.ts'
import {assertFolder} from './read-folder.ts'

export interface DaemonOptions extends Omit<DriveOptions, 'now' | 'sleep' | 'log'> {
  /** Wait for the end of another daemon with the same state. */
  readonly waits: boolean
  /** What runs get to end by themselves after the first signal. Milliseconds. */
  readonly graceMs: number
}

/**
 * Runs until SIGTERM or SIGINT. The first one ends it when its runs are over, or are ended after the grace; a second one at once.
 *
 * @throws UserError CANNOT_START when another daemon has the state folder, RULE_NOT_FOUND without a rules folder
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const {stateFolder, rulesFolder, waits, graceMs} = options
  assertFolder(rulesFolder)
  mkdirSync(stateFolder, {recursive: true, mode: 0o700})
  const state = await openRuleState(stateFolder)
  const stop = new Stop(graceMs)
  try {
    const onWait = (holder: string): void => log({level: 'info', msg: 'waiting for another daemon to end', holder})
    const token = await takeLease(state, {folder: stateFolder, waits, now, sleep, onWait, signal: stop.signal})
    if (token === undefined) return
    try {
      const driver = new Driver(state, token, {...options, now, sleep, log})
      stop.watch(driver)
      log({level: 'info', msg: 'daemon started', pid: process.pid, rules: rulesFolder, state: stateFolder})
      await driver.run()
      log({level: 'info', msg: 'daemon ended'})
    } finally {
      release(state, token)
    }
  } finally {
    stop.close()
    state.close()
  }
}

/** On a full disk the lease stays until it is over, or its process is seen to be gone. */
function release(state: RuleState, token: string): void {
  try {
    state.releaseLease(token)
  } catch (error) {
    if (!isDiskFull(error)) throw error
    log({level: 'warn', msg: 'the disk is full: the lease is not given back'})
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const

/** What signals do. */
class Stop {
  readonly #graceMs: number
  readonly #controller = new AbortController()
  readonly #onSignal = (): void => this.#take()
  #driver: Driver | undefined
  #count = 0
  #timers: NodeJS.Timeout[] = []

  constructor(graceMs: number) {
    this.#graceMs = graceMs
    for (const signal of signals) process.on(signal, this.#onSignal)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  watch(driver: Driver): void {
    this.#driver = driver
    if (this.#count > 0) driver.shutdown()
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    for (const signal of signals) process.off(signal, this.#onSignal)
  }

  #take(): void {
    this.#count++
    this.#controller.abort()
    if (this.#count > 1) {
      this.#driver?.kill('SIGKILL')
      return
    }
    this.#driver?.shutdown()
    this.#later(this.#graceMs, () => this.#driver?.kill('SIGTERM'))
    this.#later(this.#graceMs + killAfterMs, () => this.#driver?.kill('SIGKILL'))
  }

  #later(ms: number, work: () => void): void {
    this.#timers.push(setTimeout(work, ms))
  }
}

/** The clock on the wall: schedules are about that. */
const now = (): number => Date.now()

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleepFor(ms, undefined, {signal})
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** One JSON object a line. */
function log({level, msg, ...rest}: LogLine): void {
  const line = {ts: new Date().toISOString(), level, mod: 'daemon', msg, ...rest}
  process.stderr.write(`${JSON.stringify(line)}\n`)
}
