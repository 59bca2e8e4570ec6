/** What can go wrong, by who can act on it (house rules: the class decides exit status and whether a stack is shown). */

/** Stable names of errors. Texts may change, codes may not. One line of meaning each. */
export type ErrorCode =
  | 'BAD_FLAG' // a command-line flag or argument cannot be used as given
  | 'BAD_RULE' // a rule file loads but says something that is not allowed
  | 'RULE_FILE_BROKEN' // a rule file does not load: syntax, missing import, throws at load
  | 'BAD_JOB' // a job file loads but its job says something that is not allowed
  | 'JOB_FILE_BROKEN' // a job file does not load, or exports no job; a job pack that cannot be used
  | 'JOB_FAILED' // a task of a job failed: its function threw, or broke a limit
  | 'JOB_NOT_FOUND' // the cluster has no such job, or it was purged
  | 'WRONG_STATE' // the job is over, or not over yet; the node is not draining any more
  | 'RULE_NOT_FOUND' // no rule, keyset or module of that name
  | 'BAD_PARAMETERS' // a parameter, parameter file, data file or settings file cannot be used
  | 'BAD_EXPRESSION' // a where expression does not parse
  | 'INPUT_NOT_FOUND' // a named input does not exist or a pattern matches nothing
  | 'PARTIAL_GONE' // what a node kept of an earlier scan is not there any more; a run scans anew by itself
  | 'INPUT_UNREADABLE' // an input exists but reading it failed half-way (permission, corrupt archive)
  | 'TOO_MANY_BAD' // more bad records than --max-bad allows
  | 'HOOK_FAILED' // a hook of the rule that cannot be skipped failed (reduce, result processor, init)
  | 'OUTPUT_FAILED' // results cannot be written (permission, disk full)
  | 'BAD_SINK' // where rows should go cannot be used: its address, its tables, a mode that the rule's values do not allow
  | 'BAD_ENGINE' // another engine cannot run the rule: its address, its inputs, what it answers
  | 'SPILL_FAILED' // temporary files cannot be written (disk full, permission)
  | 'EXAMPLES_DIFFER' // inferno test found a difference
  | 'DIR_NOT_EMPTY' // a folder that should be new is not
  | 'INTERRUPTED' // Ctrl-C or SIGTERM
  | 'BAD_NAME' // a tag, node, blob or attribute name outside its grammar
  | 'BAD_SETTING' // a cluster setting that does not exist or cannot have that value
  | 'TAG_NOT_FOUND' // there is no such tag, or it is deleted
  | 'NODE_NOT_FOUND' // there is no such node in the cluster
  | 'BLOB_NOT_FOUND' // no live node holds the blob
  | 'ATTRIBUTE_NOT_FOUND' // the tag has no such attribute
  | 'VERSION_CHANGED' // --if-version named another version than the tag has
  | 'TAG_TOO_LARGE' // a limit of tags: entries, attributes, sizes, depth, cycles
  | 'FORBIDDEN' // the token is missing, wrong or not enough for this
  | 'CANNOT_REACH' // no cluster answers at the address
  | 'CANNOT_START' // a node cannot start: port in use, folder in use, refused by its master
  | 'NOT_RUNNING' // there is nothing to stop
  | 'BACKUP_BROKEN' // a backup that is none, is cut short or damaged, or of a newer program
  | 'CHECK_FAILED' // fsck, scrub or gc found something wrong

export interface ErrorDetails {
  /** What the person can do next, one sentence. */
  readonly hint?: string
  readonly cause?: unknown
  /** Process exit status; 1 unless the flags were wrong (2). */
  readonly exitCode?: number
}

/** Something the person at the keyboard can mend. Shown as message and hint, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
    this.code = code
    this.hint = details.hint
    this.exitCode = details.exitCode ?? 1
  }
}

/** Codes of what time or an operator can mend. */
export type ClusterErrorCode =
  | 'UNAVAILABLE' // too few nodes answer to do this safely
  | 'TIMED_OUT' // no answer within the deadline; it may or may not have happened
  | 'DISK_FULL' // a node has no room left
  | 'STORAGE_BROKEN' // a node's database or volume gives errors
  | 'STALE_EPOCH' // a newer master has taken over
  | 'CORRUPT' // bytes do not have the hash they should
  | 'PROTOCOL' // the other side speaks a version or sends a message that is not understood
  | 'OVERLOADED' // a queue is full; come back later

export interface ClusterErrorDetails {
  readonly hint?: string
  readonly cause?: unknown
  /** Trying the same again later may work. */
  readonly retryable?: boolean
}

/** Something in the cluster failed that neither the person's input nor our code is to blame for. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ClusterErrorCode
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly exitCode = 3

  constructor(code: ClusterErrorCode, message: string, details: ClusterErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
    this.code = code
    this.hint = details.hint
    this.retryable = details.retryable ?? true
  }
}

/** A bug of ours. Never caught on purpose; shown with its stack. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** @throws InvariantError when `condition` is false; `message` states what should have been true. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

/** Closes a switch over a union: the compiler refuses it while a case is missing. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`)
}

/** The system's name of an error (`ENOSPC`); empty when it has none. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
