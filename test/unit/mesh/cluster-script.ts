/** A master's membership on a clock that only the test moves. */
import {checkMembership} from '../../../src/mesh/check.ts'
import {timingsDefault} from '../../../src/mesh/limits.ts'
import type {Member} from '../../../src/mesh/member.ts'
import {membersOf, startMembership, stepMembership, viewOf} from '../../../src/mesh/membership.ts'
import type {
  MembershipEffect,
  MembershipEvent,
  MembershipStart,
  MembershipState,
} from '../../../src/mesh/membership-types.ts'
import type {ClusterView, Hello, Refused} from '../../../src/protocol/index.ts'

type Occurrence<E = MembershipEvent> = E extends MembershipEvent ? Omit<E, 'nowMs'> : never

export class ClusterScript {
  readonly state: MembershipState
  nowMs = 1_000_000
  /** All effects so far. */
  readonly effects: MembershipEffect[] = []
  #wakeAtMs: number | undefined
  #nextConnection = 1

  constructor(start: Partial<MembershipStart> = {}) {
    this.state = startMembership({
      key: 'master',
      epoch: 5,
      nowMs: this.nowMs,
      timings: timingsDefault,
      settings: {},
      newCluster: 'new',
      ...start,
    })
    this.step({type: 'tick'})
  }

  step(occurrence: Occurrence): MembershipEffect[] {
    const effects = stepMembership(this.state, {...occurrence, nowMs: this.nowMs})
    for (const effect of effects) if (effect.type === 'wake') this.#wakeAtMs = effect.atMs
    this.effects.push(...effects)
    checkMembership(this.state)
    return effects
  }

  /** Lets time pass, waking the core when it asked for it. `each` runs every heartbeat. */
  pass(ms: number, each?: () => void): MembershipEffect[] {
    const endMs = this.nowMs + ms
    const seen: MembershipEffect[] = []
    let beatMs = this.nowMs
    while (this.nowMs < endMs) {
      beatMs = beatMs <= this.nowMs ? this.nowMs + timingsDefault.heartbeatMs : beatMs
      this.nowMs = Math.max(this.nowMs, Math.min(endMs, beatMs, this.#wakeAtMs ?? endMs))
      if (this.#wakeAtMs !== undefined && this.#wakeAtMs <= this.nowMs) {
        this.#wakeAtMs = undefined
        seen.push(...this.step({type: 'tick'}))
      }
      if (this.nowMs === beatMs) each?.()
    }
    return seen
  }

  /** Dials and, when welcome, links. @returns the connection, or the refusal */
  dial(node: string, given: Partial<Hello> = {}): number | Refused {
    const connection = this.#nextConnection++
    const hello = helloOf(node, given)
    const answers = this.step({type: 'hello', connection, hello})
    const refused = refusalIn(answers)
    if (refused !== undefined) return refused
    if (!answers.some(effect => effect.type === 'welcome')) throw new Error('neither welcome nor refused')
    return refusalIn(this.step({type: 'linked', connection, hello})) ?? connection
  }

  /** A node that is up. @returns its connection */
  up(node: string, given: Partial<Hello> = {}): number {
    const connection = this.dial(node, given)
    if (typeof connection !== 'number') throw new Error(connection.message)
    this.step({type: 'joined', node})
    return connection
  }

  member(node: string): Member | undefined {
    return membersOf(this.state).find(one => one.name === node)
  }

  stateOf(node: string): string | undefined {
    return this.member(node)?.state
  }

  get view(): ClusterView {
    return viewOf(this.state)
  }
}

export function helloOf(node: string, given: Partial<Hello> = {}): Hello {
  return {
    type: 'hello',
    to: 'master',
    protocol: {min: 1, max: 1},
    software: 'test',
    node,
    key: `key-${node}`,
    pid: 1,
    slotCount: 2,
    address: `http://${node}:7800`,
    epoch: 0,
    nowMs: 0,
    ...given,
  }
}

export const refusalIn = (effects: readonly MembershipEffect[]): Refused | undefined =>
  effects.find(effect => effect.type === 'refuse')?.refused
