/** May a node come in? Each refusal says what the person at that node can do. */
import {type ClusterView, type Hello, memberCountMax, type Refused} from '../protocol/index.ts'
import {clockSlackMs} from './limits.ts'
import type {MemberRecord} from './member.ts'
import type {MembershipState} from './membership-types.ts'

type Account = Pick<MembershipState, 'members' | 'cluster' | 'isProvisional' | 'timings' | 'nowMs'>

/** @returns why not; undefined: it may */
export function admit(state: Account, hello: Hello): Refused | undefined {
  const known = state.members.get(hello.node)
  if (hello.cluster !== undefined && hello.cluster !== state.cluster && !state.isProvisional) {
    return refuse(
      'WRONG_CLUSTER',
      `the data of node ${hello.node} belong to cluster ${hello.cluster}, this is cluster ${state.cluster}`,
      'join the other cluster, or start with an empty folder',
    )
  }
  if (known === undefined && state.members.size >= memberCountMax) {
    return refuse(
      'CLUSTER_FULL',
      `the cluster has ${memberCountMax} nodes`,
      'remove nodes with: disco node remove NAME',
    )
  }
  return refuseFolder(known, hello) ?? refuseAbsence(state, known, hello)
}

/**
 * May a peer come in at an agent?
 *
 * @param view - as the agent knows it; undefined: it is not in its cluster yet, or stops
 * @returns why not; undefined: it may
 */
export function refusePeer(view: ClusterView | undefined, hello: Hello): Refused | undefined {
  if (view === undefined) {
    return {type: 'refused', code: 'TRY_AGAIN', message: 'this node is not in its cluster yet, or stops'}
  }
  if (hello.cluster !== view.cluster) {
    return {type: 'refused', code: 'WRONG_CLUSTER', message: `this node belongs to cluster ${view.cluster}`}
  }
  const known = view.members.find(one => one.name === hello.node)
  // A node that is not in the list may have joined just now.
  if (known === undefined || known.key === hello.key) return undefined
  return {type: 'refused', code: 'NAME_TAKEN', message: `another folder is node ${hello.node}`}
}

function refuseFolder(known: MemberRecord | undefined, hello: Hello): Refused | undefined {
  if (known === undefined) return undefined
  const isSameFolder = known.key === hello.key
  if (known.presence === 'removed') {
    // A new folder may take the name of a removed node.
    if (!isSameFolder || hello.force) return undefined
    return refuse(
      'REMOVED',
      `node ${hello.node} was removed from the cluster`,
      'start it with an empty folder, or with --force to bring its data back',
    )
  }
  if (isSameFolder) return undefined
  if (known.connection !== undefined) {
    return refuse(
      'NAME_TAKEN',
      `another folder is already running as node ${hello.node}`,
      'give this one its own name with --name',
    )
  }
  if (hello.force) return undefined
  return refuse(
    'NAME_TAKEN',
    `node ${hello.node} is known with another folder and is away`,
    `if that folder is gone: disco node remove ${hello.node}, or start with --force; else give this one its own name`,
  )
}

/** A node that was away for longer than tombstones live could bring back what was deleted. */
function refuseAbsence(state: Account, known: MemberRecord | undefined, hello: Hello): Refused | undefined {
  if (hello.force) return undefined
  const hint = 'start it with an empty folder, or with --force if nothing was deleted since'
  // What the master saw itself does not depend on anyone's clock.
  const seenAtMs = known?.key === hello.key ? known.seenAtMs : undefined
  const awayMs = seenAtMs === undefined ? claimedAwayMs(hello) : state.nowMs - seenAtMs
  if (awayMs < -clockSlackMs) {
    return refuse(
      'AWAY_TOO_LONG',
      `the clock of node ${hello.node} went back ${days(-awayMs)} days: nobody knows how long it was away`,
      `set its clock, or ${hint}`,
    )
  }
  if (awayMs <= state.timings.tombstoneMs) return undefined
  return refuse(
    'AWAY_TOO_LONG',
    `node ${hello.node} was away for ${days(awayMs)} days, longer than deletions are remembered (${days(state.timings.tombstoneMs)} days)`,
    hint,
  )
}

const claimedAwayMs = (hello: Hello): number =>
  hello.lastContactAtMs === undefined ? 0 : hello.nowMs - hello.lastContactAtMs

const days = (ms: number): string => (ms / (24 * 3_600_000)).toFixed(1)

const refuse = (code: Refused['code'], message: string, hint: string): Refused => ({
  type: 'refused',
  code,
  message,
  hint,
})
