import type {Statement} from 'better-sqlite3'
import type {BlobId, BlobReport} from '../../protocol/index.ts'
import type {Db} from '../sqlite/open-database.ts'
import {markSuspect} from '../sqlite/suspect.ts'

export interface BlobRow {
  readonly blob: BlobId
  readonly volumeId: number
  readonly bytes: number
  readonly replicaCount: number
  readonly touchedAtMs: number
  /** By the node's own account, milliseconds. */
  readonly touchedMark: number
  /** Another number when the blob was lost and stored again. */
  readonly replica: number
}

interface RawRow {
  readonly id: Buffer
  readonly volume_id: number
  readonly bytes: number
  readonly replica_count: number
  readonly touched_at_ms: number
  readonly touched_mark: number
  readonly replica: number
}

const keyOf = (blob: BlobId): Buffer => Buffer.from(blob, 'hex')

/** Rows of blobs. Those on volumes that are not there (`setLiveVolumes`) are kept, and not shown. */
export class BlobTable {
  readonly #db: Db
  readonly #find: Statement<[Buffer], RawRow>
  readonly #checksums: Statement<[Buffer], {readonly value: Buffer}>
  readonly #insert: Statement<[Buffer, number, number, number, number, number, number]>
  readonly #insertChecksums: Statement<[Buffer, Buffer]>
  readonly #delete: Statement<[Buffer]>
  readonly #touch: Statement<[number, number, number, Buffer]>
  readonly #list: Statement<[Buffer, number, number], RawRow>
  readonly #totals: Statement<[], {readonly volume_id: number; readonly count: number; readonly bytes: number}>
  readonly #uptime: Statement<[number]>

  constructor(db: Db) {
    this.#db = db
    db.exec('CREATE TEMP TABLE live_volumes (id INTEGER PRIMARY KEY)')
    this.#find = db.prepare('SELECT * FROM blobs WHERE id = ? AND volume_id IN live_volumes')
    this.#checksums = db.prepare('SELECT value FROM checksums WHERE id = ?')
    this.#insert = db.prepare('INSERT INTO blobs VALUES (?, ?, ?, ?, ?, ?, ?)')
    this.#insertChecksums = db.prepare('INSERT INTO checksums VALUES (?, ?)')
    this.#delete = db.prepare('DELETE FROM blobs WHERE id = ?')
    this.#touch = db.prepare(
      'UPDATE blobs SET touched_at_ms = ?, touched_mark = ?, replica_count = max(replica_count, ?) WHERE id = ?',
    )
    this.#list = db.prepare(
      'SELECT * FROM blobs WHERE id > ? AND touched_mark <= ? AND volume_id IN live_volumes ORDER BY id LIMIT ?',
    )
    this.#totals = db.prepare(
      'SELECT volume_id, count(*) AS count, sum(bytes) AS bytes FROM blobs WHERE volume_id IN live_volumes GROUP BY 1',
    )
    this.#uptime = db.prepare('UPDATE account SET uptime_ms = ?')
  }

  find(blob: BlobId): BlobRow | undefined {
    const row = this.#find.get(keyOf(blob))
    return row && rowOf(row)
  }

  checksums(blob: BlobId): Buffer {
    return this.#checksums.get(keyOf(blob))?.value ?? Buffer.alloc(0)
  }

  /** In place of a row of that blob on a volume that is not there. */
  insert(row: BlobRow, checksums: Buffer): void {
    const {blob, volumeId, bytes, replicaCount, touchedAtMs, touchedMark, replica} = row
    const key = keyOf(blob)
    this.#all(() => {
      this.#delete.run(key)
      this.#insert.run(key, volumeId, bytes, replicaCount, touchedAtMs, touchedMark, replica)
      this.#insertChecksums.run(key, checksums)
    })
  }

  delete(blobs: readonly BlobId[]): void {
    this.#all(() => {
      for (const blob of blobs) this.#delete.run(keyOf(blob))
    })
  }

  touch(blobs: readonly BlobId[], replicaCount: number, nowMs: number, mark: number): void {
    this.#all(() => {
      for (const blob of blobs) this.#touch.run(nowMs, mark, replicaCount, keyOf(blob))
    })
  }

  /** In order of ids, behind `after`; only those not touched since `mark`. */
  list(after: string, count: number, mark = Number.MAX_SAFE_INTEGER): BlobRow[] {
    return this.#list.all(keyOf(after), mark, count).map(rowOf)
  }

  /** Count and bytes by volume. */
  totals(): Map<number, {readonly count: number; readonly bytes: number}> {
    return new Map(this.#totals.all().map(({volume_id, count, bytes}) => [volume_id, {count, bytes}]))
  }

  /** The id of a volume by its key; a new one when it was never here. */
  volumeId(key: string, path: string): number {
    this.#db
      .prepare('INSERT INTO volumes (key, path) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET path = excluded.path')
      .run(key, path)
    return this.#db.prepare<[string], {readonly id: number}>('SELECT id FROM volumes WHERE key = ?').get(key)!.id
  }

  /** The key of the volume that was last seen at a path and has blobs. */
  keyAt(path: string): string | undefined {
    const sql =
      'SELECT key FROM volumes WHERE path = ? AND EXISTS (SELECT 1 FROM blobs WHERE volume_id = volumes.id) LIMIT 1'
    return this.#db.prepare<[string], {readonly key: string}>(sql).get(path)?.key
  }

  setLiveVolumes(ids: readonly number[]): void {
    const insert = this.#db.prepare('INSERT INTO live_volumes VALUES (?)')
    for (const id of ids) insert.run(id)
  }

  /** Where the account stood: no earlier than any mark that was given. */
  uptimeMs(): number {
    const sql = 'SELECT max(uptime_ms, coalesce((SELECT max(touched_mark) FROM blobs), 0)) AS ms FROM account'
    return this.#db.prepare<[], {readonly ms: number}>(sql).get()!.ms
  }

  setUptimeMs(ms: number): void {
    this.#uptime.run(ms)
  }

  /** To be checked whole at the next start. */
  markSuspect(): void {
    markSuspect(this.#db.name)
  }

  close(): void {
    this.#db.close()
  }

  #all(work: () => void): void {
    this.#db.transaction(work).immediate()
  }
}

const rowOf = (row: RawRow): BlobRow => ({
  blob: row.id.toString('hex'),
  volumeId: row.volume_id,
  bytes: row.bytes,
  replicaCount: row.replica_count,
  touchedAtMs: row.touched_at_ms,
  touchedMark: row.touched_mark,
  replica: row.replica,
})

export const reportOf = ({blob, bytes, replicaCount, touchedAtMs}: BlobRow): BlobReport => ({
  blob,
  bytes,
  replicaCount,
  touchedAtMs,
})
