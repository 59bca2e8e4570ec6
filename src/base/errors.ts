/** What can go wrong, by who can act on it (house rules: the class decides exit status and whether a stack is shown). */

/** Stable names of errors. Texts may change, codes may not. One line of meaning each. */
export type ErrorCode =
  | 'BAD_FLAG' // a command-line flag or argument cannot be used as given
  | 'BAD_RULE' // a rule file loads but says something that is not allowed
  | 'RULE_FILE_BROKEN' // a rule file does not load: syntax, missing import, throws at load
  | 'RULE_NOT_FOUND' // no rule, keyset or module of that name
  | 'BAD_PARAMETERS' // a parameter, parameter file, data file or settings file cannot be used
  | 'BAD_EXPRESSION' // a where expression does not parse
  | 'INPUT_NOT_FOUND' // a named input does not exist or a pattern matches nothing
  | 'INPUT_UNREADABLE' // an input exists but reading it failed half-way (permission, corrupt archive)
  | 'TOO_MANY_BAD' // more bad records than --max-bad allows
  | 'HOOK_FAILED' // a hook of the rule that cannot be skipped failed (reduce, result processor, init)
  | 'OUTPUT_FAILED' // results cannot be written (permission, disk full)
  | 'SPILL_FAILED' // temporary files cannot be written (disk full, permission)
  | 'EXAMPLES_DIFFER' // inferno test found a difference
  | 'DIR_NOT_EMPTY' // a folder that should be new is not
  | 'INTERRUPTED' // Ctrl-C or SIGTERM

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
