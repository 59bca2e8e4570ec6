import {existsSync, statSync} from 'node:fs'
import {checkedBytesMax} from '../limits.ts'
import {isCorruption} from './failures.ts'
import {type Db, openDatabase} from './open-database.ts'
import {setDatabaseAside} from './set-aside.ts'
import {clearSuspect, isSuspect} from './suspect.ts'

export interface OpenedDatabase {
  readonly db: Db
  /** There was one whose bytes were wrong; it lies here now. */
  readonly setAside?: string
}

/**
 * Opens a database and checks it; one that is corrupt is moved away and an empty one takes its place.
 *
 * One that is suspect is checked whole, with its indexes; others only up to `checkedBytesMax`, because a check reads
 * everything and a node should be up in a second.
 *
 * @throws as `openDatabase`
 */
export async function openCheckedDatabase(path: string, migrations: readonly string[]): Promise<OpenedDatabase> {
  // A file of no bytes is what a crash leaves of a new database, or a broken disk of an old one: both begin anew.
  const isCutToNothing = existsSync(path) && statSync(path).size === 0
  const db = isCutToNothing ? undefined : await openSound(path, migrations)
  clearSuspect(path)
  if (db !== undefined) return {db}
  const setAside = setDatabaseAside(path)
  return {db: await openDatabase(path, migrations), setAside}
}

async function openSound(path: string, migrations: readonly string[]): Promise<Db | undefined> {
  let db: Db | undefined
  try {
    db = await openDatabase(path, migrations)
    const isDoubted = isSuspect(path)
    if (isDoubted || statSync(path).size <= checkedBytesMax) {
      const answer = db.pragma(isDoubted ? 'integrity_check(1)' : 'quick_check(1)', {simple: true})
      if (answer !== 'ok') throw Object.assign(new Error(String(answer)), {code: 'SQLITE_CORRUPT'})
    }
    return db
  } catch (error) {
    db?.close()
    if (isCorruption(error)) return undefined
    throw error
  }
}
