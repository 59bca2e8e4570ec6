import {existsSync, rmSync, writeFileSync} from 'node:fs'

/**
 * A database that gave a corruption error while it was in use is checked whole at its next opening, whatever its size.
 * Making a note of it must not hide the error that is being reported, so a failure to is only a missed check.
 */
export function markSuspect(databasePath: string): boolean {
  try {
    writeFileSync(`${databasePath}.suspect`, '')
    return true
  } catch {
    return false
  }
}

/** Whether the last process had a reason to doubt the database. */
export function isSuspect(databasePath: string): boolean {
  return existsSync(`${databasePath}.suspect`)
}

/** The database was looked at, and is whole or another one. */
export function clearSuspect(databasePath: string): void {
  rmSync(`${databasePath}.suspect`, {force: true})
}
