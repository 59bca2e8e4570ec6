/**
 * The master's journal: what jobs must not lose when the master does.
 *
 * - A commit is one transaction and on the disk when it returns (WAL, synchronous FULL): all of it or, after a crash, nothing.
 * - Rows replace those of the same key, so a commit that is repeated changes nothing.
 * - Packs lie beside the database as files named by their hash: a file is there before a row names it, and goes after the
 *   last row that does.
 */
import type Database from 'better-sqlite3'
import {ClusterError} from '../../base/index.ts'
import {snapshotDatabase} from '../backup/snapshot.ts'
import {diskFailureOf, isCorruption} from '../sqlite/failures.ts'
import type {Db} from '../sqlite/open-database.ts'
import {markSuspect} from '../sqlite/suspect.ts'
import type {JournalContents, JournalEvent, JournalWrite, PackRow} from './journal-types.ts'
import {eventPageMax, eventsDroppedEvery, eventsPerJobMax} from './limits.ts'
import type {PackFiles} from './pack-files.ts'

type Statement = Database.Statement<unknown[]>

export interface EventPage {
  readonly events: readonly JournalEvent[]
  /** All before are dropped. */
  readonly first: number
}

/**
 * The open journal of one master. Made by `openJournal`.
 *
 * Reading throws ClusterError STORAGE_BROKEN, too: for a disk that gives errors, and a file that has become corrupt.
 */
export class Journal {
  readonly packs: PackFiles
  readonly #db: Db
  readonly #statements: Readonly<Record<StatementName, Statement>>
  readonly #commit: (writes: readonly JournalWrite[]) => string[]

  constructor(db: Db, packs: PackFiles) {
    this.#db = db
    this.packs = packs
    this.#statements = prepareAll(db)
    this.#commit = db.transaction((writes: readonly JournalWrite[]) => writes.flatMap(write => this.#write(write)))
  }

  /**
   * Durable when it returns.
   *
   * @throws ClusterError DISK_FULL, STORAGE_BROKEN: nothing of it is kept
   */
  commit(writes: readonly JournalWrite[]): void {
    if (writes.length === 0) return
    const unnamed = this.#guard(() => this.#commit(writes))
    for (const hash of unnamed) this.packs.remove(hash)
  }

  /** Everything a scheduler is restored from. */
  load(): JournalContents {
    return this.#guard(() => {
      const bodies = (name: StatementName): unknown[] =>
        (this.#statements[name].all() as {body: string}[]).map(row => JSON.parse(row.body) as unknown)
      const counts = this.#statements.countEvents.all() as {job: string; count: number}[]
      const next = this.#statements.nextRun.get() as {value: number} | undefined
      return {
        nextRun: next?.value ?? 1,
        jobs: bodies('allJobs'),
        jobStates: bodies('allStates'),
        tasks: bodies('allTasks'),
        troubles: bodies('allTroubles'),
        runs: bodies('allRuns'),
        eventCounts: new Map(counts.map(({job, count}) => [job, count])),
      }
    })
  }

  /** Done tasks of one job, by number: also of jobs that are no longer in memory. */
  tasksOf(job: string): unknown[] {
    return this.#guard(() =>
      (this.#statements.tasksOf.all(job) as {body: string}[]).map(row => JSON.parse(row.body) as unknown),
    )
  }

  /** Events of a job with numbers from `from` on, oldest first, at most `count` and `eventPageMax`. */
  eventsOf(job: string, from: number, count: number): EventPage {
    return this.#guard(() => {
      const rows = this.#statements.eventsOf.all(job, from, Math.min(count, eventPageMax)) as {
        number: number
        now_ms: number
        kind: string
        source: string
        text: string
      }[]
      const first = this.#statements.firstEvent.get(job) as {number: number | null}
      return {
        events: rows.map(({number, now_ms: nowMs, kind, source, text}) => ({job, number, nowMs, kind, source, text})),
        first: first.number ?? 0,
      }
    })
  }

  /** Nobody waits for this pack any more: its job was booked, or was refused. */
  releasePack(hash: string): void {
    this.packs.release(hash)
    if (!this.packs.isHeld(hash) && this.#guard(() => this.#statements.packUsed.get(hash)) === undefined) {
      this.packs.remove(hash)
    }
  }

  /** Hash and bytes of the pack of a job; undefined when the job is forgotten or never had one. */
  packOf(job: string): PackRow | undefined {
    return this.#guard(() => this.#statements.packOf.get(job) as PackRow | undefined)
  }

  /** A copy of what it holds now, while it is in use; without packs. @throws ClusterError DISK_FULL, STORAGE_BROKEN */
  async copyTo(path: string): Promise<void> {
    await snapshotDatabase(this.#db, path)
  }

  close(): void {
    this.#db.close()
  }

  /** @returns packs that no job names any more */
  #write(write: JournalWrite): string[] {
    const run = this.#statements
    switch (write.type) {
      case 'persist-job':
        run.putJob.run(write.row.job, write.row.number, JSON.stringify(write.row))
        return []
      case 'persist-job-state':
        run.putState.run(write.row.job, JSON.stringify(write.row))
        return []
      case 'persist-task':
        run.putTask.run(write.row.job, write.row.task, JSON.stringify(write.row))
        return []
      case 'persist-trouble':
        run.putTrouble.run(write.row.job, write.row.task, JSON.stringify(write.row))
        return []
      case 'persist-run':
        run.putRun.run(write.row.run, write.row.job, JSON.stringify(write.row))
        return []
      case 'forget-run':
        run.dropRun.run(write.run)
        return []
      case 'persist-next-run':
        run.putNextRun.run(write.nextRun)
        return []
      case 'job-event':
        this.#addEvent(write.event)
        return []
      case 'persist-pack':
        run.putPack.run(write.job, write.hash, write.bytes)
        return []
      case 'forget-job':
        return this.#forget(write.job)
    }
  }

  #addEvent({job, number, nowMs, kind, source, text}: JournalEvent): void {
    this.#statements.putEvent.run(job, number, nowMs, kind, source, text)
    if (number % eventsDroppedEvery === 0) this.#statements.dropEvents.run(job, number - eventsPerJobMax)
  }

  #forget(job: string): string[] {
    const {packOf, packUsed} = this.#statements
    const pack = packOf.get(job) as PackRow | undefined
    for (const name of forgetStatements) this.#statements[name].run(job)
    if (pack === undefined || packUsed.get(pack.hash) !== undefined) return []
    return [pack.hash]
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      if (isCorruption(error)) markSuspect(this.#db.name)
      const failure = diskFailureOf(error, this.#db.name)
      if (failure === undefined) throw error
      throw new ClusterError(failure.code, failure.message, {cause: error})
    }
  }
}

