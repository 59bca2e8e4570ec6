import type {KeyName} from '../../../../src/ui/monitor/keys.ts'
import {type MonitorModel, type StartOptions, startModel} from '../../../../src/ui/monitor/model.ts'
import {type MonitorEvent, monitorAfter, requestOf} from '../../../../src/ui/monitor/monitor-after.ts'
import {type FakeOptions, fakeSnapshot, startedAtMs} from './fake-source.ts'

/** A model that grows with events, as the shell would make it. */
export class Play {
  model: MonitorModel
  readonly #fake: FakeOptions
  #step = 0

  constructor(fake: FakeOptions = {}, start: Partial<StartOptions> = {}) {
    this.#fake = fake
    this.model = startModel({
      columns: 80,
      rows: 24,
      isColor: false,
      nowMs: startedAtMs,
      zoneOffsetMinutes: 0,
      ...start,
    })
  }

  /** Looks so many times, a second apart. */
  look(count = 1): this {
    for (let done = 0; done < count; done++) {
      const snapshot = fakeSnapshot(this.#step++, requestOf(this.model), this.#fake)
      this.event({type: 'snapshot', snapshot, nowMs: this.nowMs})
    }
    return this
  }

  get nowMs(): number {
    return startedAtMs + this.#step * 1000
  }

  /** Nobody answers for so many seconds from now. */
  fail(): this {
    return this.event({type: 'poll-failed', reason: 'nothing answers at http://web1:8989', nowMs: this.nowMs})
  }

  wait(seconds: number): this {
    this.#step += seconds
    return this.event({type: 'tick', nowMs: this.nowMs})
  }

  resize(columns: number, rows: number): this {
    return this.event({type: 'resize', columns, rows})
  }

  /** Keys by name; a text in quotes of one character each. */
  press(...keys: readonly (KeyName | string)[]): this {
    for (const key of keys) {
      const names = key.startsWith('"') ? Array.from(key.slice(1)).map(char => `char:${char}`) : [key]
      for (const name of names) this.event({type: 'key', key: name as KeyName, nowMs: this.nowMs})
    }
    return this
  }

  event(event: MonitorEvent): this {
    this.model = monitorAfter(this.model, event)
    return this
  }
}
