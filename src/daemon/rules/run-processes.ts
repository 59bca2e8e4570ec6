/**
 * The processes of runs. Each is `RUNNER run MODULE.RULE --report FILE -y FOLDER` in a process group of its own, its output goes
 * straight to its log: it depends on nothing of the daemon's and goes on to its end when the daemon is killed.
 */
import {type ChildProcess, spawn} from 'node:child_process'
import {closeSync} from 'node:fs'
import {errorCodeOf, messageOf} from '../../base/index.ts'
import {runVariable} from '../../client/index.ts'
import type {ProcessIdentity, RunRow} from '../../storage/index.ts'
import type {RunOutcome} from './events.ts'
import {followEveryMs, logCheckMs} from './limits.ts'
import {fateOf, findRun, identityOf} from './processes.ts'
import {readReport} from './report-file.ts'
import type {RunFiles} from './run-files.ts'

export interface RunProcessesOptions {
  readonly files: RunFiles
  /** Program and arguments before `run`. */
  readonly runner: readonly string[]
  /** For runs besides the daemon's own environment. */
  readonly env: Readonly<Record<string, string>>
  /** Of the state, so that runs of two daemons are told apart. */
  readonly stateId: string
  readonly onStarted: (run: number, process: ProcessIdentity | undefined) => void
  readonly onEnded: (run: number, outcome: RunOutcome) => void
}

/**
 * Each run that is started or followed ends with one `onEnded`. Runs of an earlier daemon are no children of this process: they
 * are looked at every `followEveryMs`.
 */
export class RunProcesses {
  readonly #options: RunProcessesOptions
  /** Of runs that go on, where it is known. */
  readonly #going = new Map<number, ProcessIdentity | undefined>()
  readonly #followed = new Map<number, ProcessIdentity>()
  #isKilling = false
  #logTimer: NodeJS.Timeout | undefined
  #followTimer: NodeJS.Timeout | undefined

  constructor(options: RunProcessesOptions) {
    this.#options = options
  }

  start(run: RunRow, rulesFolder: string): void {
    const {files, runner, env, onStarted} = this.#options
    const [program = '', ...before] = runner
    const args = [...before, 'run', run.rule, '--report', files.reportPath(run.id), '-y', rulesFolder]
    const log = files.openLog(run.id)
    let child: ChildProcess
    try {
      child = spawn(program, args, {
        detached: true,
        stdio: ['ignore', log, log],
        env: {...process.env, ...env, [runVariable]: this.#keyOf(run.id)},
      })
    } catch (error) {
      this.#end(run.id, {type: 'failed', message: `it cannot be started: ${messageOf(error)}`})
      return
    } finally {
      closeSync(log)
    }
    const identity = child.pid === undefined ? undefined : identityOf(child.pid)
    this.#going.set(
      run.id,
      identity ?? (child.pid === undefined ? undefined : {pid: child.pid, startedTicks: '', boot: ''}),
    )
    this.#watchLogs()
    child.once('error', error => {
      if (child.pid === undefined)
        this.#end(run.id, {type: 'failed', message: `it cannot be started: ${error.message}`})
    })
    child.once('exit', (code, signal) => this.#end(run.id, this.#outcomeOf(run.id, code, signal)))
    if (child.pid !== undefined) onStarted(run.id, identity)
  }

  /** Waits for a run that an earlier daemon started. */
  follow(run: RunRow): void {
    const process = run.process ?? findRun(this.#keyOf(run.id))
    if (process === undefined || fateOf(process) !== 'alive') {
      this.#end(run.id, readReport(this.#options.files.reportPath(run.id)) ?? {type: 'gone'})
      return
    }
    this.#going.set(run.id, process)
    this.#followed.set(run.id, process)
    this.#watchLogs()
    this.#followTimer ??= setInterval(() => this.#lookAtFollowed(), followEveryMs)
    if (run.process === undefined) this.#options.onStarted(run.id, process)
  }

  get count(): number {
    return this.#going.size
  }

  /** Ends all runs; those that leave no report count as interrupted. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#isKilling = true
    for (const identity of this.#going.values()) if (identity !== undefined) killGroup(identity.pid, signal)
  }

  /** Looks after nothing any more; runs go on. */
  close(): void {
    clearInterval(this.#logTimer)
    clearInterval(this.#followTimer)
  }

  #outcomeOf(run: number, code: number | null, signal: NodeJS.Signals | null): RunOutcome {
    const {files} = this.#options
    const reported = readReport(files.reportPath(run))
    if (reported !== undefined) return reported
    if (this.#isKilling) return {type: 'gone'}
    const how = signal === null ? `it ended with status ${code} and left no report` : `it was killed by ${signal}`
    const tail = files.logTail(run)
    return {type: 'failed', message: tail === '' ? how : `${how}; its last words:\n${tail}`}
  }

  #lookAtFollowed(): void {
    for (const [run, process] of this.#followed) {
      if (fateOf(process) === 'alive') continue
      this.#end(run, readReport(this.#options.files.reportPath(run)) ?? {type: 'gone'})
    }
  }

  #end(run: number, outcome: RunOutcome): void {
    this.#going.delete(run)
    this.#followed.delete(run)
    if (this.#followed.size === 0) {
      clearInterval(this.#followTimer)
      this.#followTimer = undefined
    }
    this.#watchLogs()
    this.#options.files.capLog(run)
    this.#options.onEnded(run, outcome)
  }

  #watchLogs(): void {
    if (this.#going.size > 0) {
      this.#logTimer ??= setInterval(() => {
        for (const run of this.#going.keys()) this.#options.files.capLog(run)
      }, logCheckMs)
      return
    }
    clearInterval(this.#logTimer)
    this.#logTimer = undefined
  }

  #keyOf(run: number): string {
    return `${this.#options.stateId}/${run}`
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // It ended by itself.
    if (errorCodeOf(error) !== 'ESRCH') throw error
  }
}
