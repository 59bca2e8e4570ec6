/** What the operating system says about a failed write, as a sentence with a way out. */
import {errorCodeOf, messageOf, printable, UserError} from '../base/index.ts'

const reasons: Readonly<Record<string, {readonly reason: string; readonly hint: string}>> = {
  EACCES: {reason: 'permission denied', hint: 'choose another folder, or have the permission changed'},
  EPERM: {reason: 'not permitted', hint: 'choose another folder, or have the permission changed'},
  ENOSPC: {reason: 'the disk is full', hint: 'free some space, or write to another disk'},
  EDQUOT: {reason: 'your disk quota is used up', hint: 'free some space, or write to another disk'},
  ENOTDIR: {reason: 'a part of this path is a file, not a folder', hint: 'choose a folder that exists or can be made'},
  EEXIST: {reason: 'a part of this path is a file, not a folder', hint: 'choose a folder that exists or can be made'},
  EISDIR: {
    reason: 'there is a folder of that name',
    hint: 'move the folder away, or choose another one for the results',
  },
  ENOENT: {reason: 'the folder went away', hint: 'run again, and leave the folder alone meanwhile'},
  EROFS: {reason: 'the file system is read-only', hint: 'choose a folder on another file system'},
  ENAMETOOLONG: {reason: 'the name is too long', hint: 'choose a shorter path'},
  EMFILE: {reason: 'too many open files', hint: 'raise the limit with: ulimit -n 4096'},
  EIO: {reason: 'the device reports an error', hint: 'write to another disk'},
}

/**
 * The error to throw when writing to `target` failed.
 *
 * @param target - a path, or words such as `standard output`
 */
export function outputError(error: unknown, target: string): UserError {
  const known = reasons[errorCodeOf(error)]
  const reason = known?.reason ?? printable(messageOf(error))
  return new UserError('OUTPUT_FAILED', `cannot write ${printable(target)}: ${reason}`, {
    cause: error,
    ...(known && {hint: known.hint}),
  })
}
