import type {Statement} from 'better-sqlite3'
import {
  type BlobEntry,
  type BlobId,
  type Codec,
  contentOf,
  type EntryRows,
  type NumberedEntry,
  pageBytesMax,
  replyBytesOf,
  type TagEntry,
  type TagName,
  type Uniqueness,
} from '../../protocol/index.ts'
import {tidyRowsMax} from '../limits.ts'
import type {Db} from '../sqlite/open-database.ts'

type Content = Buffer | string

interface EntryRow {
  readonly number: number
  readonly content: Content
  readonly name: string | null
  readonly bytes: number | null
  readonly codec: Codec | null
  readonly record_count: number | null
  readonly raw_bytes: number | null
}

/** Entries of all tags, by `rows_id`. Knows nothing of heads. Called inside transactions only. */
export class EntryTable {
  readonly #insert: Statement<unknown[]>
  readonly #hasEntry: Statement<[Content, number, string | null]>
  readonly #hasName: Statement<[number, string]>
  readonly #same: Statement<[Content, number], EntryRow>
  readonly #delete: Statement<[number, number]>
  readonly #page: Statement<[number, number, number], EntryRow>
  readonly #reference: Statement<[Content], {readonly tag: TagName}>
  readonly #addLoose: Statement<[number]>
  readonly #removeLoose: Statement<[number]>
  readonly #allLoose: Statement<[], {readonly rows_id: number}>
  readonly #lastOfSome: Statement<[number], {readonly number: number}>
  readonly #deleteUpTo: Statement<[number, number]>
  readonly #deleteAll: Statement<[number]>
  #lastRowsId: number

