/** Errors across threads: class and code survive, so that the person sees the same message wherever a rule ran. */
import {type ErrorCode, InvariantError, UserError} from '../base/index.ts'
import type {PlainError} from './scan-job.ts'

/** Anything that was thrown; `cause` is left behind. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error))
    return {
      name: 'Error',
      message: String(error),
      stack: undefined,
      code: undefined,
      hint: undefined,
      exitCode: undefined,
    }
  const user = error instanceof UserError ? error : undefined
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: user?.code,
    hint: user?.hint,
    exitCode: user?.exitCode,
  }
}

/** A UserError with its code and hint, an InvariantError, or an Error with the stack of the other thread. */
export function errorOf(plain: PlainError): Error {
  if (plain.name === 'UserError' && plain.code !== undefined) {
    return new UserError(plain.code as ErrorCode, plain.message, {
      ...(plain.hint === undefined ? {} : {hint: plain.hint}),
      ...(plain.exitCode === undefined ? {} : {exitCode: plain.exitCode}),
    })
  }
  const error = plain.name === 'InvariantError' ? new InvariantError(plain.message) : new Error(plain.message)
  if (plain.stack !== undefined) error.stack = plain.stack
  return error
}
