import {createHash} from 'node:crypto'
import {type FileHandle, open, rename, rm} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {ClusterError} from '../../base/index.ts'
import {syncFolderNow} from '../files/sync-folder.ts'
import {type BackupFile, type BackupManifest, backupVersion, footerMagic} from './format.ts'

/** Writes a backup. Nothing has its name before it is whole and on the disk. */
export class BackupWriter {
  readonly #path: string
  readonly #draft: string
  readonly #file: FileHandle
  readonly #files: BackupFile[] = []
  #isFinished = false

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#draft = draftOf(path)
    this.#file = file
  }

  /** @throws an error of the system when there is no such folder, or it cannot be written */
  static async create(path: string): Promise<BackupWriter> {
    // It holds tokens.
    return new BackupWriter(path, await open(draftOf(path), 'w', 0o600))
  }

  /** @throws ClusterError CORRUPT when the contents are not those that were told */
  async add(file: BackupFile, contents: AsyncIterable<Uint8Array>): Promise<void> {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const piece of contents) {
      hash.update(piece)
      bytes += piece.length
      await this.#file.writeFile(piece)
    }
    if (bytes !== file.bytes || hash.digest('hex') !== file.sha256) {
      throw new ClusterError('CORRUPT', `${file.path} arrived with other bytes than were told`, {retryable: true})
    }
    this.#files.push(file)
  }

  /** Durable when it resolves. @returns bytes of the backup */
  async finish(manifest: Omit<BackupManifest, 'files'>): Promise<{readonly bytes: number; readonly fileCount: number}> {
    const text = Buffer.from(JSON.stringify({...manifest, files: this.#files}))
    const numbers = Buffer.alloc(8)
    numbers.writeUInt32BE(backupVersion, 0)
    numbers.writeUInt32BE(text.length, 4)
    const hash = createHash('sha256').update(text).digest()
    await this.#file.writeFile(Buffer.concat([text, Buffer.from(footerMagic), numbers, hash]))
    await this.#file.sync()
    const {size} = await this.#file.stat()
    await this.#file.close()
    await rename(this.#draft, this.#path)
    this.#isFinished = true
    syncFolderNow(dirname(resolve(this.#path)))
    return {bytes: size, fileCount: this.#files.length}
  }

  /** Without `finish` nothing is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return
    await this.#file.close()
    await rm(this.#draft, {force: true})
  }
}

const draftOf = (path: string): string => `${path}.${process.pid}.new`
