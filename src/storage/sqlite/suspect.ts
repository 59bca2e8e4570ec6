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

export function isSuspect(databasePath: string): boolean {
  return existsSync(`${databasePath}.suspect`)
}

export function clearSuspect(databasePath: string): void {
  rmSync(`${databasePath}.suspect`, {force: true})
}
