/**
 * What a node remembers of its cluster from one start to the next: whom it has promised to obey, the last view, and when it last
 * heard from the master.
 *
 * A disk without room must not end a node that can still give what it has. The view and the time of the last contact are there for the
 * next start only, which is right with older ones, too: the next link brings the newest view, and a contact that seems longer ago makes the
 * cluster more careful. So these are kept in memory, said once, and written when there is room. A promise is not: what is not on the disk is
 * not promised, and the master hears no.
 */
import {ClusterError} from '../../base/index.ts'
import type {ClusterView} from '../../protocol/index.ts'
import {contactKey, type NodeFolder, type SqliteTagStore} from '../../storage/index.ts'
import type {Log} from '../run/log.ts'

type Store = Pick<SqliteTagStore, 'meta' | 'setMeta' | 'epoch' | 'promise'>
type Folder = Pick<NodeFolder, 'identity' | 'setClusterId'>

/** Reads at the start what it writes later; `retry` writes what had no room. */
export class MeshMemory {
  readonly #store: Store
  readonly #folder: Folder
  readonly #log: Log
  /** What found no room, by what it is: the newest of each. */
  readonly #unwritten = new Map<'view' | 'contact', () => void>()

  constructor(store: Store, folder: Folder, log: Log) {
    this.#store = store
    this.#folder = folder
    this.#log = log
  }

  /** As it was left, for `openMesh`. */
  read() {
    const view = this.#store.meta('view')
    const lastContact = this.#store.meta(contactKey)
    const epoch = this.#store.epoch()
    const epochOf = masterOfEpoch(this.#store.meta('master'), epoch)
    return {
      epoch,
      ...(epochOf === undefined ? {} : {epochOf}),
      ...(lastContact === undefined ? {} : {lastContactAtMs: Number(lastContact)}),
      ...(view === undefined ? {} : {view: JSON.parse(view) as ClusterView}),
    }
  }

  /** @returns false for an epoch below one that was promised @throws ClusterError DISK_FULL, STORAGE_BROKEN */
  promiseEpoch(epoch: number, of: string): boolean {
    // First whose it is: a crash in between leaves an epoch of nobody, and that is harmless.
    this.#store.setMeta('master', JSON.stringify({epoch, of}))
    return this.#store.promise(epoch) === undefined
  }

  rememberView(view: ClusterView): void {
    this.#write('view', () => {
      this.#store.setMeta('view', JSON.stringify(view))
      if (this.#folder.identity.clusterId !== view.cluster) this.#folder.setClusterId(view.cluster)
    })
  }

  rememberContact(atMs: number): void {
    this.#write('contact', () => this.#store.setMeta(contactKey, String(atMs)))
  }

  /** Writes what found no room before. */
  retry(): void {
    for (const [what, write] of [...this.#unwritten]) this.#write(what, write)
  }

  #write(what: 'view' | 'contact', write: () => void): void {
    try {
      write()
      this.#unwritten.delete(what)
    } catch (error) {
      if (!(error instanceof ClusterError) || error.code !== 'DISK_FULL') throw error
      if (this.#unwritten.size === 0)
        this.#log({
          level: 'error',
          msg: 'no room to remember the cluster: done when there is some',
          text: error.message,
        })
      this.#unwritten.set(what, write)
    }
  }
}

function masterOfEpoch(text: string | undefined, epoch: number): string | undefined {
  if (text === undefined) return undefined
  const known = JSON.parse(text) as {readonly epoch: number; readonly of: string}
  return known.epoch === epoch ? known.of : undefined
}
