import type {Statement} from 'better-sqlite3'
import type {Db} from '../sqlite/open-database.ts'
import {MetaTable} from '../tags/meta-table.ts'
import type {LedgerFile, LedgerIntent, LedgerState} from './ledger-types.ts'

interface FileRow {
  readonly id: number
  readonly name: string
  readonly path: string
  readonly identity: string | null
  readonly codec: LedgerFile['codec']
  readonly head_bytes: number
  readonly head_hash: string
  readonly offset: number
  readonly tail_hash: string
  readonly header: Uint8Array | null
  readonly disk_bytes: number
  readonly modified_at_ms: number
  readonly text_bytes: number
  readonly gone_at_ms: number | null
}

/**
 * The ledger of one folder follower. Each method is one transaction and durable when it returns.
 *
 * The order that makes chunks arrive once: spool the chunk, `saveIntent`, push, `finishIntent`.
 */
export class WatchLedger {
  readonly #db: Db
  readonly #meta: MetaTable
  readonly #put: Statement<unknown[]>
  readonly #drop: Statement<[number]>
  readonly #putIntent: Statement<unknown[]>
  readonly #dropIntent: Statement<[]>

  constructor(db: Db) {
    this.#db = db
    this.#meta = new MetaTable(db)
    this.#put = db.prepare('INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#drop = db.prepare('DELETE FROM files WHERE id = ?')
    this.#putIntent = db.prepare('INSERT OR REPLACE INTO intents VALUES (1, ?, ?)')
    this.#dropIntent = db.prepare('DELETE FROM intents')
  }

  /** What a follower that starts goes on from. With an intent, its chunk may have been pushed or not: it is pushed again. */
  load(): LedgerState {
    const rows = this.#db.prepare<[], FileRow>('SELECT * FROM files ORDER BY id').all()
    const intent = this.#db.prepare<[], {readonly intent: string}>('SELECT intent FROM intents').get()
    return {
      files: rows.map(fileOf),
      intent: intent === undefined ? undefined : (JSON.parse(intent.intent) as LedgerIntent),
      nextId: Number(this.#meta.get('next_id') ?? 1),
      ledgerId: this.#meta.get('ledger_id') ?? '',
      isNew: this.#meta.get('next_id') === undefined,
    }
  }

  /** Writes rows as they are now and forgets others. @param nextId - the id that the next file gets */
  saveFiles(files: readonly LedgerFile[], forgotten: readonly number[], nextId: number): void {
    this.#inTransaction(() => {
      for (const file of files) this.#putFile(file)
      for (const id of forgotten) this.#drop.run(id)
      this.#meta.set('next_id', String(nextId))
    })
  }

  /** A chunk is spooled and will be pushed: its file goes on behind it. */
  saveIntent(intent: LedgerIntent, file: LedgerFile, nextId: number): void {
    this.#inTransaction(() => {
      this.#putFile(file)
      this.#putIntent.run(intent.file, JSON.stringify(intent))
      this.#meta.set('next_id', String(nextId))
    })
  }

  /** The chunk is safe. */
  finishIntent(): void {
    this.#dropIntent.run()
  }

  close(): void {
    this.#db.close()
  }

  #inTransaction(work: () => void): void {
    this.#db.transaction(work).immediate()
  }

  #putFile(file: LedgerFile): void {
    this.#put.run(
      file.id,
      file.name,
      file.path,
      file.identity ?? null,
      file.codec,
      file.headBytes,
      file.headHash,
      file.offset,
      file.tailHash,
      file.header ?? null,
      file.diskBytes,
      file.modifiedAtMs,
      file.textBytes,
      file.goneAtMs ?? null,
    )
  }
}

function fileOf(row: FileRow): LedgerFile {
  return {
    id: row.id,
    name: row.name,
    path: row.path,
    identity: row.identity ?? undefined,
    codec: row.codec,
    headBytes: row.head_bytes,
    headHash: row.head_hash,
    offset: row.offset,
    tailHash: row.tail_hash,
    header: row.header ?? undefined,
    diskBytes: row.disk_bytes,
    modifiedAtMs: row.modified_at_ms,
    textBytes: row.text_bytes,
    goneAtMs: row.gone_at_ms ?? undefined,
  }
}
