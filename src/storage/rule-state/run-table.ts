import type {Statement} from 'better-sqlite3'
import type {Db} from '../sqlite/open-database.ts'
import type {HistoryBounds, RunRow, RunState, RunTrigger} from './rule-state-types.ts'

interface Row {
  readonly id: number
  readonly rule: string
  readonly trigger: RunTrigger
  readonly state: RunState
  readonly started_ms: number
  readonly ended_ms: number | null
  readonly pid: number | null
  readonly started_ticks: string | null
  readonly boot: string | null
  readonly error: string | null
  readonly report: string | null
}

/** Runs of rules, those that go on and those that are over. */
export class RunTable {
  readonly #db: Db
  readonly #put: Statement<unknown[]>
  readonly #dropSkipped: Statement<unknown[]>

  constructor(db: Db) {
    this.#db = db
    this.#put = db.prepare(
      `INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
        state = excluded.state, ended_ms = excluded.ended_ms, pid = excluded.pid, started_ticks = excluded.started_ticks,
        boot = excluded.boot, error = excluded.error, report = excluded.report`,
    )
    this.#dropSkipped = db.prepare(
      `DELETE FROM runs WHERE state = 'skipped' AND id = (SELECT max(id) FROM runs WHERE rule = ? AND id < ?)`,
    )
  }

  /** Of runs in a row that were skipped, the last one stays: a rule that waits for data asks every few minutes. */
  put(run: RunRow): void {
    const {id, rule, process} = run
    this.#put.run(
      id,
      rule,
      run.trigger,
      run.state,
      run.startedMs,
      run.endedMs ?? null,
      process?.pid ?? null,
      process?.startedTicks ?? null,
      process?.boot ?? null,
      run.error ?? null,
      run.report ?? null,
    )
    if (run.state === 'skipped') this.#dropSkipped.run(rule, id)
  }

  get(id: number): RunRow | undefined {
    const row = this.#db.prepare<[number], Row>('SELECT * FROM runs WHERE id = ?').get(id)
    return row === undefined ? undefined : runOf(row)
  }

  open(): RunRow[] {
    return this.#db.prepare<[], Row>(`SELECT * FROM runs WHERE state = 'running' ORDER BY id`).all().map(runOf)
  }

  /** Newest first. */
  list(rule: string | undefined, countMax: number): RunRow[] {
    return rule === undefined
      ? this.#db.prepare<[number], Row>('SELECT * FROM runs ORDER BY id DESC LIMIT ?').all(countMax).map(runOf)
      : this.#db
          .prepare<[string, number], Row>('SELECT * FROM runs WHERE rule = ? ORDER BY id DESC LIMIT ?')
          .all(rule, countMax)
          .map(runOf)
  }

  lastId(): number {
    return this.#db.prepare<[], {readonly id: number | null}>('SELECT max(id) AS id FROM runs').get()?.id ?? 0
  }

  /** Forgets what is past the bounds. @returns the ids of the runs that went */
  trim(nowMs: number, {ageMs, runsOfRuleMax}: HistoryBounds): number[] {
    const gone = this.#db
      .prepare<[number, number], {readonly id: number}>(
        `DELETE FROM runs WHERE state <> 'running' AND (started_ms < ? OR id IN (
          SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY rule ORDER BY id DESC) AS number FROM runs)
          WHERE number > ?
        )) RETURNING id`,
      )
      .all(nowMs - ageMs, runsOfRuleMax)
    return gone.map(({id}) => id)
  }
}

function runOf(row: Row): RunRow {
  const {pid, started_ticks: startedTicks, boot} = row
  return {
    id: row.id,
    rule: row.rule,
    trigger: row.trigger,
    state: row.state,
    startedMs: row.started_ms,
    endedMs: row.ended_ms ?? undefined,
    process: pid === null || startedTicks === null || boot === null ? undefined : {pid, startedTicks, boot},
    error: row.error ?? undefined,
    report: row.report ?? undefined,
  }
}
