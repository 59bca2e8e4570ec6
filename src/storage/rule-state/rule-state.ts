import {snapshotDatabase} from '../backup/snapshot.ts'
import type {Db} from '../sqlite/open-database.ts'
import {MetaTable} from '../tags/meta-table.ts'
import {LeaseTable} from './lease-table.ts'
import type {
  HistoryBounds,
  KnownRule,
  Lease,
  Order,
  RuleRecord,
  RuleStateContents,
  RuleStateWrite,
  RunRow,
  SavedNotice,
} from './rule-state-types.ts'
import {RunTable} from './run-table.ts'

const daemonLease = 'daemon'

/**
 * The state of a rule daemon. Commands read it and leave orders in it beside a daemon that runs; only the holder of its lease
 * writes the rest. Each method is one transaction and durable when it returns.
 */
export class RuleState {
  readonly #db: Db
  readonly #meta: MetaTable
  readonly #leases: LeaseTable
  readonly #runs: RunTable

  constructor(db: Db) {
    this.#db = db
    this.#meta = new MetaTable(db)
    this.#leases = new LeaseTable(db)
    this.#runs = new RunTable(db)
  }

  /** Random, made with the state: tells its runs from those of others. */
  get id(): string {
    return this.#meta.get('id') ?? ''
  }

  /** What a daemon that starts goes on from. `openRuns` may still run, or have ended without a word. */
  load(): RuleStateContents {
    const pausedMs = this.#meta.get('paused_ms')
    return {
      records: this.records(),
      openRuns: this.#runs.open(),
      nextRun: Math.max(Number(this.#meta.get('next_run') ?? 1), this.#runs.lastId() + 1),
      pausedMs: pausedMs === undefined || pausedMs === '' ? undefined : Number(pausedMs),
      notices: this.#db.prepare<[], SavedNotice>('SELECT * FROM notices ORDER BY id').all(),
    }
  }

  /** One for each rule that a daemon has seen, by name; also of rules whose files are gone. */
  records(): RuleRecord[] {
    const rows = this.#db.prepare<[], {readonly record: string}>('SELECT record FROM rules ORDER BY name').all()
    return rows.map(({record}) => JSON.parse(record) as RuleRecord)
  }

  /** Rules as a daemon last read them from their files, by name; also those that never ran. */
  known(): KnownRule[] {
    const rows = this.#db.prepare<[], {readonly rule: string}>('SELECT rule FROM known ORDER BY name').all()
    return rows.map(({rule}) => JSON.parse(rule) as KnownRule)
  }

  /**
   * Writes all or nothing.
   *
   * @param token - of the daemon's lease: whoever lost it writes nothing, so that an old daemon that wakes up starts nothing
   * @returns false when the lease is another's
   */
  commit(token: string, writes: readonly RuleStateWrite[]): boolean {
    return this.#db
      .transaction(() => {
        if (!this.#leases.isHeld(daemonLease, token)) return false
        for (const write of writes) this.#write(write)
        return true
      })
      .immediate()
  }

  /** The daemon's lease, as it was taken or renewed last: it may be over, see `deadlineMs`. Undefined: nobody has it. */
  lease(): Lease | undefined {
    return this.#leases.get(daemonLease)
  }

  /**
   * Makes the caller the daemon, if `mayTake` has nothing against who holds the lease. Of two who try, one gets it.
   *
   * @returns the lease that holds now: the own one, or that of the other
   */
  takeLease(lease: Lease, mayTake: (held: Lease) => boolean): Lease {
    return this.#leases.take(daemonLease, lease, mayTake)
  }

  /** @returns false when another one has the lease: this daemon must stop */
  renewLease(token: string, deadlineMs: number): boolean {
    return this.#leases.renew(daemonLease, token, deadlineMs)
  }

  /** Gives the lease back; nothing happens when it is another's by now. */
  releaseLease(token: string): void {
    this.#leases.release(daemonLease, token)
  }

  /** For the daemon that runs, or the next one. */
  addOrder(type: Order['type'], rule: string | undefined): number {
    const {lastInsertRowid} = this.#db.prepare('INSERT INTO orders (type, rule) VALUES (?, ?)').run(type, rule ?? null)
    return Number(lastInsertRowid)
  }

  /** In the order in which they were given. */
  orders(): Order[] {
    const rows = this.#db
      .prepare<[], {readonly id: number; readonly type: Order['type']; readonly rule: string | null}>(
        'SELECT * FROM orders ORDER BY id',
      )
      .all()
    return rows.map(({id, type, rule}) => ({id, type, rule: rule ?? undefined}))
  }

  /** Undefined: there was none of that number, or it is forgotten. */
  run(id: number): RunRow | undefined {
    return this.#runs.get(id)
  }

  /** Newest first. */
  runs(rule: string | undefined, countMax: number): RunRow[] {
    return this.#runs.list(rule, countMax)
  }

  /** Forgets old runs. @returns their ids, whose logs may go */
  trimRuns(nowMs: number, bounds: HistoryBounds): number[] {
    return this.#db.transaction(() => this.#runs.trim(nowMs, bounds)).immediate()
  }

  /** A copy of what it holds now, while it is in use. @throws ClusterError DISK_FULL, STORAGE_BROKEN */
  async copyTo(path: string): Promise<void> {
    await snapshotDatabase(this.#db, path)
  }

  close(): void {
    this.#db.close()
  }

  #write(write: RuleStateWrite): void {
    switch (write.type) {
      case 'save-rule':
        this.#db
          .prepare('INSERT OR REPLACE INTO rules VALUES (?, ?)')
          .run(write.record.name, JSON.stringify(write.record))
        break
      case 'save-run':
        this.#runs.put(write.run)
        this.#meta.set('next_run', String(Math.max(Number(this.#meta.get('next_run') ?? 1), write.run.id + 1)))
        break
      case 'save-known':
        this.#db.prepare('DELETE FROM known').run()
        for (const rule of write.rules) {
          this.#db.prepare('INSERT INTO known VALUES (?, ?)').run(rule.name, JSON.stringify(rule))
        }
        break
      case 'save-paused':
        this.#meta.set('paused_ms', write.pausedMs === undefined ? '' : String(write.pausedMs))
        break
      case 'save-notice':
        this.#db
          .prepare('INSERT INTO notices VALUES (?, ?, ?)')
          .run(write.notice.id, write.notice.rule, write.notice.notice)
        break
      case 'drop-notice':
        this.#db.prepare('DELETE FROM notices WHERE id = ?').run(write.id)
        break
      case 'drop-order':
        this.#db.prepare('DELETE FROM orders WHERE id = ?').run(write.id)
        break
    }
  }
}
