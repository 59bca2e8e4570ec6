import type {NodeName} from '../protocol/index.ts'
import {type MemberRecord, memberOf} from './member.ts'
import type {MembershipEffect, MembershipState} from './membership-types.ts'

/** Changes a member and reports it when that is to be seen. */
export function changeMember(
  state: MembershipState,
  node: NodeName,
  effects: MembershipEffect[],
  change: (record: MemberRecord) => void,
): void {
  const record = state.members.get(node)
  if (record === undefined) return
  const before = memberOf(record)
  change(record)
  const after = memberOf(record)
  const isSeen =
    before.state !== after.state || before.isIndirect !== after.isIndirect || before.isDraining !== after.isDraining
  if (!isSeen) return
  effects.push({type: 'report-member', member: after})
  state.isViewStale = true
}
