import {ClusterError, type ClusterErrorCode, type ErrorCode, UserError} from '../../base/index.ts'

/** Codes of `ClusterError`: everything else is for the person. */
const clusterCodes: ReadonlySet<string> = new Set<ClusterErrorCode>([
  'UNAVAILABLE',
  'TIMED_OUT',
  'DISK_FULL',
  'STORAGE_BROKEN',
  'STALE_EPOCH',
  'CORRUPT',
  'PROTOCOL',
  'OVERLOADED',
])

/** A core's refusal as the error that crosses to the client. */
export function errorOf(refusal: {
  readonly code: ErrorCode | ClusterErrorCode
  readonly message: string
  readonly hint?: string
  readonly retryable?: boolean
}): Error {
  const {code, message, hint, retryable} = refusal
  const details = hint === undefined ? {} : {hint}
  if (clusterCodes.has(code)) {
    return new ClusterError(code as ClusterErrorCode, message, {...details, retryable: retryable ?? true})
  }
  return new UserError(code as ErrorCode, message, details)
}
