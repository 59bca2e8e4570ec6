/**
 * Who belongs to the cluster and who answers: the master's view, as a state machine.
 *
 *     (hello, linked) -> joining -> up -> suspect -> lost
 *
 * - `joining`: linked, its inventory is not complete. `joined` makes it `up` (`draining` while it is being emptied).
 * - `suspect`: its link is gone or silent. Other members are asked to look for it. When one of them reaches it, it stays
 *   suspect with `isIndirect`: the master cannot give it orders, but it is no dead node and nothing is repaired.
 * - `lost`: nobody has heard of it for `lostAfterMs`. A hello brings it back.
 * - `removed`: taken out by a person; kept as a tombstone, so that the node is told so when it comes back.
 *
 * Invariants (check.ts): joining, up and draining nodes have a connection, lost and removed ones have none; a connection
 * belongs to one node; nothing was seen in the future.
 *
 * Time is the master's monotonic clock. A step that comes much later than it was asked for means that the master itself was
 * stopped: that time counts for nobody's silence.
 */
import {compareText, unreachable} from '../base/index.ts'
import {
  type ClusterView,
  compareVersions,
  type Hello,
  isSameVersion,
  type MemberInfo,
  memberCountMax,
  type NodeName,
  type NodeStatus,
  type Refused,
  type Version,
} from '../protocol/index.ts'
import {admit} from './admission.ts'
import {changeMember} from './change-member.ts'
import {infoOf, type Member, type MemberRecord, memberOf} from './member.ts'
import type {
  ConnectionId,
  MembershipEffect,
  MembershipEvent,
  MembershipStart,
  MembershipState,
} from './membership-types.ts'
import {passTime, scheduleWake, watchSilence} from './silence.ts'

/** All known nodes begin as suspect: they have `lostAfterMs` from now to come back. */
export function startMembership(start: MembershipStart): MembershipState {
  const {view} = start
  const state: MembershipState = {
    members: new Map(),
    cluster: view?.cluster ?? start.newCluster,
    isProvisional: view === undefined,
    epoch: start.epoch,
    key: start.key,
    isStarting: true,
    isSuperseded: false,
    viewCounter: 0,
    isViewStale: false,
    learned: view?.version,
    timings: view?.timings ?? start.timings,
    settings: view?.settings ?? start.settings,
    nowMs: start.nowMs,
    wakeAtMs: undefined,
  }
  for (const info of view?.members ?? []) state.members.set(info.name, knownRecord(info, start.nowMs))
  return state
}

/** The only way to change a membership. Same state and events, same effects. */
export function stepMembership(state: MembershipState, event: MembershipEvent): MembershipEffect[] {
  const effects: MembershipEffect[] = []
  passTime(state, event.nowMs)
  applyEvent(state, event, effects)
  watchSilence(state, effects)
  if (state.isViewStale) {
    state.isViewStale = false
    state.viewCounter++
    effects.push({type: 'publish-view', view: viewOf(state)})
  }
  scheduleWake(state, effects)
  return effects
}

/** What agents are told. */
export function viewOf(state: MembershipState): ClusterView {
  return {
    cluster: state.cluster,
    version: {epoch: state.epoch, counter: state.viewCounter},
    members: [...state.members.values()].map(infoOf),
    timings: state.timings,
    settings: state.settings,
  }
}

/** All members, removed ones too, in order of their names. */
export const membersOf = (state: MembershipState): Member[] =>
  [...state.members.values()].map(memberOf).sort((a, b) => compareText(a.name, b.name))

