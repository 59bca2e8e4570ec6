import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {type BlobId, isBlobId} from '../../protocol/index.ts'
import type {DiskSpace, FileSystem, OpenFile} from '../files/file-system.ts'
import {corruptKeptMax} from '../limits.ts'

/**
 * A folder that holds replicas: `blobs/<first two digits>/<id>`, `partial/` for uploads, `corrupt/` for what was set
 * aside, `volume` with its key. Knows files, not rows.
 */
export class Volume {
  readonly path: string
  readonly key: string
  /** Bytes that uploads in progress have announced. */
  expectedBytes = 0
  readonly #files: FileSystem

  constructor(path: string, key: string, files: FileSystem) {
    this.path = path
    this.key = key
    this.#files = files
  }

  pathOf(blob: BlobId): string {
    return join(this.path, 'blobs', blob.slice(0, 2), blob)
  }

  space(): Promise<DiskSpace> {
    return this.#files.space(this.path)
  }

  open(blob: BlobId): Promise<OpenFile> {
    return this.#files.openForReading(this.pathOf(blob))
  }

  bytesOf(blob: BlobId): Promise<number | undefined> {
    return this.#files.bytesOf(this.pathOf(blob))
  }

  /** A file for an upload. Nobody may write to a blob once it is one, so it is made read-only. */
  async createPartial(): Promise<{readonly path: string; readonly file: OpenFile}> {
    const path = join(this.path, 'partial', randomBytes(12).toString('hex'))
    return {path, file: await this.#files.create(path, 0o400)}
  }

  removePartial(path: string): Promise<void> {
    return this.#files.remove(path)
  }

  /** Gives an upload, synced, its name. Durable when it resolves. */
  async publish(partialPath: string, blob: BlobId): Promise<void> {
    const folder = join(this.path, 'blobs', blob.slice(0, 2))
    if (await this.#files.makeFolder(folder)) await this.#files.syncFolder(join(this.path, 'blobs'))
    await this.#files.rename(partialPath, this.pathOf(blob))
    await this.#files.syncFolder(folder)
  }

  remove(blob: BlobId): Promise<void> {
    return this.#files.remove(this.pathOf(blob))
  }

  /** Moves a replica out of the way, for whoever wants to look at it. Only a few are kept, whichever. */
  async setAside(blob: BlobId): Promise<void> {
    const folder = join(this.path, 'corrupt')
    const kept = (await this.#files.list(folder)).sort()
    for (const name of kept.slice(0, Math.max(0, kept.length + 1 - corruptKeptMax))) {
      await this.#files.remove(join(folder, name))
    }
    await this.#files.rename(this.pathOf(blob), join(folder, blob))
    await this.#files.syncFolder(folder)
  }

  /** All blobs by their files. */
  async list(): Promise<Set<BlobId>> {
    const found = new Set<BlobId>()
    for (const folder of await this.#files.list(join(this.path, 'blobs'))) {
      for (const name of await this.#files.list(join(this.path, 'blobs', folder))) {
        if (isBlobId(name) && name.startsWith(folder)) found.add(name)
      }
    }
    return found
  }

  async corruptCount(): Promise<number> {
    return (await this.#files.list(join(this.path, 'corrupt'))).length
  }

  async removePartials(): Promise<void> {
    const folder = join(this.path, 'partial')
    for (const name of await this.#files.list(folder)) await this.#files.remove(join(folder, name))
  }
}

/**
 * Opens a volume, or makes one of an empty or missing folder.
 *
 * @param expectedKey - of the volume that was at this path and has blobs: if another or none is there, the disk is not
 *   mounted, and must be neither written to nor taken for empty
 * @throws Error when it cannot be read or written, or is not the one that is expected
 */
export async function openVolume(path: string, files: FileSystem, expectedKey: string | undefined): Promise<Volume> {
  const key = (await readKey(path, files)) ?? (expectedKey === undefined ? await makeVolume(path, files) : undefined)
  if (key === undefined) throw new Error(`${path} is not the volume that it was: is its disk mounted?`)
  const volume = new Volume(path, key, files)
  for (const name of ['blobs', 'partial', 'corrupt']) await files.makeFolder(join(path, name))
  await files.syncFolder(path)
  await volume.removePartials()
  return volume
}

const keyBytes = 32

async function readKey(path: string, files: FileSystem): Promise<string | undefined> {
  const keyPath = join(path, 'volume')
  if ((await files.bytesOf(keyPath)) !== keyBytes) return undefined
  const file = await files.openForReading(keyPath)
  try {
    const buffer = Buffer.alloc(keyBytes)
    await file.read(buffer, 0)
    return buffer.toString('latin1')
  } finally {
    await file.close()
  }
}

async function makeVolume(path: string, files: FileSystem): Promise<string> {
  await files.makeFolder(path)
  const key = randomBytes(keyBytes / 2).toString('hex')
  const draft = join(path, 'volume.new')
  await files.remove(draft)
  const file = await files.create(draft, 0o400)
  try {
    await file.append([Buffer.from(key)])
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(draft, join(path, 'volume'))
  await files.syncFolder(path)
  return key
}
