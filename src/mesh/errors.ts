/** Errors of links and requests. What the other node answers is a value, not one of these. */
import {ClusterError, messageOf, UserError} from '../base/index.ts'
import {type Failed, failed} from '../protocol/index.ts'

/** There is no link, or it ended before the reply came: the order may have been done. */
export const nodeUnreachable = (node: string, why: string, cause?: unknown): ClusterError =>
  new ClusterError('UNAVAILABLE', `node ${node} cannot be reached: ${why}`, {cause})

export const requestTimedOut = (node: string, type: string, deadlineMs: number): ClusterError =>
  new ClusterError('TIMED_OUT', `node ${node} did not answer ${type} within ${deadlineMs} ms`)

/** What a handler threw, as the reply that its asker gets. undefined: a bug. */
export function failureOf(error: unknown): Failed | undefined {
  if (error instanceof UserError) return failed('BAD_MESSAGE', error.message)
  if (!(error instanceof ClusterError)) return undefined
  switch (error.code) {
    case 'DISK_FULL':
    case 'STORAGE_BROKEN':
    case 'STALE_EPOCH':
    case 'CORRUPT':
      return failed(error.code, messageOf(error))
    case 'PROTOCOL':
      return failed('BAD_MESSAGE', messageOf(error))
    default:
      return failed('UNREACHABLE', messageOf(error))
  }
}
