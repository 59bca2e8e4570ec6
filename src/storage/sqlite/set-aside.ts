import {existsSync, renameSync} from 'node:fs'
import {dirname, join, parse} from 'node:path'
import {syncFolderNow} from '../files/sync-folder.ts'
import {setAsideCountMax} from '../limits.ts'

/** What belongs to a database beside its file. A log left behind would be played into the new one. */
const companions = ['', '-wal', '-shm', '-journal']

/**
 * Moves a corrupt database out of the way, for whoever wants to look at it: `tags.sqlite` becomes
 * `tags.corrupt-1.sqlite`.
 *
 * @returns the new path
 */
export function setDatabaseAside(path: string): string {
  const {dir, name, ext} = parse(path)
  let number = 1
  const target = (): string => join(dir, `${name}.corrupt-${number}${ext}`)
  while (number < setAsideCountMax && existsSync(target())) number++
  // The log first: if this is cut short, what is left is opened again without it, found corrupt again, or is empty.
  for (const companion of companions.toReversed()) {
    if (existsSync(path + companion)) renameSync(path + companion, target() + companion)
  }
  syncFolderNow(dirname(path))
  return target()
}
