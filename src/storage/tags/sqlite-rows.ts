import {
  type Applied,
  type BlobId,
  type Commit,
  changeTag,
  isSameVersion,
  logLineOf,
  type NumberedEntry,
  type TagHead,
  type TagLogLine,
  type TagName,
  type TagPage,
  type TagRows,
} from '../../protocol/index.ts'
import type {Db} from '../sqlite/open-database.ts'
import {EntryTable} from './entry-table.ts'
import {HeadTable} from './head-table.ts'
import {LogTable} from './log-table.ts'
import {MetaTable} from './meta-table.ts'

const epochKey = 'epoch'

/** A tag of which not all pages have come. Its rows are loose until then, so that a crash leaves nothing behind. */
interface Incoming {
  readonly head: TagHead
  readonly rowsId: number
  readonly log: TagLogLine[]
}

/** The rows behind `answerTagRequest`, in SQLite. Called inside transactions; after a rollback, first `reload`. */
export class SqliteRows implements TagRows {
  readonly meta: MetaTable
  readonly #heads: HeadTable
  readonly #entries: EntryTable
  readonly #log: LogTable
  readonly #incoming = new Map<TagName, Incoming>()
  #epoch: number
  /** Rows to be deleted bit by bit. */
  #loose: number[]

  constructor(db: Db) {
    this.meta = new MetaTable(db)
    this.#heads = new HeadTable(db)
    this.#entries = new EntryTable(db)
    this.#log = new LogTable(db)
    this.#epoch = Number(this.meta.get(epochKey) ?? 0)
    this.#loose = this.#entries.looseRows()
  }

  epoch(): number {
    return this.#epoch
  }

  setEpoch(epoch: number): void {
    this.meta.set(epochKey, String(epoch))
    this.#epoch = epoch
  }

  head(tag: TagName): TagHead | undefined {
    return this.#heads.find(tag)?.head
  }

  heads(after: TagName, count: number): TagHead[] {
    return this.#heads.list(after, count)
  }

  tagCount(): number {
    return this.#heads.count()
  }

  page(tag: TagName, after: number, count: number): readonly NumberedEntry[] {
    const stored = this.#heads.find(tag)
    return stored === undefined ? [] : this.#entries.page(stored.rowsId, after, count)
  }

  log(tag: TagName, count: number): readonly TagLogLine[] {
    const stored = this.#heads.find(tag)
    return stored === undefined ? [] : this.#log.last(stored.id, count)
  }

  references(blobs: readonly BlobId[]): {readonly blob: BlobId; readonly tag: TagName}[] {
    return this.#entries.references(blobs)
  }

  apply(commit: Commit): Applied {
    const stored = this.#heads.find(commit.tag)
    let rowsId = stored?.rowsId ?? this.#entries.nextRowsId()
    const id = stored?.id ?? this.#heads.insert(commit.tag, rowsId)
    const entries = this.#entries.rows(rowsId, () => {
      const emptied = rowsId
      rowsId = this.#entries.nextRowsId()
      this.#loosen(emptied)
      return rowsId
    })
    const applied = changeTag(stored?.head, entries, commit)
    const lineCount = (stored?.lineCount ?? 0) + 1
    this.#heads.put({id, rowsId, lineCount, head: applied.head})
    this.#log.add(id, lineCount, logLineOf(commit, applied))
    return applied
  }

  remove(tag: TagName): void {
    const stored = this.#heads.find(tag)
    if (stored === undefined) return
    this.#heads.remove(stored.id)
    this.#loosen(stored.rowsId)
  }

  /** Keeps a page out of sight; false when it does not follow the one before. */
  addPage(page: TagPage, isFirst: boolean): boolean {
    const {tag} = page.head
    if (isFirst) this.#begin(page.head)
    const incoming = this.#incoming.get(tag)
    if (incoming === undefined) return false
    if (!isSameVersion(incoming.head.version, page.head.version)) {
      this.dropPages(tag)
      return false
    }
    for (const {number, entry} of page.entries) this.#entries.add(incoming.rowsId, number, entry)
    incoming.log.push(...page.log)
    return true
  }

  /** Puts the pages that came in the place of the tag. */
  finishPages(tag: TagName): void {
    const incoming = this.#incoming.get(tag)!
    this.#incoming.delete(tag)
    const stored = this.#heads.find(tag)
    const id = stored?.id ?? this.#heads.insert(tag, incoming.rowsId)
    if (stored !== undefined) this.#loosen(stored.rowsId)
    this.#entries.fasten(incoming.rowsId)
    const lineCount = this.#log.replace(id, incoming.log)
    this.#heads.put({id, rowsId: incoming.rowsId, lineCount, head: incoming.head})
  }

  dropPages(tag: TagName): void {
    const incoming = this.#incoming.get(tag)
    if (incoming !== undefined) this.#loose.push(incoming.rowsId)
    this.#incoming.delete(tag)
  }

  /** Deletes a few of the rows that no tag has any more. At the end of a transaction. */
  tidy(): void {
    const rowsId = this.#loose[0]
    if (rowsId !== undefined && this.#entries.tidy(rowsId)) this.#loose.shift()
  }

  /** What is remembered beside the tables may be from the transaction that was undone. */
  reload(): void {
    this.#heads.forgetCache()
    this.#incoming.clear()
    this.#epoch = Number(this.meta.get(epochKey) ?? 0)
    this.#loose = this.#entries.looseRows()
  }

  #begin(head: TagHead): void {
    this.dropPages(head.tag)
    const rowsId = this.#entries.nextRowsId()
    this.#entries.loosen(rowsId)
    this.#incoming.set(head.tag, {head, rowsId, log: []})
  }

  #loosen(rowsId: number): void {
    this.#entries.loosen(rowsId)
    this.#loose.push(rowsId)
  }
}
