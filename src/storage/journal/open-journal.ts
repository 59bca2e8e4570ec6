import {dirname, join} from 'node:path'
import {ClusterError, errorCodeOf, UserError} from '../../base/index.ts'
import {diskFailureOf, isCorruption} from '../sqlite/failures.ts'
import {type Db, openDatabase} from '../sqlite/open-database.ts'
import {Journal} from './journal.ts'
import {PackFiles} from './pack-files.ts'
import {journalMigrations} from './schema.ts'

/**
 * Opens the journal of a master, or makes an empty one. Packs lie in `packs/` beside it.
 *
 * A corrupt one is an error and not replaced: jobs that people wait for would be gone without a word.
 *
 * @param path - of the database, `journal.sqlite` in the master's folder
 * @throws UserError CANNOT_START when it is in use, corrupt, or written by a newer program
 * @throws ClusterError DISK_FULL, STORAGE_BROKEN
 */
export async function openJournal(path: string): Promise<Journal> {
  let db: Db | undefined
  try {
    db = await openDatabase(path, journalMigrations)
    const answer = db.pragma('quick_check(1)', {simple: true})
    if (answer !== 'ok') throw Object.assign(new Error(String(answer)), {code: 'SQLITE_CORRUPT'})
    const packs = new PackFiles(join(dirname(path), 'packs'))
    const named = db.prepare('SELECT DISTINCT hash FROM packs').all() as {hash: string}[]
    packs.removeAllBut(new Set(named.map(row => row.hash)))
    return new Journal(db, packs)
  } catch (error) {
    db?.close()
    throw explained(error, path)
  }
}

function explained(error: unknown, path: string): unknown {
  if (errorCodeOf(error).startsWith('SQLITE_BUSY')) {
    return new UserError('CANNOT_START', `the journal ${path} is in use by another process`, {
      hint: 'end that process first, or give this one a folder of its own with --home',
      cause: error,
    })
  }
  if (isCorruption(error)) {
    return new UserError('CANNOT_START', `the journal ${path} is corrupt`, {
      cause: error,
      hint: 'put back a copy of it, or move it away: then the cluster forgets its jobs; tags and blobs are not in it',
    })
  }
  const failure = diskFailureOf(error, dirname(path))
  return failure === undefined ? error : new ClusterError(failure.code, failure.message, {cause: error})
}