const sql = {
  putJob: 'INSERT OR REPLACE INTO jobs VALUES (?, ?, ?)',
  putState: 'INSERT OR REPLACE INTO job_states VALUES (?, ?)',
  putTask: 'INSERT OR REPLACE INTO tasks VALUES (?, ?, ?)',
  putTrouble: 'INSERT OR REPLACE INTO troubles VALUES (?, ?, ?)',
  putRun: 'INSERT OR REPLACE INTO runs VALUES (?, ?, ?)',
  dropRun: 'DELETE FROM runs WHERE run = ?',
  putNextRun: "INSERT OR REPLACE INTO numbers VALUES ('next-run', ?)",
  putPack: 'INSERT OR REPLACE INTO packs VALUES (?, ?, ?)',
  putEvent: 'INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?)',
  dropEvents: 'DELETE FROM events WHERE job = ? AND number <= ?',
  forgetJob: 'DELETE FROM jobs WHERE job = ?',
  forgetTasks: 'DELETE FROM tasks WHERE job = ?',
  forgetTroubles: 'DELETE FROM troubles WHERE job = ?',
  forgetRuns: 'DELETE FROM runs WHERE job = ?',
  forgetEvents: 'DELETE FROM events WHERE job = ?',
  forgetPack: 'DELETE FROM packs WHERE job = ?',
  nextRun: "SELECT value FROM numbers WHERE name = 'next-run'",
  allJobs: 'SELECT body FROM jobs ORDER BY number',
  allStates: 'SELECT body FROM job_states ORDER BY job',
  allTasks: 'SELECT body FROM tasks ORDER BY job, task',
  allTroubles: 'SELECT body FROM troubles ORDER BY job, task',
  allRuns: 'SELECT body FROM runs ORDER BY run',
  tasksOf: 'SELECT body FROM tasks WHERE job = ? ORDER BY task',
  countEvents: 'SELECT job, max(number) + 1 AS count FROM events GROUP BY job',
  eventsOf:
    'SELECT number, now_ms, kind, source, text FROM events WHERE job = ? AND number >= ? ORDER BY number LIMIT ?',
  firstEvent: 'SELECT min(number) AS number FROM events WHERE job = ?',
  packOf: 'SELECT hash, bytes FROM packs WHERE job = ?',
  packUsed: 'SELECT 1 FROM packs WHERE hash = ? LIMIT 1',
} as const

type StatementName = keyof typeof sql

const forgetStatements = [
  'forgetJob',
  'forgetTasks',
  'forgetTroubles',
  'forgetRuns',
  'forgetEvents',
  'forgetPack',
] as const satisfies readonly StatementName[]

const prepareAll = (db: Db): Record<StatementName, Statement> =>
  Object.fromEntries(Object.entries(sql).map(([name, text]) => [name, db.prepare(text)])) as Record<
    StatementName,
    Statement
  >
