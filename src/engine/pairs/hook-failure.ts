/** Errors of hooks: fatal ones as UserError; which key they happened at. */
import {excerptOf, InvariantError, messageOf, UserError} from '../../base/index.ts'
import {keyExcerptCharsMax} from './limits.ts'

export interface HookFailure {
  /** Where the hook stands in the rule, `partitionFunction`. */
  readonly hook: string
  /** `module.rule` */
  readonly rule: string
  /** The key that the hook was given last; undefined before the first. */
  readonly key: readonly unknown[] | undefined
  readonly hint: string
}

/** A hook that cannot be skipped did something that is not allowed. */
export function hookFailed(what: string, {hook, rule, key, hint}: HookFailure, cause?: unknown): UserError {
  const place = key === undefined ? 'before the first key' : `at key ${describeKey(key)}`
  return new UserError('HOOK_FAILED', `${hook} of ${rule} ${what} (${place})`, {
    hint,
    ...(cause === undefined ? {} : {cause}),
  })
}

/** A hook that cannot be skipped threw. */
export function hookThrew(failure: HookFailure, cause: unknown): UserError {
  return hookFailed(`threw: ${messageOf(cause)}`, failure, cause)
}

/** A key for messages: safe to print, cut. */
function describeKey(key: readonly unknown[]): string {
  return excerptOf(`[${key.map(part => JSON.stringify(String(part))).join(', ')}]`, keyExcerptCharsMax)
}

/** Errors that are not the hook's own although they pass through it: a full disk while spilling, a bug of ours. */
export function isFatal(error: unknown): boolean {
  return error instanceof UserError || error instanceof InvariantError
}
