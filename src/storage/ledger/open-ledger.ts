import {randomBytes} from 'node:crypto'
import {dirname} from 'node:path'
import {ClusterError, errorCodeOf, UserError} from '../../base/index.ts'
import {diskFailureOf, isCorruption} from '../sqlite/failures.ts'
import {type Db, openDatabase} from '../sqlite/open-database.ts'
import {MetaTable} from '../tags/meta-table.ts'
import {ledgerMigrations} from './schema.ts'
import {WatchLedger} from './watch-ledger.ts'

/**
 * Opens the ledger of a folder, or makes it. It is this process's alone until it is closed.
 *
 * A corrupt one is an error and not replaced by an empty one: that would push everything a second time.
 *
 * @param path - of the database
 * @param folder - absolute path of the folder whose files it follows; a ledger belongs to one
 * @throws UserError CANNOT_START when it is in use, corrupt, of another folder, or written by a newer program
 * @throws ClusterError DISK_FULL, STORAGE_BROKEN
 */
export async function openWatchLedger(path: string, folder: string): Promise<WatchLedger> {
  let db: Db | undefined
  try {
    db = await openDatabase(path, ledgerMigrations)
    const answer = db.pragma('quick_check(1)', {simple: true})
    if (answer !== 'ok') throw Object.assign(new Error(String(answer)), {code: 'SQLITE_CORRUPT'})
    claim(db, path, folder)
    return new WatchLedger(db)
  } catch (error) {
    db?.close()
    throw explained(error, path)
  }
}

function claim(db: Db, path: string, folder: string): void {
  const meta = new MetaTable(db)
  const owner = meta.get('folder')
  if (owner !== undefined && owner !== folder) {
    throw new UserError('CANNOT_START', `the ledger ${path} belongs to the folder ${owner}, not ${folder}`, {
      hint: 'name another file with --ledger',
    })
  }
  if (owner !== undefined) return
  db.transaction(() => {
    meta.set('ledger_id', randomBytes(16).toString('hex'))
    meta.set('folder', folder)
  }).immediate()
}

function explained(error: unknown, path: string): unknown {
  if (errorCodeOf(error).startsWith('SQLITE_BUSY')) {
    return new UserError('CANNOT_START', `the ledger ${path} is in use by another process`, {
      cause: error,
      hint: 'one watch follows a folder for a tag; stop the other one, or give this one its own --ledger',
    })
  }
  if (isCorruption(error)) {
    return new UserError('CANNOT_START', `the ledger ${path} is corrupt`, {
      cause: error,
      hint: 'put back a copy of it; without one move it away: then all that is in the folder is pushed again, or with --from-end only what comes',
    })
  }
  const failure = diskFailureOf(error, dirname(path))
  return failure === undefined ? error : new ClusterError(failure.code, failure.message, {cause: error})
}
