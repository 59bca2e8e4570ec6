/** What tells that a file is still the one, with the bytes, that was read before. */
import {type BigIntStats, fstatSync, statSync} from 'node:fs'

/**
 * Device, inode, size, and the times of the last change of bytes and of anything, in nanoseconds: who writes to the file, or puts another
 * in its place, changes some of it. What a disk does by itself does not.
 *
 * @param file - an open one: its name may come to mean another
 */
export function fileStamp(file: number): string {
  return stampOf(fstatSync(file, {bigint: true}))
}

/** The same of the file that has a name now; undefined when none has. */
export function fileStampAt(path: string): string | undefined {
  const stats = statSync(path, {bigint: true, throwIfNoEntry: false})
  return stats && stampOf(stats)
}

const stampOf = ({dev, ino, size, mtimeNs, ctimeNs}: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(':')
