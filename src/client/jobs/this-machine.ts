/** Files of nodes on this machine. */
import {closeSync, fstatSync, openSync, readFileSync} from 'node:fs'
import {errorCodeOf} from '../../base/index.ts'
import type {LocalFile} from '../../protocol/index.ts'

/** What all processes of a machine read alike, and those of no other; undefined where the system does not tell. */
export function machineId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
    return undefined
  }
}

/** A file that stays readable when the node has removed it. */
export interface OpenedFile {
  /** For all threads of this process. */
  readonly path: string
  close(): void
}

/**
 * Opens a file that a node told of.
 *
 * @param file - without an inode: any file of that device and size
 * @returns undefined when there is another file here, or none for this user
 */
export function openLocal(file: Omit<LocalFile, 'inode'> & {readonly inode?: string}): OpenedFile | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file.path, 'r')
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
    return undefined
  }
  const {dev, ino, size} = fstatSync(descriptor, {bigint: true})
  const isIt = String(dev) === file.device && Number(size) === file.bytes && (file.inode ?? String(ino)) === String(ino)
  const close = (): void => closeSync(descriptor)
  // Every system that has a machineId has this folder.
  if (isIt) return {path: `/proc/self/fd/${descriptor}`, close}
  close()
  return undefined
}
