import type {Db} from '../sqlite/open-database.ts'
import type {Lease} from './rule-state-types.ts'

interface LeaseRow {
  readonly token: string
  readonly pid: number
  readonly started_ticks: string
  readonly boot: string
  readonly taken_at_ms: number
  readonly deadline_ms: number
}

/** Who may act for a state folder: one process at a time. */
export class LeaseTable {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  get(name: string): Lease | undefined {
    const row = this.#db.prepare<[string], LeaseRow>('SELECT * FROM leases WHERE name = ?').get(name)
    if (row === undefined) return undefined
    return {
      holder: {pid: row.pid, startedTicks: row.started_ticks, boot: row.boot},
      token: row.token,
      takenAtMs: row.taken_at_ms,
      deadlineMs: row.deadline_ms,
    }
  }

  /**
   * Takes a lease, if `mayTake` has nothing against who holds it. Asked and written in one transaction: of two who try, one gets it.
   *
   * @returns the lease that holds now: the own one, or who has it
   */
  take(name: string, lease: Lease, mayTake: (held: Lease) => boolean): Lease {
    return this.#db
      .transaction(() => {
        const held = this.get(name)
        if (held !== undefined && !mayTake(held)) return held
        const {holder, token, takenAtMs, deadlineMs} = lease
        this.#db
          .prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?, ?)')
          .run(name, token, holder.pid, holder.startedTicks, holder.boot, takenAtMs, deadlineMs)
        return lease
      })
      .immediate()
  }

  /** @returns false when someone else has taken it */
  renew(name: string, token: string, deadlineMs: number): boolean {
    const {changes} = this.#db
      .prepare('UPDATE leases SET deadline_ms = ? WHERE name = ? AND token = ?')
      .run(deadlineMs, name, token)
    return changes === 1
  }

  isHeld(name: string, token: string): boolean {
    return this.#db.prepare('SELECT 1 FROM leases WHERE name = ? AND token = ?').get(name, token) !== undefined
  }

  release(name: string, token: string): void {
    this.#db.prepare('DELETE FROM leases WHERE name = ? AND token = ?').run(name, token)
  }
}
