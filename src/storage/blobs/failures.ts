import {ClusterError, errorCodeOf} from '../../base/index.ts'
import {diskFailureOf} from '../sqlite/failures.ts'

const fullHint = 'free space on its disk, add a volume or a node, or delete tags and run: ddfs gc'

/** What a disk did, as an error of the cluster that names the node and the volume; anything else is passed on. */
export function storageError(error: unknown, node: string, path: string): unknown {
  const failure = diskFailureOf(error, path)
  if (failure === undefined) return error
  const hint = failure.code === 'DISK_FULL' ? {hint: fullHint} : {}
  return new ClusterError(failure.code, `node ${node}: ${failure.message}`, {...hint, cause: error})
}

/** For a volume that has less left than it must keep. */
export function diskFull(node: string, path: string): ClusterError {
  return new ClusterError('DISK_FULL', `node ${node}: no room left in ${path}`, {hint: fullHint})
}

/**
 * Why a replica cannot be read: it is gone, or the disk does not give its bytes. Undefined for what says nothing about
 * the replica (too many open files, no permission): it must not be given up for that.
 */
export function lossOf(error: unknown): 'missing' | 'unreadable' | undefined {
  const code = errorCodeOf(error)
  if (code === 'ENOENT') return 'missing'
  return unreadableCodes.has(code) ? 'unreadable' : undefined
}

const unreadableCodes = new Set(['EIO', 'EUCLEAN', 'EBADMSG', 'ENODATA', 'EISDIR'])
