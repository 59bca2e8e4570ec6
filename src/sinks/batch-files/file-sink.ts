/**
 * A folder of files: for each table a folder, in it a file for each batch (in replace: for each scope, which the next batch of
 * the scope takes over), and in `_batches` a note for each batch that is complete.
 *
 * A file is written under a temporary name, synced, renamed. The note comes last: what a killed run left is overwritten by
 * the next one, since a batch has the same file names whenever it is written.
 */
import {createHash, randomUUID} from 'node:crypto'
import {readdir, readFile, rename, rm, stat} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import {formatRows} from '../format.ts'
import {makeFolder} from '../make-folder.ts'
import type {Batch, RowSink, SinkMode, SinkReceipt} from '../row-sink.ts'
import {type KeysetHeader, refuseSecondPlace, sectionsOf} from '../sections.ts'
import {attempt, syncFolder, writeFileSynced} from '../synced-file.ts'
import {checkRow, type SinkTable, unknownKeyset} from '../tables/index.ts'
import type {SinkTarget} from '../target/index.ts'
import {fileHashChars, folderNameBytesMax} from './limits.ts'

const notesFolder = '_batches'

/** What is kept of a batch that is complete. */
interface Note {
  readonly id: string
  readonly rule: string
  readonly planHash: string
  readonly mode: SinkMode
  readonly scope: string
  readonly blobCount: number
  readonly rowCounts: Readonly<Record<string, number>>
  /** By table, relative to the folder of the sink. */
  readonly files: Readonly<Record<string, string>>
  readonly startedAt: string
  readonly writtenAt: string
}

/** A batch is there when its note is, and every file that the note names: what somebody removed is written again. */
export class FileSink implements RowSink {
  readonly name: string
  readonly place: string
  readonly isExactlyOnce = true
  readonly #dir: string
  readonly #format: 'csv' | 'ndjson'
  readonly #mode: SinkMode
  readonly #tables: readonly SinkTable[]
  readonly #headers: readonly KeysetHeader[]

