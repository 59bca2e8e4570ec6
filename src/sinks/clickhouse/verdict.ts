/** What an answer of ClickHouse, or none, means for a write. */
import {errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import type {Verdict} from '../sql/contracts.ts'
import {networkVerdict} from '../sql/network-errors.ts'

/** By the numbers of ClickHouse's ErrorCodes. */
export function judge(error: unknown): Verdict {
  if (error instanceof UserError) return {kind: 'foreign'}
  const code = errorCodeOf(error)
  const reason = messageOf(error)
  if (/^\d+$/.test(code)) {
    if (code === '516' || code === '192' || code === '193' || code === '497') {
      return {
        kind: 'final',
        error: new UserError('BAD_SINK', `it refuses the user: ${reason}`, {hint: 'check user, password and grants'}),
      }
    }
    if (code === '81')
      return {kind: 'final', error: new UserError('BAD_SINK', reason, {hint: 'make the database first'})}
    if (code === '57') return {kind: 'exists'}
    if (code === '243') return {kind: 'again', code: 'DISK_FULL', reason}
    // Timeouts, too many parts or queries, memory, read-only replicas, Keeper.
    if (['159', '160', '202', '209', '210', '241', '242', '252', '279', '319', '999'].includes(code)) {
      return {kind: 'again', code: 'UNAVAILABLE', reason}
    }
    return {kind: 'final', error: new UserError('OUTPUT_FAILED', reason, {hint: 'the database refused the rows'})}
  }
  const verdict = networkVerdict(error)
  if (verdict !== undefined) return verdict
  if (/timeout|socket hang up|aborted/i.test(reason)) return {kind: 'again', code: 'TIMED_OUT', reason}
  return {kind: 'foreign'}
}
