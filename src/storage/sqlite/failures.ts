import {errorCodeOf, messageOf} from '../../base/index.ts'

/** What SQLite says when the bytes of a database are wrong. */
export function isCorruption(error: unknown): boolean {
  const code = errorCodeOf(error)
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

export interface DiskFailure {
  readonly code: 'DISK_FULL' | 'STORAGE_BROKEN'
  readonly message: string
}

const fullCodes = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT'])

/** Whether something was not written because there is no room. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCodeOf(error)
  return fullCodes.has(code) || code === 'DISK_FULL'
}

/** What a disk did to a database or to files, in the codes of the cluster; undefined when it was not the disk. */
export function diskFailureOf(error: unknown, path: string): DiskFailure | undefined {
  const code = errorCodeOf(error)
  const text = messageOf(error)
  if (fullCodes.has(code)) return {code: 'DISK_FULL', message: `no room left in ${path}`}
  if (isCorruption(error)) return {code: 'STORAGE_BROKEN', message: `the database in ${path} is corrupt: ${text}`}
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|BUSY|LOCKED|PERM)/.test(code)) {
    return {code: 'STORAGE_BROKEN', message: `the database in ${path} gives errors: ${text} (${code})`}
  }
  if (isOfSystem(error)) return {code: 'STORAGE_BROKEN', message: `${path} gives errors: ${text}`}
  return undefined
}

const isOfSystem = (error: unknown): boolean => error instanceof Error && 'syscall' in error