  constructor(db: Db) {
    this.#insert = db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#hasEntry = db.prepare('SELECT 1 FROM entries WHERE content = ? AND rows_id = ? AND name IS ? LIMIT 1')
    this.#hasName = db.prepare('SELECT 1 FROM entries WHERE rows_id = ? AND name = ? LIMIT 1')
    this.#same = db.prepare('SELECT * FROM entries WHERE content = ? AND rows_id = ?')
    this.#delete = db.prepare('DELETE FROM entries WHERE rows_id = ? AND number = ?')
    this.#page = db.prepare('SELECT * FROM entries WHERE rows_id = ? AND number > ? ORDER BY number LIMIT ?')
    this.#reference = db.prepare(
      'SELECT tag FROM entries JOIN tags ON tags.rows_id = entries.rows_id WHERE content = ? LIMIT 1',
    )
    this.#addLoose = db.prepare('INSERT INTO loose_rows VALUES (?)')
    this.#removeLoose = db.prepare('DELETE FROM loose_rows WHERE rows_id = ?')
    this.#allLoose = db.prepare('SELECT rows_id FROM loose_rows')
    this.#lastOfSome = db.prepare(
      `SELECT number FROM entries WHERE rows_id = ? ORDER BY number LIMIT 1 OFFSET ${tidyRowsMax - 1}`,
    )
    this.#deleteUpTo = db.prepare('DELETE FROM entries WHERE rows_id = ? AND number <= ?')
    this.#deleteAll = db.prepare('DELETE FROM entries WHERE rows_id = ?')
    const tops = db.prepare<[], {readonly id: number | null}>(
      'SELECT max(rows_id) AS id FROM tags UNION ALL SELECT max(rows_id) FROM loose_rows',
    )
    this.#lastRowsId = Math.max(...tops.all().map(row => row.id ?? 0))
  }

  /** One that was never used. Rows under it must be known to `tags` or `loose_rows` before the transaction ends. */
  nextRowsId(): number {
    this.#lastRowsId++
    return this.#lastRowsId
  }

  /** The rows of one tag. `onClear` gives them a new id. */
  rows(rowsId: number, onClear: () => number): EntryRows {
    let id = rowsId
    return {
      has: (entry, unique) => this.#has(id, entry, unique),
      add: (number, entry) => this.add(id, number, entry),
      take: entry => this.#take(id, entry),
      clear: () => {
        id = onClear()
      },
    }
  }

  add(rowsId: number, number: number, entry: TagEntry): void {
    const content = columnOf(entry)
    if (entry.type !== 'blob') this.#insert.run(rowsId, number, content, null, null, null, null, null)
    else {
      const {name, bytes, codec, recordCount, rawBytes} = entry
      this.#insert.run(rowsId, number, content, name, bytes, codec ?? null, recordCount ?? null, rawBytes ?? null)
    }
  }

  page(rowsId: number, after: number, count: number): readonly NumberedEntry[] {
    const found: NumberedEntry[] = []
    let bytes = 0
    for (const row of this.#page.iterate(rowsId, after, count)) {
      const numbered = {number: row.number, entry: entryOf(row)}
      bytes += replyBytesOf(numbered)
      if (bytes > pageBytesMax && found.length > 0) break
      found.push(numbered)
    }
    return found
  }

  references(blobs: readonly BlobId[]): {readonly blob: BlobId; readonly tag: TagName}[] {
    return blobs.flatMap(blob => {
      const row = this.#reference.get(Buffer.from(blob, 'hex'))
      return row === undefined ? [] : [{blob, tag: row.tag}]
    })
  }

  /** These rows belong to no tag, or not yet. */
  loosen(rowsId: number): void {
    this.#addLoose.run(rowsId)
  }

  /** They do again. */
  fasten(rowsId: number): void {
    this.#removeLoose.run(rowsId)
  }

  looseRows(): number[] {
    return this.#allLoose.all().map(row => row.rows_id)
  }

  /** Deletes some rows that are loose; says whether that were the last of them. */
  tidy(rowsId: number): boolean {
    const last = this.#lastOfSome.get(rowsId)
    if (last !== undefined) {
      this.#deleteUpTo.run(rowsId, last.number)
      return false
    }
    this.#deleteAll.run(rowsId)
    this.#removeLoose.run(rowsId)
    return true
  }

  #has(rowsId: number, entry: TagEntry, unique: Exclude<Uniqueness, 'none'>): boolean {
    if (entry.type !== 'blob') return this.#hasEntry.get(columnOf(entry), rowsId, null) !== undefined
    if (unique === 'name') return this.#hasName.get(rowsId, entry.name) !== undefined
    return this.#hasEntry.get(columnOf(entry), rowsId, entry.name) !== undefined
  }

  #take(rowsId: number, pattern: TagEntry): readonly TagEntry[] {
    const isAnyName = pattern.type !== 'blob' || pattern.name === ''
    const taken: TagEntry[] = []
    for (const row of this.#same.all(columnOf(pattern), rowsId)) {
      if (!isAnyName && row.name !== pattern.name) continue
      this.#delete.run(rowsId, row.number)
      taken.push(entryOf(row))
    }
    return taken
  }
}

/** Ids of blobs as bytes: half as long in two trees. */
function columnOf(entry: TagEntry): Content {
  return entry.type === 'blob' ? Buffer.from(entry.blob, 'hex') : contentOf(entry)
}

function entryOf(row: EntryRow): TagEntry {
  if (typeof row.content !== 'string') return blobEntryOf(row, row.content)
  const isLink = row.content.startsWith('tag:')
  const text = row.content.slice('tag:'.length)
  return isLink ? {type: 'tag', tag: text} : {type: 'url', urls: JSON.parse(text) as string[]}
}

function blobEntryOf(row: EntryRow, content: Buffer): BlobEntry {
  return {
    type: 'blob',
    blob: content.toString('hex'),
    name: row.name!,
    bytes: row.bytes!,
    ...(row.codec !== null && {codec: row.codec}),
    ...(row.record_count !== null && {recordCount: row.record_count}),
    ...(row.raw_bytes !== null && {rawBytes: row.raw_bytes}),
  }
}
