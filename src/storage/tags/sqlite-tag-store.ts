import {dirname} from 'node:path'
import {ClusterError} from '../../base/index.ts'
import {
  answerTagRequest,
  compareVersions,
  type Failed,
  type InstallResult,
  promiseEpoch,
  type StoreRequest,
  type TagHead,
  type TagName,
  type TagPage,
  type TagReply,
  type TagStore,
} from '../../protocol/index.ts'
import {snapshotDatabase} from '../backup/snapshot.ts'
import {diskFailureOf, isCorruption} from '../sqlite/failures.ts'
import type {Db} from '../sqlite/open-database.ts'
import {markSuspect} from '../sqlite/suspect.ts'
import {SqliteRows} from './sqlite-rows.ts'

/** Keys of the node's own small values, apart from the store's. */
const nodeKey = (key: string): string => `node:${key}`
const rebuildKey = 'rebuild'

/** Small value of the node: when it last had contact with its cluster. */
export const contactKey = 'last-contact'

/** Tags of one node in SQLite. What a call has answered is on the disk. Made by `openTagStore`. */
export class SqliteTagStore implements TagStore {
  readonly #db: Db
  readonly #folder: string
  readonly #rows: SqliteRows
  readonly #transaction: (work: () => void) => void
  /** The last transaction did not happen. */
  #isUndone = false

  constructor(db: Db) {
    this.#db = db
    this.#folder = dirname(db.name)
    this.#rows = new SqliteRows(db)
    const run = db.transaction((work: () => void) => {
      if (this.#isUndone) this.#rows.reload()
      this.#isUndone = false
      work()
      this.#rows.tidy()
    })
    this.#transaction = run.immediate
  }

  handle(request: StoreRequest): TagReply {
    return this.#change(() => answerTagRequest(this.#rows, request))
  }

  handleAll(requests: readonly StoreRequest[]): TagReply[] {
    const replies = this.#change(() => requests.map(request => answerTagRequest(this.#rows, request)))
    return Array.isArray(replies) ? replies : requests.map(() => replies)
  }

  install(page: TagPage, isFirst: boolean): InstallResult {
    return this.#change(() => this.#install(page, isFirst))
  }

  heads(after: TagName, count: number): readonly TagHead[] {
    return this.#read(() => this.#rows.heads(after, count))
  }

  tagCount(): number {
    return this.#read(() => this.#rows.tagCount())
  }

  epoch(): number {
    return this.#rows.epoch()
  }

  promise(epoch: number): Failed | undefined {
    return this.#change(() => promiseEpoch(this.#rows, epoch))
  }

  meta(key: string): string | undefined {
    return this.#read(() => this.#rows.meta.get(nodeKey(key)))
  }

  setMeta(key: string, value: string): void {
    const failed = this.#change<undefined>(() => {
      this.#rows.meta.set(nodeKey(key), value)
      return undefined
    })
    if (failed !== undefined) throw new ClusterError(failed.code as 'DISK_FULL', failed.message)
  }

  /** Is it empty because the one before it was corrupt, and its peers have not given it its tags again? */
  isRebuilding(): boolean {
    return this.#read(() => this.#rows.meta.get(rebuildKey)) !== undefined
  }

  /** Called with true by `openTagStore`, with false by the agent when its peers have given it all it should have. */
  setRebuilding(isRebuilding: boolean): void {
    this.#transaction(() => {
      if (isRebuilding) this.#rows.meta.set(rebuildKey, '1')
      else this.#rows.meta.delete(rebuildKey)
    })
  }

  /** As if it had never been away from its cluster. */
  forgetContact(): void {
    this.#transaction(() => this.#rows.meta.delete(nodeKey(contactKey)))
  }

  /** A copy of what it holds now, while it is in use. @throws ClusterError DISK_FULL, STORAGE_BROKEN */
  async copyTo(path: string): Promise<void> {
    await snapshotDatabase(this.#db, path)
  }

  close(): void {
    this.#db.close()
  }

  #install(page: TagPage, isFirst: boolean): InstallResult {
    const {tag, version} = page.head
    const own = this.#rows.head(tag)
    const difference = compareVersions(own?.version, version)
    if (own !== undefined && difference >= 0) {
      this.#rows.dropPages(tag)
      return difference > 0 ? {type: 'refused', head: own} : {type: 'installed', head: own}
    }
    if (!this.#rows.addPage(page, isFirst)) return {type: 'restart'}
    if (page.after !== undefined) return {type: 'more'}
    this.#rows.finishPages(tag)
    return {type: 'installed', head: page.head}
  }

  /** One transaction. What a disk can do to it comes back as `failed`; nothing of it is kept then. */
  #change<T>(work: () => T): T | Failed {
    let result: T | undefined
    try {
      this.#transaction(() => {
        result = work()
      })
      return result as T
    } catch (error) {
      this.#isUndone = true
      return this.#failed(error)
    }
  }

  #failed(error: unknown): Failed {
    const failure = diskFailureOf(error, this.#folder)
    if (failure === undefined) throw error
    if (isCorruption(error)) markSuspect(this.#db.name)
    return {type: 'failed', ...failure}
  }

  #read<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const failure = diskFailureOf(error, this.#folder)
      if (failure === undefined) throw error
      if (isCorruption(error)) markSuspect(this.#db.name)
      throw new ClusterError(failure.code, failure.message, {cause: error})
    }
  }
}
