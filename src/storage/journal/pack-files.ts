/** Job packs as files, named by the hash of their bytes. */
import {createHash} from 'node:crypto'
import {mkdirSync, readdirSync, rmSync} from 'node:fs'
import {open, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {ClusterError, UserError} from '../../base/index.ts'
import {syncFolderNow} from '../files/sync-folder.ts'
import {diskFailureOf} from '../sqlite/failures.ts'
import type {PackRow} from './journal-types.ts'

const packPattern = /^[0-9a-f]{64}\.pack$/

/**
 * The packs of one journal. A file stays while a row of the journal names it, or somebody holds it: `put` holds, until the job
 * is booked or refused (`Journal.releasePack`).
 */
export class PackFiles {
  readonly #folder: string
  /** Packs that were stored for jobs that are not booked yet, with how many wait. */
  readonly #held = new Map<string, number>()
  #nextDraft = 1

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, {recursive: true, mode: 0o700})
  }

  /** Where a pack of that hash lies, when it is stored. */
  pathOf(hash: string): string {
    return join(this.#folder, `${hash}.pack`)
  }

  /**
   * Stores a pack, durably, and holds it until `release`. The same one twice is one file.
   *
   * @param bytesMax - more is refused
   * @throws UserError JOB_FILE_BROKEN when it is too large; ClusterError DISK_FULL, STORAGE_BROKEN
   */
  async put(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<PackRow> {
    const draft = join(this.#folder, `${this.#nextDraft++}.new`)
    let held: string | undefined
    try {
      const row = await writeDraft(draft, chunks, bytesMax)
      this.#held.set(row.hash, (this.#held.get(row.hash) ?? 0) + 1)
      held = row.hash
      await rename(draft, this.pathOf(row.hash))
      syncFolderNow(this.#folder)
      return row
    } catch (error) {
      // Nobody knows of it who could release it.
      if (held !== undefined) this.release(held)
      await rm(draft, {force: true})
      const failure = diskFailureOf(error, this.#folder)
      if (failure === undefined) throw error
      throw new ClusterError(failure.code, failure.message, {cause: error})
    }
  }

  /** Whether a `put` of it has not been released yet. */
  isHeld(hash: string): boolean {
    return this.#held.has(hash)
  }

  /** Takes back the hold of one `put`. The file stays: `Journal.releasePack` knows whether it may go. */
  release(hash: string): void {
    const count = (this.#held.get(hash) ?? 0) - 1
    if (count > 0) this.#held.set(hash, count)
    else this.#held.delete(hash)
  }

  /** Unless somebody waits for it. */
  remove(hash: string): void {
    if (this.isHeld(hash)) return
    rmSync(this.pathOf(hash), {force: true})
  }

  /** Removes what a crash left: drafts, and packs whose job was never booked or is forgotten. */
  removeAllBut(named: ReadonlySet<string>): void {
    for (const file of readdirSync(this.#folder)) {
      if (packPattern.test(file) && named.has(file.slice(0, 64))) continue
      if (packPattern.test(file) || file.endsWith('.new')) rmSync(join(this.#folder, file), {force: true})
    }
  }
}

async function writeDraft(path: string, chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<PackRow> {
  const hash = createHash('sha256')
  let bytes = 0
  await using file = await open(path, 'w', 0o600)
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      throw new UserError('JOB_FILE_BROKEN', `the job pack is longer than ${bytesMax} bytes`, {
        hint: 'large inputs belong into tags, not into the pack',
      })
    }
    hash.update(chunk)
    await file.writeFile(chunk)
  }
  await file.sync()
  return {hash: hash.digest('hex'), bytes}
}
