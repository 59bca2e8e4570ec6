/**
 * Chunks on their way into the cluster, as files named by their hash beside the ledger. At most one is needed at a time.
 *
 * A chunk is durable here before the ledger says that it will be pushed. So what the ledger has acknowledged does not
 * depend on the log file any more, which may be rotated, compressed or deleted before the cluster answers; and its bytes
 * do not depend on this program's version of a compressor.
 */
import {createReadStream} from 'node:fs'
import {mkdir, open, readdir, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {errorCodeOf, messageOf, UserError} from '../../base/index.ts'

/** Of one process at a time: opening it removes what is not needed. */
export class Spool {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @param needed - the blob of the open intent; what else lies there was never intended and goes */
  static async open(folder: string, needed: string | undefined): Promise<Spool> {
    await mkdir(folder, {recursive: true, mode: 0o700})
    for (const name of await readdir(folder)) if (name !== needed) await rm(join(folder, name))
    return new Spool(folder)
  }

  /** Durable when it returns. @returns a sentence when the disk does not take it now */
  async save(blob: string, parts: readonly Uint8Array[]): Promise<string | undefined> {
    const draft = join(this.#folder, `${blob}.new`)
    try {
      const file = await open(draft, 'w', 0o600)
      try {
        // Each goes on where the one before ended.
        for (const part of parts) await file.writeFile(part)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, join(this.#folder, blob))
      await this.#sync()
      return undefined
    } catch (error) {
      await rm(draft, {force: true}).catch(() => undefined)
      return `${this.#folder} does not take a chunk: ${messageOf(error)}`
    }
  }

  /** @throws UserError CANNOT_START when someone took it away */
  async *read(blob: string): AsyncGenerator<Buffer> {
    const path = join(this.#folder, blob)
    try {
      yield* createReadStream(path, {highWaterMark: 1 << 20}) as AsyncIterable<Buffer>
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error
      throw new UserError('CANNOT_START', `${path} is missing: a chunk that is not in the cluster yet`, {
        cause: error,
        hint: 'it was cut before and nothing else has it; put it back, or begin with a new ledger',
      })
    }
  }

  /** A chunk that is safe. One that stays because of a crash goes at the next start. */
  async drop(blob: string): Promise<void> {
    await rm(join(this.#folder, blob), {force: true})
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#folder, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
}