function applyEvent(state: MembershipState, event: MembershipEvent, effects: MembershipEffect[]): void {
  switch (event.type) {
    case 'hello':
      answerHello(state, event.connection, event.hello, effects)
      break
    case 'linked':
      linkNode(state, event.connection, event.hello, effects)
      break
    case 'unlinked':
      unlinkNode(state, event.connection, event.node, effects)
      break
    case 'heard':
      hearNode(state, event.connection, event.node, event.status)
      break
    case 'joined':
      changeMember(state, event.node, effects, record => {
        if (record.presence === 'joining') record.presence = 'up'
      })
      break
    case 'probe-answered':
      hearIndirectly(state, event.node, event.isAlive, effects)
      break
    case 'drain':
      changeMember(state, event.node, effects, record => {
        record.isDraining = event.isDraining
      })
      break
    case 'remove':
      removeNode(state, event.node, effects)
      break
    case 'configure':
      state.isViewStale = true
      if (event.timings !== undefined) state.timings = event.timings
      if (event.settings !== undefined) state.settings = event.settings
      break
    case 'settle':
      state.isProvisional = false
      break
    case 'epoch-taken':
      restartEpoch(state, event.epoch, effects)
      break
    case 'epoch-seen':
      meetEpoch(state, event.connection, event.epoch, effects)
      break
    case 'start-ended':
      state.isStarting = false
      break
    case 'tick':
      // Timers may fire a little early: whoever wakes us has no other one running.
      state.wakeAtMs = undefined
      break
    default:
      unreachable(event)
  }
}

function answerHello(
  state: MembershipState,
  connection: ConnectionId,
  hello: Hello,
  effects: MembershipEffect[],
): void {
  if (isNewerEpoch(state, hello)) {
    meetEpoch(state, connection, hello.epoch, effects)
    return
  }
  const refused = admit(state, hello)
  if (refused !== undefined) {
    effects.push({type: 'refuse', connection, refused})
    return
  }
  learnView(state, hello)
  effects.push({type: 'welcome', connection})
}

/** An epoch belongs to one master: an equal one of another master is as bad as a higher one. */
const isNewerEpoch = (state: MembershipState, hello: Hello): boolean =>
  hello.epoch > state.epoch || (hello.epoch === state.epoch && hello.epochOf !== state.key)

function meetEpoch(state: MembershipState, connection: ConnectionId, epoch: number, effects: MembershipEffect[]): void {
  if (state.isStarting) {
    effects.push({type: 'refuse', connection, refused: tryAgain}, {type: 'take-epoch', above: epoch})
    return
  }
  if (!state.isSuperseded) effects.push({type: 'report-superseded', epoch})
  state.isSuperseded = true
  effects.push({
    type: 'refuse',
    connection,
    refused: {
      type: 'refused',
      code: 'STALE_EPOCH',
      message: `this master has epoch ${state.epoch}, another one has taken ${epoch}`,
      hint: 'stop the older master',
      epoch,
    },
  })
}

const tryAgain: Refused = {type: 'refused', code: 'TRY_AGAIN', message: 'the master takes a new epoch'}

/** Every node must promise the new epoch: all dial again. */
function restartEpoch(state: MembershipState, epoch: number, effects: MembershipEffect[]): void {
  state.epoch = epoch
  state.viewCounter = 0
  state.isViewStale = true
  for (const record of state.members.values()) {
    if (record.connection !== undefined) {
      effects.push({type: 'refuse', connection: record.connection, refused: tryAgain})
    }
  }
}

/**
 * Takes over what a node remembers and this master does not know: all of it on an empty folder, else nodes that joined after
 * the folder was copied. A node that was linked in this life is known better than any memory.
 */
function learnView(state: MembershipState, hello: Hello): void {
  const {view} = hello
  if (hello.cluster !== undefined && state.isProvisional) {
    state.cluster = hello.cluster
    state.isProvisional = false
    state.isViewStale = true
    if (view !== undefined) {
      state.timings = view.timings
      state.settings = view.settings
    }
  }
  if (view === undefined || view.cluster !== state.cluster) return
  const isNewer = compareVersions(view.version, state.learned) > 0
  for (const info of view.members) {
    const record = state.members.get(info.name)
    if (record === undefined) {
      if (state.members.size >= memberCountMax) continue
      state.members.set(info.name, knownRecord(info, state.nowMs))
      state.isViewStale = true
    } else if (isNewer && record.seenAtMs === undefined) {
      Object.assign(record, knownRecord(info, record.aliveAtMs))
      state.isViewStale = true
    }
  }
  if (isNewer) state.learned = view.version
}

