import {readFile, stat} from 'node:fs/promises'
import {errorCodeOf} from '../../../base/index.ts'

/**
 * Who else holds a lock for writing on a database file. Linux alone tells, and only of processes that may be seen from here.
 *
 * @returns `sqlite3 (process 4711)`, or undefined
 */
export async function lockHolderOf(path: string): Promise<string | undefined> {
  const locks = await unlessHidden(readFile('/proc/locks', 'utf8'))
  if (locks === undefined) return undefined
  // With a write-ahead log the lock is on the file of shared memory.
  const inodes = await Promise.all([path, `${path}-shm`].map(inodeOf))
  for (const line of locks.split('\n')) {
    const [, , , kind, pid, place] = line.trim().split(/\s+/)
    if (kind !== 'WRITE' || pid === undefined || Number(pid) === process.pid) continue
    if (!inodes.includes(place?.split(':').at(-1))) continue
    const name = (await unlessHidden(readFile(`/proc/${pid}/comm`, 'utf8')))?.trim()
    return name === undefined ? `process ${pid}` : `${name} (process ${pid})`
  }
  return undefined
}

async function inodeOf(path: string): Promise<string | undefined> {
  return (await unlessHidden(stat(path, {bigint: true})))?.ino.toString()
}

async function unlessHidden<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    // ESRCH: the process ended while we looked.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ESRCH'].includes(errorCodeOf(error))) return undefined
    throw error
  }
}
