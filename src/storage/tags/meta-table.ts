import type {Statement} from 'better-sqlite3'
import type {Db} from '../sqlite/open-database.ts'

/** Small values by key. */
export class MetaTable {
  readonly #get: Statement<[string], {readonly value: string}>
  readonly #set: Statement<[string, string]>
  readonly #delete: Statement<[string]>

  constructor(db: Db) {
    this.#get = db.prepare('SELECT value FROM meta WHERE key = ?')
    this.#set = db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
    this.#delete = db.prepare('DELETE FROM meta WHERE key = ?')
  }

  get(key: string): string | undefined {
    return this.#get.get(key)?.value
  }

  set(key: string, value: string): void {
    this.#set.run(key, value)
  }

  delete(key: string): void {
    this.#delete.run(key)
  }
}
