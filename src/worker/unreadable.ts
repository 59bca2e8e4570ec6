import {errorCodeOf, printable, UserError} from '../base/index.ts'

/** A system error while reading, in words. */
export function unreadable(name: string, error: unknown): UserError {
  if (error instanceof UserError) return error
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENOENT: 'it is not there (any more)',
    EISDIR: 'it is a folder',
    EIO: 'the disk reports a read error',
  }
  const reason = reasons[errorCodeOf(error)] ?? (error instanceof Error ? error.message : String(error))
  return new UserError('INPUT_UNREADABLE', `cannot read ${printable(name)}: ${reason}`, {cause: error})
}
