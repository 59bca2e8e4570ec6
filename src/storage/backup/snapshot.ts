import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {dirname} from 'node:path'
import {ClusterError} from '../../base/index.ts'
import {diskFailureOf} from '../sqlite/failures.ts'
import type {Db} from '../sqlite/open-database.ts'

/**
 * Copies a database that is in use: the copy is what it was at one moment, and work goes on meanwhile.
 *
 * SQLite's own backup, some pages at a time; what this process writes in between goes into the copy as well.
 *
 * @param path - of a file that is not there yet
 * @throws ClusterError DISK_FULL, STORAGE_BROKEN
 */
export async function snapshotDatabase(db: Db, path: string): Promise<void> {
  try {
    await db.backup(path)
  } catch (error) {
    const failure = diskFailureOf(error, dirname(path))
    if (failure === undefined) throw error
    throw new ClusterError(failure.code, failure.message, {cause: error})
  }
}

/** SHA-256 of a file, hexadecimal, and its length. */
export async function hashAndBytes(path: string): Promise<{readonly sha256: string; readonly bytes: number}> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece)
    bytes += piece.length
  }
  return {sha256: hash.digest('hex'), bytes}
}
