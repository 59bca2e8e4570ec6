/** What tells that a file is still the one, with the bytes, that was read before. */
import {fstatSync} from 'node:fs'

/**
 * Device, inode, size, and the times of the last change of bytes and of anything, in nanoseconds: who writes to the file, or puts another
 * in its place, changes some of it. What a disk does by itself does not.
 *
 * @param file - an open one: its name may come to mean another
 */
export function fileStamp(file: number): string {
  const {dev, ino, size, mtimeNs, ctimeNs} = fstatSync(file, {bigint: true})
  return [dev, ino, size, mtimeNs, ctimeNs].join(':')
}
