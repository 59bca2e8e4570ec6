/** Makes a home folder of a backup. */
import {chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {errorCodeOf, messageOf, UserError} from '../../../base/index.ts'
import {homePaths} from '../../../client/index.ts'
import {type BackupManifest, isWhole, openBackup, prepareRestoredHome, syncFolderNow} from '../../../storage/index.ts'

export interface RestoreReport {
  readonly home: string
  readonly nodes: readonly string[]
  readonly hasMaster: boolean
  readonly createdAtMs: number
  readonly software: string
  /** Tags are as they were; else nodes get them from the others of their cluster. */
  readonly hasTags: boolean
  readonly others: readonly string[]
}

/**
 * Restores all of it or nothing: the folder gets its name when everything in it was checked and is on the disk.
 *
 * @param isWholeCluster - the other nodes of the cluster are gone, or go back as well
 * @throws UserError DIR_NOT_EMPTY, BACKUP_BROKEN; CANNOT_START when a newer program wrote what is in it
 */
export async function restoreBackup(
  path: string,
  {home: flag, isWholeCluster}: {readonly home: string | undefined; readonly isWholeCluster: boolean},
): Promise<RestoreReport> {
  const {home} = homePaths(flag)
  checkEmpty(home)
  const backup = await openBackup(path)
  try {
    const hasTags = isWholeCluster || isWhole(backup.manifest)
    const draft = draftOf(home)
    try {
      await backup.extract(draft)
      await prepareRestoredHome(draft, {isWholeCluster: hasTags})
      takePlace(draft, home)
    } catch (error) {
      rmSync(draft, {recursive: true, force: true})
      throw error
    }
    return reportOf(home, backup.manifest, hasTags)
  } finally {
    await backup.close()
  }
}

function reportOf(home: string, manifest: BackupManifest, hasTags: boolean): RestoreReport {
  const {nodes, hasMaster, createdAtMs, software, members} = manifest
  const others = members.filter(name => !nodes.includes(name))
  return {home, nodes, hasMaster, createdAtMs, software, hasTags, others}
}

function checkEmpty(home: string): void {
  if (!existsSync(home) || readdirSync(home).length === 0) return
  throw new UserError('DIR_NOT_EMPTY', `${home} is not empty: nothing was restored`, {
    hint: 'a backup never goes over a folder that is in use: move it away, or name another with --home',
  })
}

/** Beside the home folder: only there it can become it at once. */
function draftOf(home: string): string {
  const draft = join(dirname(home), `.${basename(home)}.${process.pid}.restoring`)
  try {
    mkdirSync(dirname(home), {recursive: true, mode: 0o700})
    mkdirSync(draft, {mode: 0o700})
    return draft
  } catch (error) {
    throw new UserError('OUTPUT_FAILED', `nothing can be made beside ${home}: ${messageOf(error)}`, {cause: error})
  }
}

function takePlace(draft: string, home: string): void {
  chmodSync(draft, 0o700)
  try {
    renameSync(draft, home)
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(errorCodeOf(error))) checkEmpty(home)
    throw new UserError('OUTPUT_FAILED', `${home} cannot be made: ${messageOf(error)}`, {
      hint: 'a mounted disk cannot be the home folder itself: name a folder on it with --home',
      cause: error,
    })
  }
  syncFolderNow(dirname(home))
}
