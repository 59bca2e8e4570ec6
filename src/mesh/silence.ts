/** What time does to a membership: silence, the search by others, loss, and the sleep of the master itself. */
import {compareText} from '../base/index.ts'
import type {MeshTimings, NodeName} from '../protocol/index.ts'
import {changeMember} from './change-member.ts'
import {missedHeartbeatsMax, probersMax} from './limits.ts'
import type {MemberRecord} from './member.ts'
import type {MembershipEffect, MembershipState} from './membership-types.ts'

const suspectAfterMs = (timings: MeshTimings): number => missedHeartbeatsMax * timings.heartbeatMs

/** Time never goes back, and what the master itself slept is nobody's silence. */
export function passTime(state: MembershipState, nowMs: number): void {
  const expectedMs = Math.max(state.nowMs, state.wakeAtMs ?? nowMs)
  const sleptMs = nowMs - expectedMs
  state.nowMs = Math.max(state.nowMs, nowMs)
  if (sleptMs <= state.timings.heartbeatMs) return
  for (const record of state.members.values()) {
    record.aliveAtMs = Math.min(record.aliveAtMs + sleptMs, state.nowMs)
    // What linked nodes said meanwhile has not been read yet: they get a heartbeat more.
    if (record.connection !== undefined)
      record.aliveAtMs = Math.max(record.aliveAtMs, nowMs - state.timings.heartbeatMs)
    record.probedAtMs = Math.min(record.probedAtMs + sleptMs, state.nowMs)
  }
}

/** What nobody hears of becomes suspect, is looked for by others, and is lost in the end. */
export function watchSilence(state: MembershipState, effects: MembershipEffect[]): void {
  const {heartbeatMs, lostAfterMs} = state.timings
  for (const record of state.members.values()) {
    const silentMs = state.nowMs - record.aliveAtMs
    if ((record.presence === 'up' || record.presence === 'joining') && silentMs >= suspectAfterMs(state.timings)) {
      // A silent link is no link: whatever is still in it comes too late, and the node has to dial again.
      const {connection} = record
      changeMember(state, record.name, effects, silent => {
        silent.presence = 'suspect'
        silent.connection = undefined
        silent.probedAtMs = Number.NEGATIVE_INFINITY
      })
      if (connection !== undefined) effects.push({type: 'close', connection, reason: 'silent'})
    }
    if (record.presence !== 'suspect') continue
    if (silentMs >= lostAfterMs) {
      changeMember(state, record.name, effects, lost => {
        lost.presence = 'lost'
        lost.isIndirect = false
      })
      continue
    }
    if (record.isIndirect && silentMs >= suspectAfterMs(state.timings)) {
      changeMember(state, record.name, effects, unseen => {
        unseen.isIndirect = false
      })
    }
    if (state.nowMs - record.probedAtMs < heartbeatMs) continue
    const via = probersFor(state, record)
    record.probedAtMs = state.nowMs
    if (via.length > 0) effects.push({type: 'probe', node: record.name, via})
  }
}

/** The next few members after the silent one, in a circle of names: different ones for different nodes. */
function probersFor(state: MembershipState, silent: MemberRecord): NodeName[] {
  if (silent.address === undefined) return []
  const linked = [...state.members.values()].filter(one => one.presence === 'up' || one.presence === 'joining')
  const names = linked.map(one => one.name).sort(compareText)
  const first = names.findIndex(name => compareText(name, silent.name) > 0)
  const start = Math.max(first, 0)
  return [...names.slice(start), ...names.slice(0, start)].slice(0, probersMax)
}

/** Asks for the next step when one is needed. */
export function scheduleWake(state: MembershipState, effects: MembershipEffect[]): void {
  const {heartbeatMs, lostAfterMs} = state.timings
  let atMs = Number.POSITIVE_INFINITY
  for (const record of state.members.values()) {
    if (record.presence === 'up' || record.presence === 'joining') {
      atMs = Math.min(atMs, record.aliveAtMs + suspectAfterMs(state.timings))
    } else if (record.presence === 'suspect') {
      atMs = Math.min(atMs, record.aliveAtMs + lostAfterMs, record.probedAtMs + heartbeatMs)
    }
  }
  const isKnown = state.wakeAtMs !== undefined && state.wakeAtMs > state.nowMs && state.wakeAtMs <= atMs
  if (isKnown) return
  if (Number.isFinite(atMs)) effects.push({type: 'wake', atMs})
  state.wakeAtMs = Number.isFinite(atMs) ? atMs : undefined
}
