/** A year around the core: runs that take time and fail, daemons that are killed between any two effects, clocks, people who pause. */
import {type Random, seededRandom} from '../../../../src/base/index.ts'
import {checkState} from '../../../../src/daemon/rules/check.ts'
import type {RuleDefinition} from '../../../../src/daemon/rules/definition.ts'
import type {DaemonEffect, DaemonEvent, RunOutcome} from '../../../../src/daemon/rules/events.ts'
import {type DaemonState, newState} from '../../../../src/daemon/rules/state.ts'
import {step} from '../../../../src/daemon/rules/step.ts'
import type {RuleRecord, RunRow, SavedNotice} from '../../../../src/storage/index.ts'
import {done, failed, gone, reading, skipped} from './a-rule.ts'

export const minuteMs = 60_000
export const hourMs = 3_600_000

interface Process {
  readonly run: number
  readonly rule: string
  readonly endsMs: number
  readonly outcome: RunOutcome
}

export interface Start {
  readonly rule: string
  readonly run: number
  readonly trigger: RunRow['trigger']
  readonly atMs: number
}

export interface Outage {
  readonly fromMs: number
  readonly toMs: number
}

const faults = [
  'failed',
  'skipped',
  'no-report',
  'kill',
  'kill-before-start',
  'kill-with-runs',
  'stop',
  'pause',
  'broken',
] as const
export type Fault = (typeof faults)[number]

export class World {
  nowMs: number
  readonly starts: Start[] = []
  /** Also those that were killed before their process was there. */
  readonly planned: Start[] = []
  readonly outages: Outage[] = []
  readonly fired = new Map<Fault, number>(faults.map(fault => [fault, 0]))
  /** As people got them: some twice, when a daemon was killed before it had noted that. */
  readonly notices: {readonly atMs: number; readonly rule: string; readonly kind: string}[] = []
  /** As it stands in the database. */
  readonly records = new Map<string, RuleRecord>()
  readonly #runs = new Map<number, RunRow>()
  #pausedMs: number | undefined
  readonly #unsent = new Map<number, SavedNotice>()
  #nextRun = 1
  /** On the machine, whoever started them. */
  readonly #processes = new Map<number, Process>()
  /** Left a report that nobody has read. */
  readonly #reports = new Map<number, RunOutcome>()
  readonly #random: Random
  readonly #rules: readonly RuleDefinition[]
  readonly #concurrentMax: number
  #state: DaemonState | undefined
  #followed = new Set<number>()
  #wakeMs: number | undefined
  #killAfter: number | undefined
  isHealed = false

  constructor(seed: number, startMs: number, rules: readonly RuleDefinition[], concurrentMax: number) {
    this.#random = seededRandom(seed)
    this.nowMs = startMs
    this.#rules = rules
    this.#concurrentMax = concurrentMax
  }

