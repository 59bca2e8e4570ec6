/** Loaded into runs by `--import`: a SQLite file `NAME` may not grow while there is a file `NAME.may-not-grow`. SQLite itself says so. */
import {existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'

/** Enough for the tables, too few for their rows. */
const pageCount = 12

if (process.argv[3] === 'run') {
  const {prototype} = createRequire(import.meta.url)('better-sqlite3') as {prototype: BetterSqlite3.Database}
  const {pragma} = prototype
  prototype.pragma = function (source, options) {
    // The sink says this to each of its connections.
    if (source === 'synchronous = FULL' && existsSync(`${this.name}.may-not-grow`))
      pragma.call(this, `max_page_count = ${pageCount}`)
    return pragma.call(this, source, options)
  }
}
