/** A core with a clock that stands still until it is moved, and what it has ordered so far. */
import {checkState} from '../../../../src/daemon/rules/check.ts'
import type {RuleDefinition} from '../../../../src/daemon/rules/definition.ts'
import type {DaemonEffect, DaemonEvent, RunOutcome} from '../../../../src/daemon/rules/events.ts'
import {type DaemonState, newState} from '../../../../src/daemon/rules/state.ts'
import {step} from '../../../../src/daemon/rules/step.ts'
import type {RuleRecord} from '../../../../src/storage/index.ts'
import {reading} from './a-rule.ts'

type WithoutTime<T> = T extends unknown ? Omit<T, 'nowMs'> : never

export const startMs = Date.parse('2026-03-01T00:00Z')
export const minuteMs = 60_000
export const hourMs = 3_600_000

export class CoreBench {
  readonly state: DaemonState
  nowMs = startMs
  /** Of the last event. */
  effects: DaemonEffect[] = []
  wakeAtMs: number | undefined

  constructor(rules: readonly RuleDefinition[] = [], {concurrentMax = 2, isPaused = false} = {}) {
    this.state = newState(concurrentMax)
    this.take({
      type: 'started',
      isPaused,
      contents: {records: [], openRuns: [], nextRun: 1, pausedMs: undefined, notices: []},
    })
    if (rules.length > 0) this.take({type: 'rules-read', modules: [reading(rules)]})
  }

  take(event: WithoutTime<DaemonEvent>): DaemonEffect[] {
    this.effects = step(this.state, {...event, nowMs: this.nowMs} as DaemonEvent)
    checkState(this.state)
    for (const effect of this.effects) if (effect.type === 'wake') this.wakeAtMs = effect.atMs
    return this.effects
  }

  later(ms: number): DaemonEffect[] {
    this.nowMs += ms
    return this.take({type: 'tick'})
  }

  end(rule: string, outcome: RunOutcome): DaemonEffect[] {
    const run = this.state.running.get(`m.${rule}`)
    if (run === undefined) throw new Error(`${rule} does not run`)
    return this.take({type: 'run-ended', run: run.id, outcome})
  }

  order(type: 'pause' | 'resume' | 'wake', rule?: string): DaemonEffect[] {
    return this.take({type: 'ordered', order: {id: 1, type, rule: rule === undefined ? undefined : `m.${rule}`}})
  }

  record(rule: string): RuleRecord {
    const record = this.state.records.get(`m.${rule}`)
    if (record === undefined) throw new Error(`${rule} has no record`)
    return record
  }

  /** Names of the rules that run. */
  get running(): string[] {
    return [...this.state.running.keys()].map(name => name.slice(2))
  }

  get notices(): string[] {
    return this.effects.flatMap(effect => (effect.type === 'notify' ? [effect.notice.kind] : []))
  }

  get started(): string[] {
    return this.effects.flatMap(effect =>
      effect.type === 'start-run' ? [`${effect.run.rule.slice(2)} by ${effect.run.trigger}`] : [],
    )
  }

  get messages(): string[] {
    return this.effects.flatMap(effect => (effect.type === 'log' ? [effect.line.msg] : []))
  }
}
