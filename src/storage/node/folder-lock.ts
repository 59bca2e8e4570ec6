import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf, UserError} from '../../base/index.ts'

export interface FolderLock {
  close(): void
}

/**
 * Locks a folder for this process.
 *
 * The lock is SQLite's exclusive lock on an empty file: the system lets go of it however the process ends, so there is
 * no left-over to judge by process ids and start times, which containers and reboots make ambiguous. The process id is
 * written beside it for the message alone.
 *
 * @throws UserError CANNOT_START when another process, or another part of this one, has it
 */
export async function lockFolder(path: string): Promise<FolderLock> {
  const {default: Driver} = await import('better-sqlite3')
  mkdirSync(path, {recursive: true, mode: 0o700})
  const db = new Driver(join(path, 'lock.sqlite'), {timeout: 0})
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (errorCodeOf(error).startsWith('SQLITE_BUSY')) throw inUse(path, error)
    throw new UserError('CANNOT_START', `cannot lock the folder ${path}`, {cause: error, hint: 'is its disk writable?'})
  }
  writeFileSync(join(path, 'node.pid'), `${process.pid}\n`, {mode: 0o600})
  return {close: () => void db.close()}
}

function inUse(path: string, cause: unknown): UserError {
  const owner = ownerOf(path)
  return new UserError('CANNOT_START', `the folder ${path} is in use by ${owner}`, {
    cause,
    hint: 'stop it with: disco stop, or give this node a folder of its own with --home',
  })
}

function ownerOf(path: string): string {
  try {
    return `process ${readFileSync(join(path, 'node.pid'), 'utf8').trim()}`
  } catch (error) {
    // It has the lock and has not written its id yet.
    if (errorCodeOf(error) === 'ENOENT') return 'another process'
    throw error
  }
}
