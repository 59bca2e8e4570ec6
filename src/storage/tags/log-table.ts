import type {Statement} from 'better-sqlite3'
import {type TagChange, type TagLogLine, tagLogLinesMax} from '../../protocol/index.ts'
import type {Db} from '../sqlite/open-database.ts'

interface LogRow {
  readonly epoch: number
  readonly counter: number
  readonly change: TagChange['type']
  readonly at_ms: number
  readonly by: string
  readonly added_count: number
  readonly removed_count: number
}

/** Histories of tags: the last lines of each, by tag id and line number. */
export class LogTable {
  readonly #insert: Statement<unknown[]>
  readonly #deleteOld: Statement<[number, number]>
  readonly #deleteAll: Statement<[number]>
  readonly #last: Statement<[number, number], LogRow>

  constructor(db: Db) {
    this.#insert = db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#deleteOld = db.prepare('DELETE FROM log WHERE tag_id = ? AND line <= ?')
    this.#deleteAll = db.prepare('DELETE FROM log WHERE tag_id = ?')
    this.#last = db.prepare('SELECT * FROM log WHERE tag_id = ? ORDER BY line DESC LIMIT ?')
  }

  /** @param lineNumber - counts from 1 in the life of a tag */
  add(tagId: number, lineNumber: number, line: TagLogLine): void {
    const {version, change, atMs, by, addedCount, removedCount} = line
    this.#insert.run(tagId, lineNumber, version.epoch, version.counter, change, atMs, by, addedCount, removedCount)
    if (lineNumber > tagLogLinesMax) this.#deleteOld.run(tagId, lineNumber - tagLogLinesMax)
  }

  /** Puts the history of another replica in place of this one; returns how many lines it has. */
  replace(tagId: number, lines: readonly TagLogLine[]): number {
    this.#deleteAll.run(tagId)
    lines.forEach((line, index) => {
      this.add(tagId, index + 1, line)
    })
    return lines.length
  }

  /** The last `count` lines, oldest first. */
  last(tagId: number, count: number): TagLogLine[] {
    return this.#last
      .all(tagId, Math.max(0, count))
      .reverse()
      .map(row => ({
        version: {epoch: row.epoch, counter: row.counter},
        change: row.change,
        atMs: row.at_ms,
        by: row.by,
        addedCount: row.added_count,
        removedCount: row.removed_count,
      }))
  }
}
