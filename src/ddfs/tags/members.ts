/** Who is there, and what they say they hold. */
import type {NodeName, TagHead} from '../../protocol/index.ts'
import {dropCopy, noteHead} from './directory.ts'
import type {MemberSeed, TagEvent} from './messages.ts'
import {type Context, type Member, newMember} from './state.ts'
import {disturbSweep} from './sweep.ts'

type Joined = Extract<TagEvent, {type: 'member-joined'}>

/** The member list of the cluster, as nodes remember it: adds what is not known here. */
export function adoptMembers(context: Context, seeds: readonly MemberSeed[], floor: number): void {
  const {state} = context
  for (const seed of seeds) {
    if (!state.members.has(seed.node)) state.members.set(seed.node, newMember(seed, context.nowMs))
  }
  state.floor = floor
  disturbSweep(state, false)
}

/** A node begins its inventory: what it had told before does not count any more. */
export function joinMember(context: Context, event: Joined): void {
  const {state} = context
  const {node, isPlaceable, isWiped} = event
  const seed = {node, isDraining: false, isRemoved: false, isWiped}
  const member = state.members.get(node) ?? newMember(seed, context.nowMs)
  state.members.set(node, member)
  member.isUp = true
  member.joinedMs = context.nowMs
  member.isRemoved = false
  member.isPlaceable = isPlaceable
  member.hasInventory = false
  member.reported = new Set()
  if (isWiped) {
    member.isWiped = true
    for (const record of state.tags.values()) dropCopy(record, node)
  }
  context.effects.push({type: 'log', level: 'info', msg: isWiped ? 'a wiped node joined' : 'a node joined', node})
  disturbSweep(state, true)
}

/** A node's link has ended, or the node was removed: then its copies are gone, too. */
export function loseMember(context: Context, node: NodeName, isRemoved: boolean): void {
  const {state} = context
  const member = state.members.get(node)
  if (member === undefined) return
  if (member.isUp) member.lostAtMs = context.nowMs
  member.isUp = false
  member.hasInventory = false
  member.reported = new Set()
  if (isRemoved) {
    member.isRemoved = true
    for (const record of state.tags.values()) dropCopy(record, node)
  }
  const msg = isRemoved ? 'a node was removed' : 'a node is lost'
  context.effects.push({type: 'log', level: isRemoved ? 'info' : 'warn', msg, node})
  disturbSweep(state, isRemoved)
}

/** Whether a node may get tags has changed: all of them are looked at again. */
export function changeMember(context: Context, event: Extract<TagEvent, {type: 'member-changed'}>): void {
  const member = context.state.members.get(event.node)
  if (member === undefined) return
  const isMoved = member.isDraining !== event.isDraining || member.isPlaceable !== event.isPlaceable
  member.isPlaceable = event.isPlaceable
  member.isDraining = event.isDraining
  if (isMoved) disturbSweep(context.state, true)
}

/** A page of heads that a node has. */
export function takeInventory(context: Context, node: NodeName, heads: readonly TagHead[]): void {
  const member = context.state.members.get(node)
  if (member?.isUp !== true) return
  for (const head of heads) noteHead(context.state, node, head)
}

/** What a node was thought to hold and did not name is not there. */
export function endInventory(context: Context, node: NodeName): void {
  const {state} = context
  const member: Member | undefined = state.members.get(node)
  if (member?.isUp !== true || member.hasInventory) return
  for (const record of state.tags.values()) if (!member.reported.has(record.tag)) dropCopy(record, node)
  member.hasInventory = true
  member.reported = new Set()
  state.nextSweepMs = Math.min(state.nextSweepMs, context.nowMs)
}
