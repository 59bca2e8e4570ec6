import {chmodSync, mkdirSync} from 'node:fs'
import {dirname} from 'node:path'
import type Database from 'better-sqlite3'
import {UserError} from '../../base/index.ts'
import {syncFolderNow} from '../files/sync-folder.ts'
import {cacheKiB, checkpointPages, sharedWaitMs, walBytesKept} from '../limits.ts'

export type Db = Database.Database

export interface OpenOptions {
  /** Other processes may have it open too; writers wait for each other. */
  readonly isShared?: boolean
}

/**
 * Opens or creates a database of this node, alone unless it is to be shared: the lock is exclusive and dies with the process.
 *
 * What a transaction has committed is on the disk (WAL, synchronous FULL). The driver is loaded here and not before,
 * because commands that store nothing should start without it.
 *
 * @param migrations - SQL by number; the database remembers how many it has had. Released ones are never edited.
 * @throws UserError CANNOT_START when the file was written by a newer program, or is in use
 * @throws SqliteError for everything else
 */
export async function openDatabase(
  path: string,
  migrations: readonly string[],
  {isShared = false}: OpenOptions = {},
): Promise<Db> {
  const {default: Driver} = await import('better-sqlite3')
  mkdirSync(dirname(path), {recursive: true, mode: 0o700})
  const db = new Driver(path, {timeout: isShared ? sharedWaitMs : 0})
  try {
    // The files beside it get the same mode.
    chmodSync(path, 0o600)
    // Before WAL: then there is no shared-memory file, which a full disk could make deadly to map.
    if (!isShared) db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma(`wal_autocheckpoint = ${checkpointPages}`)
    db.pragma(`journal_size_limit = ${walBytesKept}`)
    db.pragma(`cache_size = -${cacheKiB}`)
    migrate(db, path, migrations)
    syncFolderNow(dirname(path))
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function migrate(db: Db, path: string, migrations: readonly string[]): void {
  const version = versionOf(db)
  if (version > migrations.length) {
    throw new UserError('CANNOT_START', `${path} was written by a newer version of this program`, {
      hint: `it has schema ${version}, this program knows ${migrations.length}: install the newer version again`,
    })
  }
  const run = db.transaction(() => {
    // Asked again: of a shared one another process may have been faster.
    for (const sql of migrations.slice(versionOf(db))) db.exec(sql)
    db.pragma(`user_version = ${migrations.length}`)
  })
  if (version < migrations.length) run.immediate()
}

const versionOf = (db: Db): number => Number(db.pragma('user_version', {simple: true}))
