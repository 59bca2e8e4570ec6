import {join} from 'node:path'
import {ClusterError} from '../../base/index.ts'
import {type FileSystem, nodeFileSystem} from '../files/file-system.ts'
import {reserveBytesDefault} from '../limits.ts'
import {diskFailureOf} from '../sqlite/failures.ts'
import {openCheckedDatabase} from '../sqlite/open-checked.ts'
import {BlobStore} from './blob-store.ts'
import {BlobTable} from './blob-table.ts'
import {type Clock, systemClock} from './clock.ts'
import type {BlobStoreEvents} from './events.ts'
import {blobMigrations} from './schema.ts'
import {type BrokenVolume, openVolumes} from './volumes.ts'

export interface BlobStoreOptions {
  /** Name of the node, for messages. */
  readonly node: string
  /** Folder of the node: holds `blobs.sqlite`. */
  readonly folder: string
  /** Folders of volumes; by default one, `volume` in the node's folder. */
  readonly volumes?: readonly string[]
  /** Left free on every volume, bytes. */
  readonly reserveBytes?: number
  readonly events: BlobStoreEvents
  readonly files?: FileSystem
  readonly clock?: Clock
}

export interface OpenedBlobStore {
  readonly store: BlobStore
  /** Volumes that could not be opened. What lies there is not shown until they can be. */
  readonly broken: readonly BrokenVolume[]
  /** Where the corrupt database lies, if it was: all blobs are hashed again in the background then. */
  readonly setAside?: string
}

/**
 * Opens the blobs of a node. Files without rows are hashed and adopted in the background.
 *
 * @throws UserError CANNOT_START when a newer program wrote its database
 * @throws ClusterError DISK_FULL, STORAGE_BROKEN when the disk does not let it be opened
 */
export async function openBlobStore(options: BlobStoreOptions): Promise<OpenedBlobStore> {
  const {
    node,
    folder,
    files = nodeFileSystem,
    clock = systemClock,
    reserveBytes = reserveBytesDefault,
    events,
  } = options
  try {
    const {db, setAside} = await openCheckedDatabase(join(folder, 'blobs.sqlite'), blobMigrations)
    await using opening = new AsyncDisposableStack()
    opening.defer(() => void db.close())
    const table = new BlobTable(db)
    const paths = options.volumes ?? [join(folder, 'volume')]
    const volumes = await openVolumes(paths, files, table, {node, reserveBytes})
    const store = new BlobStore({node, reserveBytes, table, volumes, clock, events})
    await store.reconcile()
    opening.move()
    return {store, broken: volumes.broken, ...(setAside !== undefined && {setAside})}
  } catch (error) {
    const failure = diskFailureOf(error, folder)
    if (failure === undefined) throw error
    throw new ClusterError(failure.code, failure.message, {cause: error})
  }
}
