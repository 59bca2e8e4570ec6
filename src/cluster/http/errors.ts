/** Errors as HTTP answers. What the person can mend is 4xx, what time or an operator can is 5xx, a bug of ours is 500. */
import {
  ClusterError,
  type ClusterErrorCode,
  type ErrorCode,
  InvariantError,
  messageOf,
  UserError,
} from '../../base/index.ts'
import type {ApiError} from '../../protocol/index.ts'

export interface HttpFailure {
  readonly status: number
  readonly body: ApiError
}

/** Those that are not 400. */
const statuses: Partial<Record<ErrorCode, number>> = {
  TAG_NOT_FOUND: 404,
  NODE_NOT_FOUND: 404,
  BLOB_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  WRONG_STATE: 409,
  ATTRIBUTE_NOT_FOUND: 404,
  VERSION_CHANGED: 412,
  FORBIDDEN: 403,
  TAG_TOO_LARGE: 413,
}

const clusterStatuses: Partial<Record<ClusterErrorCode, number>> = {
  DISK_FULL: 507,
  TIMED_OUT: 504,
  CORRUPT: 502,
  OVERLOADED: 429,
}

/** Any error as an answer. One that is neither a UserError nor a ClusterError is a bug of ours: 500, not to be tried again. */
export function failureFor(error: unknown): HttpFailure {
  if (error instanceof UserError) {
    return failure(statuses[error.code] ?? 400, error.code, error.message, error.hint, false)
  }
  if (error instanceof ClusterError) {
    return failure(clusterStatuses[error.code] ?? 503, error.code, error.message, error.hint, error.retryable)
  }
  const what = error instanceof InvariantError ? error.message : messageOf(error)
  return failure(500, 'STORAGE_BROKEN', `the node failed: ${what}`, 'see its log', false)
}

/** The answer for a refusal that nothing was thrown for. `code` is that of an error of `base`, for programs. */
export function failure(
  status: number,
  code: string,
  message: string,
  hint: string | undefined,
  retryable: boolean,
): HttpFailure {
  return {status, body: {error: {code, message, retryable, ...(hint === undefined ? {} : {hint})}}}
}
