/** From anything thrown to the error of a task. */
import {inspect} from 'node:util'
import {excerptOf, UserError} from '../../../base/index.ts'
import {recordExcerptChars} from '../limits.ts'
import {InputLostError} from '../shuffle/index.ts'
import type {TaskError} from './types.ts'

/** Thrown by `context.fatal`. */
export class FatalError extends Error {
  override readonly name = 'FatalError'
}

/** @param record - what was being worked on; undefined when nothing was */
export function taskErrorOf(thrown: unknown, record: unknown): TaskError {
  const isLost = thrown instanceof InputLostError
  const isError = thrown instanceof Error
  const text = isError ? `${thrown.name === 'Error' ? '' : `${thrown.name}: `}${thrown.message}` : inspect(thrown)
  // A job that cannot be loaded or compiled is the same everywhere.
  const isFatal =
    thrown instanceof FatalError ||
    (thrown instanceof UserError && ['BAD_JOB', 'JOB_FILE_BROKEN'].includes(thrown.code))
  return {
    class: isLost ? 'input-lost' : isFatal ? 'fatal' : 'error',
    message: thrown instanceof FatalError || thrown instanceof UserError ? thrown.message : text,
    stack: isError ? (thrown.stack ?? null) : null,
    record: record === undefined ? null : recordExcerpt(record),
    input: isLost ? (thrown.input ?? null) : null,
  }
}

function recordExcerpt(record: unknown): string {
  if (typeof record === 'string') return excerptOf(record.slice(0, recordExcerptChars + 1), recordExcerptChars)
  if (record instanceof Uint8Array) return `${record.length} bytes`
  return excerptOf(
    inspect(record, {breakLength: Number.POSITIVE_INFINITY, depth: 3, maxStringLength: recordExcerptChars}),
    recordExcerptChars,
  )
}