  /** @throws UserError BAD_SINK when the mode is `add`, or a table's name cannot name a folder */
  constructor(target: SinkTarget, tables: readonly SinkTable[]) {
    if (target.mode === 'add') {
      throw new UserError('BAD_SINK', `${target.name}: files cannot keep totals, so mode "add" cannot be used`, {
        hint: 'use append (a file for each batch) or replace (a file for each scope), or a database',
        exitCode: 2,
      })
    }
    this.name = target.name
    this.place = target.place
    this.#dir = target.rest
    this.#format = target.scheme === 'ndjson' ? 'ndjson' : 'csv'
    this.#mode = target.mode
    this.#tables = tables
    this.#headers = tables.map(table => ({
      name: table.keyset,
      columns: table.columns.map(column => column.name),
      keyCount: table.keyCount,
      table: table.name,
    }))
    for (const table of tables) checkFolderName(table.name)
  }

  async ddl(): Promise<readonly string[]> {
    return []
  }

  async hasBatch(id: string): Promise<boolean> {
    return (await this.#findNote(id)) !== undefined
  }

  async knowsBatch(id: string): Promise<boolean> {
    for (const name of await this.#notes()) {
      if (!name.endsWith('.json')) continue
      const path = join(this.#dir, notesFolder, name)
      const note = JSON.parse(await attempt(path, () => readFile(path, 'utf8'))) as Note
      if (note.id === id) return true
    }
    return false
  }

  async write(batch: Batch, rows: Iterable<ResultRow>, signal: AbortSignal): Promise<SinkReceipt> {
    const found = await this.#findNote(batch.id)
    if (found !== undefined) return {isRepeat: true, rowCounts: found.rowCounts}
    const slot = this.#slotOf(batch)
    const rowCounts: Record<string, number> = Object.fromEntries(this.#tables.map(({name}) => [name, 0]))
    const files = Object.fromEntries(this.#tables.map(({name}) => [name, join(name, `${slot}.${this.#format}`)]))
    const pending: {readonly temporary: string; readonly path: string}[] = []
    try {
      for (const folder of [notesFolder, ...this.#tables.map(({name}) => name)]) {
        await attempt(join(this.#dir, folder), () => makeFolder(join(this.#dir, folder)))
      }
      await this.#writeTables(rows, rowCounts, signal, name => {
        const path = join(this.#dir, files[name]!)
        const file = {temporary: join(this.#dir, name, `.${slot}.${randomUUID()}.tmp`), path}
        pending.push(file)
        return file
      })
      signal.throwIfAborted()
      // From here on the scope's earlier batch is no longer there as a whole.
      const replaced = (await this.#notes()).filter(name => name.startsWith(`${slot}-`))
      for (const name of replaced) await attempt(name, () => rm(join(this.#dir, notesFolder, name), {force: true}))
      for (const {temporary, path} of pending) await attempt(path, () => rename(temporary, path))
      for (const {name} of this.#tables) await attempt(name, () => syncFolder(join(this.#dir, name)))
      await this.#writeNote(batch, slot, {rowCounts, files})
    } catch (error) {
      // The first error is the one to tell; a disk that refuses the write may refuse the removal as well.
      await Promise.allSettled(pending.map(({temporary}) => rm(temporary, {force: true})))
      throw error
    }
    return {isRepeat: false, rowCounts}
  }

  async close(): Promise<void> {
    // No file stays open.
  }

  async #writeTables(
    rows: Iterable<ResultRow>,
    rowCounts: Record<string, number>,
    signal: AbortSignal,
    fileOf: (table: string) => {readonly temporary: string; readonly path: string},
  ): Promise<void> {
    const seen = new Set<string>()
    const write = async (header: KeysetHeader, sectionRows: Iterable<ResultRow>): Promise<void> => {
      const {temporary, path} = fileOf(header.table!)
      await writeFileSynced(
        temporary,
        path,
        formatRows(this.#format, [header], sectionRows, {emptyHeaders: true}),
        signal,
      )
    }
    for (const section of sectionsOf(this.#headers, this.#counted(rows, rowCounts))) {
      refuseSecondPlace(seen, section.header.name)
      await write(section.header, section.rows)
    }
    for (const header of this.#headers) if (!seen.has(header.name)) await write(header, [])
  }

  *#counted(rows: Iterable<ResultRow>, rowCounts: Record<string, number>): Iterable<ResultRow> {
    const tables = new Map(this.#tables.map(table => [table.keyset, table]))
    for (const row of rows) {
      const table = tables.get(row.keyset)
      if (table === undefined) throw unknownKeyset(row.keyset)
      checkRow(table, row)
      rowCounts[table.name] = rowCounts[table.name]! + 1
      yield row
    }
  }

  async #writeNote(batch: Batch, slot: string, more: Pick<Note, 'rowCounts' | 'files'>): Promise<void> {
    const note: Note = {
      id: batch.id,
      rule: batch.rule,
      planHash: batch.planHash,
      mode: this.#mode,
      scope: batch.scope,
      blobCount: batch.blobCount,
      ...more,
      startedAt: new Date(batch.startedAtMs).toISOString(),
      writtenAt: new Date().toISOString(),
    }
    const folder = join(this.#dir, notesFolder)
    const path = join(folder, `${slot}-${this.#keyOf(batch.id)}.json`)
    const temporary = join(folder, `.${randomUUID()}.tmp`)
    await writeFileSynced(temporary, path, [`${JSON.stringify(note, null, 2)}\n`], undefined)
    await attempt(path, () => rename(temporary, path))
    await attempt(folder, () => syncFolder(folder))
  }

  /** The note of a batch whose files are all there: one that somebody removed is to be written again. */
  async #findNote(id: string): Promise<Note | undefined> {
    const suffix = `-${this.#keyOf(id)}.json`
    const name = (await this.#notes()).find(each => each.endsWith(suffix))
    if (name === undefined) return undefined
    const path = join(this.#dir, notesFolder, name)
    const note = JSON.parse(await attempt(path, () => readFile(path, 'utf8'))) as Note
    for (const file of Object.values(note.files)) if (!(await isThere(join(this.#dir, file)))) return undefined
    return note
  }

  async #notes(): Promise<string[]> {
    const folder = join(this.#dir, notesFolder)
    return attempt(folder, () => readdir(folder).catch(whenMissing))
  }

  /** What names the files: the batch, in replace the scope. */
  #slotOf({id, rule, scope}: Batch): string {
    if (this.#mode === 'append') return this.#keyOf(id)
    const words = scope.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 60)
    return `${words.replace(/^[.]+/, '')}.${this.#hash(['replace', rule, scope]).slice(0, 8)}`
  }

  #keyOf(id: string): string {
    return this.#hash([id])
  }

  #hash(parts: readonly string[]): string {
    const text = JSON.stringify([...parts, this.#format, ...this.#tables.map(({name}) => name).sort()])
    return createHash('sha256').update(text).digest('hex').slice(0, fileHashChars)
  }
}

function checkFolderName(name: string): void {
  const isPlain = name === basename(name) && !/^[._]|[\u0000-\u001f\\:]/.test(name)
  if (isPlain && name !== '' && Buffer.byteLength(name) <= folderNameBytesMax) return
  throw new UserError('BAD_SINK', `the table name ${JSON.stringify(name)} cannot be the name of a folder`, {
    hint: 'name it with: table',
  })
}

async function isThere(path: string): Promise<boolean> {
  return attempt(path, () =>
    stat(path).then(
      found => found.isFile(),
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false
        throw error
      },
    ),
  )
}

function whenMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