  runUntil(endMs: number): void {
    if (this.#state === undefined) this.#startDaemon()
    while (this.nowMs < endMs) {
      const happensMs = this.#nextMs(endMs)
      this.nowMs = Math.max(this.nowMs + 1, happensMs)
      this.#endProcesses()
      if (this.#state !== undefined && this.#wakeMs !== undefined && this.nowMs >= this.#wakeMs) {
        this.#wakeMs = undefined
        this.#take({type: 'tick', nowMs: this.nowMs})
      }
      if (!this.isHealed && this.#random.int(400) === 0) this.#disturb()
    }
  }

  #nextMs(endMs: number): number {
    const ends = [...this.#processes.values()].map(({endsMs}) => endsMs)
    return Math.min(endMs, this.#wakeMs ?? endMs, ...ends)
  }

  #startDaemon(): void {
    this.#state = newState(this.#concurrentMax)
    this.#followed = new Set()
    const contents = {
      records: [...this.records.values()],
      openRuns: [...this.#runs.values()],
      nextRun: this.#nextRun,
      pausedMs: this.#pausedMs,
      notices: [...this.#unsent.values()],
    }
    this.#take({type: 'started', contents, isPaused: false, nowMs: this.nowMs})
    this.#take({type: 'rules-read', modules: [reading(this.#rules)], nowMs: this.nowMs})
  }

  /** As the shell: commits, then does, in order; killed in between when it is to be. */
  #take(event: DaemonEvent): void {
    const queue = [event]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (this.#state === undefined) return
      const effects = step(this.#state, next)
      checkState(this.#state)
      for (const effect of effects) this.#save(effect)
      for (const effect of effects) {
        if (this.#killAfter !== undefined && this.#killAfter-- <= 0) {
          this.#killAfter = undefined
          this.#kill(effect.type === 'start-run' ? 'kill-before-start' : 'kill', hourMs)
          return
        }
        queue.push(...this.#perform(effect))
      }
    }
  }

  #save(effect: DaemonEffect): void {
    if (effect.type === 'save-rule') this.records.set(effect.record.name, effect.record)
    if (effect.type === 'save-paused') this.#pausedMs = effect.pausedMs
    if (effect.type === 'save-notice') this.#unsent.set(effect.notice.id, effect.notice)
    if (effect.type === 'drop-notice') this.#unsent.delete(effect.id)
    if (effect.type !== 'save-run') return
    const {run} = effect
    if (run.id >= this.#nextRun)
      this.planned.push({rule: run.rule, run: run.id, trigger: run.trigger, atMs: this.nowMs})
    this.#nextRun = Math.max(this.#nextRun, run.id + 1)
    if (run.state === 'running') this.#runs.set(run.id, run)
    else this.#runs.delete(run.id)
    const open = [...this.#runs.values()].filter(({rule}) => rule === run.rule)
    if (open.length > 1) throw new Error(`${run.rule} has ${open.length} open runs in the database`)
  }

  #perform(effect: DaemonEffect): DaemonEvent[] {
    switch (effect.type) {
      case 'start-run':
        this.#startProcess(effect.run)
        return []
      case 'follow-run':
        return this.#follow(effect.run)
      case 'notify':
        this.notices.push({atMs: effect.notice.nowMs, rule: effect.notice.rule, kind: effect.notice.kind})
        return [{type: 'notified', id: effect.id, nowMs: this.nowMs}]
      case 'wake':
        this.#wakeMs = effect.atMs
        return []
      case 'finished':
        this.#leave(hourMs / 4)
        return []
      default:
        return []
    }
  }

  #startProcess({id, rule, trigger}: RunRow): void {
    const beside = [...this.#processes.values()].find(process => process.rule === rule)
    if (beside !== undefined) throw new Error(`${rule} is started as ${id} while ${beside.run} goes on`)
    if (this.#processes.size >= this.#concurrentMax) throw new Error('more runs at once than there may be')
    this.starts.push({rule, run: id, trigger, atMs: this.nowMs})
    this.#followed.add(id)
    const endsMs = this.nowMs + 1000 + this.#random.int(20 * minuteMs)
    this.#processes.set(id, {run: id, rule, endsMs, outcome: this.#someOutcome()})
  }

  #someOutcome(): RunOutcome {
    const number = this.isHealed ? 99 : this.#random.int(100)
    if (number < 15) return this.#fire('failed', failed)
    if (number < 20) return this.#fire('skipped', skipped)
    if (number < 22) return this.#fire('no-report', gone)
    return done
  }

  #fire<T>(fault: Fault, value: T): T {
    this.fired.set(fault, (this.fired.get(fault) ?? 0) + 1)
    return value
  }

  #endProcesses(): void {
    for (const process of [...this.#processes.values()]) {
      if (process.endsMs > this.nowMs) continue
      this.#processes.delete(process.run)
      if (this.#state !== undefined && this.#followed.has(process.run)) this.#tellEnd(process.run, process.outcome)
      else if (process.outcome.type === 'report') this.#reports.set(process.run, process.outcome)
    }
  }

  #tellEnd(run: number, outcome: RunOutcome): void {
    // A child of ours that leaves no report has failed; of one that we only follow nobody knows.
    this.#take({type: 'run-ended', run, outcome, nowMs: this.nowMs})
  }

  #follow({id}: RunRow): DaemonEvent[] {
    this.#followed.add(id)
    if (this.#processes.has(id)) return []
    const outcome = this.#reports.get(id) ?? gone
    this.#reports.delete(id)
    return [{type: 'run-ended', run: id, outcome, nowMs: this.nowMs}]
  }

  #disturb(): void {
    if (this.#state === undefined) return
    switch (this.#random.int(5)) {
      case 0:
        this.#killAfter = this.#random.int(6)
        break
      case 1:
        this.#processes.clear()
        this.#kill('kill-with-runs', 30 * hourMs)
        break
      case 2:
        this.#fire('stop', undefined)
        this.#take({type: 'shutdown', nowMs: this.nowMs})
        break
      case 3:
        this.#pauseFor(this.#random.int(20 * hourMs))
        break
      default:
        this.#fire('broken', undefined)
        this.#take({type: 'rules-read', modules: [reading([], [{message: 'no'}])], nowMs: this.nowMs})
        this.#take({type: 'rules-read', modules: [reading(this.#rules)], nowMs: this.nowMs})
    }
  }

  #pauseFor(ms: number): void {
    this.#fire('pause', undefined)
    const fromMs = this.nowMs
    this.#take({type: 'ordered', order: {id: 1, type: 'pause', rule: undefined}, nowMs: this.nowMs})
    const untilMs = this.nowMs + ms
    const wasHealed = this.isHealed
    this.isHealed = true
    this.runUntil(untilMs)
    this.isHealed = wasHealed
    this.#take({type: 'ordered', order: {id: 2, type: 'resume', rule: undefined}, nowMs: this.nowMs})
    this.outages.push({fromMs, toMs: this.nowMs})
  }

  #kill(fault: Fault, outageMsMax: number): void {
    this.#fire(fault, undefined)
    this.#leave(this.#random.int(outageMsMax))
  }

  /** No daemon for a while; processes go on, and end unseen. */
  #leave(ms: number): void {
    this.#state = undefined
    this.#wakeMs = undefined
    const fromMs = this.nowMs
    this.nowMs += 1000 + ms
    this.#endProcesses()
    this.outages.push({fromMs, toMs: this.nowMs})
    this.#startDaemon()
  }
}
