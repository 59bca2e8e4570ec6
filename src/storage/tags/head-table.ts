import type {Statement} from 'better-sqlite3'
import type {TagHead, TagName} from '../../protocol/index.ts'
import {settingsCacheCharsMax} from '../limits.ts'
import type {Db} from '../sqlite/open-database.ts'

/** What of a head is kept as JSON. */
type Settings = Pick<TagHead, 'replicas' | 'attributes' | 'readToken' | 'writeToken'>

interface HeadRow {
  readonly id: number
  readonly tag: string
  readonly rows_id: number
  readonly epoch: number
  readonly counter: number
  readonly replica_count: number
  readonly created_at_ms: number
  readonly modified_at_ms: number
  readonly deleted_at_ms: number | null
  readonly is_purged: number
  readonly entry_count: number
  readonly bytes: number
  readonly record_count: number
  readonly raw_bytes: number
  readonly next_number: number
  readonly line_count: number
}

/** A head with what the store knows about it beside. */
export interface StoredHead {
  readonly id: number
  readonly rowsId: number
  /** Lines of history it ever had. */
  readonly lineCount: number
  readonly head: TagHead
}

/** Heads of tags. Called inside transactions; after a rollback call `forgetCache`. */
export class HeadTable {
  /** Settings by tag id: reading a thousand attributes again for each append would cost more than the append. */
  readonly #cache = new Map<number, {readonly settings: Settings; readonly chars: number}>()
  #cacheChars = 0
  readonly #find: Statement<[string], HeadRow>
  readonly #list: Statement<[string, number], HeadRow>
  readonly #count: Statement<[], {readonly count: number}>
  readonly #insert: Statement<[string, number, ...number[]]>
  readonly #update: Statement<unknown[]>
  readonly #remove: Statement<[number]>
  readonly #settings: Statement<[number], {readonly value: string}>
  readonly #putSettings: Statement<[number, string]>

  constructor(db: Db) {
    this.#find = db.prepare('SELECT * FROM tags WHERE tag = ?')
    this.#list = db.prepare('SELECT * FROM tags WHERE tag > ? ORDER BY tag LIMIT ?')
    this.#count = db.prepare('SELECT count(*) AS count FROM tags')
    this.#insert = db.prepare('INSERT INTO tags VALUES (NULL, ?, ?, 0, 0, 0, 0, 0, NULL, 0, 0, 0, 0, 0, 0, 0)')
    this.#update = db.prepare(
      `UPDATE tags SET rows_id = ?, epoch = ?, counter = ?, replica_count = ?, created_at_ms = ?, modified_at_ms = ?,
         deleted_at_ms = ?, is_purged = ?, entry_count = ?, bytes = ?, record_count = ?, raw_bytes = ?, next_number = ?,
         line_count = ? WHERE id = ?`,
    )
    this.#remove = db.prepare('DELETE FROM tags WHERE id = ?')
    this.#settings = db.prepare('SELECT value FROM tag_settings WHERE tag_id = ?')
    this.#putSettings = db.prepare('INSERT OR REPLACE INTO tag_settings VALUES (?, ?)')
  }

  find(tag: TagName): StoredHead | undefined {
    const row = this.#find.get(tag)
    return row && this.#storedHead(row)
  }

  list(after: TagName, count: number): TagHead[] {
    return this.#list.all(after, count).map(row => this.#storedHead(row).head)
  }

  count(): number {
    return this.#count.get()!.count
  }

  /** A row for a new tag, to be filled by `put`; returns its id. */
  insert(tag: TagName, rowsId: number): number {
    return Number(this.#insert.run(tag, rowsId).lastInsertRowid)
  }

  put({id, rowsId, lineCount, head}: StoredHead): void {
    this.#update.run(
      rowsId,
      head.version.epoch,
      head.version.counter,
      head.replicaCount,
      head.createdAtMs,
      head.modifiedAtMs,
      head.deletedAtMs ?? null,
      Number(head.isPurged === true),
      head.entryCount,
      head.bytes,
      head.recordCount,
      head.rawBytes,
      head.nextNumber,
      lineCount,
      id,
    )
    const known = this.#cache.get(id)?.settings
    if (known !== undefined && isUnchanged(known, head)) return
    const settings = settingsOf(head)
    const value = JSON.stringify(settings)
    this.#putSettings.run(id, value)
    this.#keep(id, settings, value.length)
  }

  remove(id: number): void {
    this.#remove.run(id)
    this.#drop(id)
  }

  /** What it holds may be from a transaction that never was. */
  forgetCache(): void {
    this.#cache.clear()
    this.#cacheChars = 0
  }

  #storedHead(row: HeadRow): StoredHead {
    const {replicas, ...settings} = this.#settingsOf(row.id)
    const head: TagHead = {
      tag: row.tag,
      version: {epoch: row.epoch, counter: row.counter},
      replicas,
      replicaCount: row.replica_count,
      createdAtMs: row.created_at_ms,
      modifiedAtMs: row.modified_at_ms,
      ...(row.deleted_at_ms !== null && {deletedAtMs: row.deleted_at_ms}),
      ...(row.is_purged === 1 && {isPurged: true}),
      entryCount: row.entry_count,
      bytes: row.bytes,
      recordCount: row.record_count,
      rawBytes: row.raw_bytes,
      nextNumber: row.next_number,
      ...settings,
    }
    return {id: row.id, rowsId: row.rows_id, lineCount: row.line_count, head}
  }

  #settingsOf(id: number): Settings {
    const known = this.#cache.get(id)
    if (known !== undefined) return known.settings
    const {value} = this.#settings.get(id)!
    const settings = JSON.parse(value) as Settings
    this.#keep(id, settings, value.length)
    return settings
  }

  /** The oldest go first; one that is larger than all the room is not kept. */
  #keep(id: number, settings: Settings, chars: number): void {
    this.#drop(id)
    if (chars > settingsCacheCharsMax) return
    this.#cache.set(id, {settings, chars})
    this.#cacheChars += chars
    for (const oldest of this.#cache.keys()) {
      if (this.#cacheChars <= settingsCacheCharsMax) break
      this.#drop(oldest)
    }
  }

  #drop(id: number): void {
    this.#cacheChars -= this.#cache.get(id)?.chars ?? 0
    this.#cache.delete(id)
  }
}

/** By identity: a change that leaves them alone passes the same objects on. */
function isUnchanged(known: Settings, head: TagHead): boolean {
  return (
    known.replicas === head.replicas &&
    known.attributes === head.attributes &&
    known.readToken === head.readToken &&
    known.writeToken === head.writeToken
  )
}

function settingsOf({replicas, attributes, readToken, writeToken}: TagHead): Settings {
  return {
    replicas,
    attributes,
    ...(readToken !== undefined && {readToken}),
    ...(writeToken !== undefined && {writeToken}),
  }
}
