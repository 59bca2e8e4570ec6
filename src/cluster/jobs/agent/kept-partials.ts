/** The folder of partials that a node keeps: bounded, those go first that were not used for the longest time. */
import {existsSync, mkdirSync} from 'node:fs'
import {readdir, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {keptShareAfterEviction} from '../../../worker/index.ts'

interface KeptFile {
  readonly path: string
  readonly bytes: number
  readonly usedAtMs: number
}

/** Tasks write into the folder by themselves; this keeps its size within bounds. Ended by `close`. */
export class KeptPartials {
  readonly folder: string
  readonly #bytesMax: number
  /** At least what is there; exact after each look. */
  #bytes: number | undefined
  #trimming: Promise<void> | undefined

  /** @param bytesMax - 0: nothing is kept */
  constructor(folder: string, bytesMax: number) {
    this.folder = folder
    this.#bytesMax = bytesMax
    mkdirSync(folder, {recursive: true, mode: 0o700})
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name))
  }

  /** Something of that size may have been added. Looks at the folder only when there may be too much. */
  async noteAdded(bytes: number): Promise<void> {
    if (this.#bytes !== undefined) {
      this.#bytes += bytes
      if (this.#bytes <= this.#bytesMax) return
    }
    this.#trimming ??= this.#trim().finally(() => {
      this.#trimming = undefined
    })
    await this.#trimming
  }

  /** Waits for what it is doing. */
  async close(): Promise<void> {
    await this.#trimming
  }

  async #trim(): Promise<void> {
    const files = await this.#files()
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    if (bytes > this.#bytesMax) {
      for (const file of files.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
        if (bytes <= this.#bytesMax * keptShareAfterEviction) break
        await rm(file.path, {force: true})
        bytes -= file.bytes
      }
    }
    this.#bytes = bytes
  }

  async #files(): Promise<KeptFile[]> {
    const found: KeptFile[] = []
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name)
      const stats = await stat(path).catch(() => undefined)
      if (stats !== undefined) found.push({path, bytes: stats.size, usedAtMs: stats.mtimeMs})
    }
    return found
  }
}
