import {dirname} from 'node:path'
import {ClusterError} from '../../base/index.ts'
import {diskFailureOf} from '../sqlite/failures.ts'
import {openCheckedDatabase} from '../sqlite/open-checked.ts'
import {tagMigrations} from './schema.ts'
import {SqliteTagStore} from './sqlite-tag-store.ts'

export interface OpenedTagStore {
  readonly store: SqliteTagStore
  /**
   * The tags that were here are lost, and so is what was promised to masters: nothing this node says about a tag counts
   * until it has asked its peers. Stays true over restarts, until `store.setRebuilding(false)`.
   */
  readonly wasRebuilt: boolean
  /** Where the corrupt database lies, when this opening found it. */
  readonly setAside?: string
}

/**
 * Opens the tags of a node, or makes an empty store.
 *
 * @param path - of the database, `tags.sqlite` in the node's folder
 * @throws UserError CANNOT_START when a newer program wrote it
 * @throws ClusterError DISK_FULL, STORAGE_BROKEN when the disk does not let it be opened
 */
export async function openTagStore(path: string): Promise<OpenedTagStore> {
  try {
    const {db, setAside} = await openCheckedDatabase(path, tagMigrations)
    const store = new SqliteTagStore(db)
    if (setAside !== undefined) store.setRebuilding(true)
    return {store, wasRebuilt: store.isRebuilding(), ...(setAside !== undefined && {setAside})}
  } catch (error) {
    const failure = diskFailureOf(error, dirname(path))
    if (failure === undefined) throw error
    throw new ClusterError(failure.code, failure.message, {cause: error})
  }
}