function knownRecord(info: MemberInfo, nowMs: number): MemberRecord {
  return {
    name: info.name,
    key: info.key,
    address: info.address,
    pid: 0,
    slotCount: 0,
    software: '',
    presence: info.state === 'removed' ? 'removed' : 'suspect',
    isDraining: info.isDraining,
    isIndirect: false,
    connection: undefined,
    seenAtMs: undefined,
    aliveAtMs: nowMs,
    probedAtMs: nowMs,
    status: undefined,
  }
}

function linkNode(state: MembershipState, connection: ConnectionId, hello: Hello, effects: MembershipEffect[]): void {
  // Two folders of one name can be welcomed at once; the second to come this far is refused here.
  const refused = admit(state, hello) ?? (isNewerEpoch(state, hello) ? tryAgain : undefined)
  if (refused !== undefined) {
    effects.push({type: 'refuse', connection, refused})
    return
  }
  const known = state.members.get(hello.node)
  if (known?.connection !== undefined) {
    effects.push({type: 'close', connection: known.connection, reason: 'the node has dialled again'})
  }
  const record: MemberRecord = {
    name: hello.node,
    key: hello.key,
    address: hello.address,
    pid: hello.pid,
    slotCount: hello.slotCount,
    software: hello.software,
    presence: 'joining',
    isDraining: known?.key === hello.key && known.isDraining,
    isIndirect: false,
    connection,
    seenAtMs: state.nowMs,
    aliveAtMs: state.nowMs,
    probedAtMs: state.nowMs,
    status: known?.status,
  }
  state.members.set(hello.node, record)
  state.isViewStale = true
  effects.push({type: 'report-member', member: memberOf(record)})
}

function unlinkNode(
  state: MembershipState,
  connection: ConnectionId,
  node: NodeName,
  effects: MembershipEffect[],
): void {
  // The end of an old connection says nothing about the one that replaced it.
  if (state.members.get(node)?.connection !== connection) return
  changeMember(state, node, effects, record => {
    record.connection = undefined
    if (record.presence === 'removed') return
    record.presence = 'suspect'
    record.probedAtMs = Number.NEGATIVE_INFINITY
  })
}

function hearNode(
  state: MembershipState,
  connection: ConnectionId,
  node: NodeName,
  status: NodeStatus | undefined,
): void {
  const record = state.members.get(node)
  if (record === undefined || record.connection !== connection) return
  record.seenAtMs = state.nowMs
  record.aliveAtMs = state.nowMs
  if (status !== undefined) record.status = status
}

function hearIndirectly(state: MembershipState, node: NodeName, isAlive: boolean, effects: MembershipEffect[]): void {
  const record = state.members.get(node)
  if (record?.presence !== 'suspect' || !isAlive) return
  record.aliveAtMs = state.nowMs
  if (record.isIndirect) return
  changeMember(state, node, effects, found => {
    found.isIndirect = true
  })
}

function removeNode(state: MembershipState, node: NodeName, effects: MembershipEffect[]): void {
  const record = state.members.get(node)
  if (record === undefined || record.presence === 'removed') return
  const {connection} = record
  changeMember(state, node, effects, gone => {
    gone.presence = 'removed'
    gone.isDraining = false
    gone.isIndirect = false
    gone.connection = undefined
  })
  if (connection === undefined) return
  const message = `node ${node} was removed from the cluster`
  effects.push({type: 'refuse', connection, refused: {type: 'refused', code: 'REMOVED', message}})
}

/** Whether an agent has the view that it should have. */
export const isCurrentView = (state: MembershipState, version: Version | undefined): boolean =>
  isSameVersion(version, {epoch: state.epoch, counter: state.viewCounter})
