/** What is always true of a membership. */
import {assert} from '../base/index.ts'
import type {MembershipState} from './membership-types.ts'

/** @throws InvariantError */
export function checkMembership(state: MembershipState): void {
  const connections = new Set<number>()
  for (const [name, record] of state.members) {
    assert(name === record.name, `${name} is filed under its name`)
    const isLinked = record.connection !== undefined
    const mustBeLinked = record.presence === 'joining' || record.presence === 'up'
    assert(isLinked === mustBeLinked, `${name} is ${record.presence} and has ${isLinked ? 'a' : 'no'} connection`)
    assert(!record.isIndirect || record.presence === 'suspect', `${name} is indirect only while suspect`)
    assert(record.aliveAtMs <= state.nowMs, `${name} was not seen in the future`)
    if (record.connection === undefined) continue
    assert(!connections.has(record.connection), `connection ${record.connection} belongs to one node`)
    connections.add(record.connection)
  }
  const isWatched = [...state.members.values()].some(one => one.presence !== 'lost' && one.presence !== 'removed')
  assert(!isWatched || state.wakeAtMs !== undefined, 'someone watches over nodes that are not lost')
}
