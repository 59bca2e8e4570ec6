import type {BlobId} from '../../protocol/index.ts'
import type {OpenFile} from '../files/file-system.ts'
import type {BlobRow} from './blob-table.ts'
import {BrokenBlock, readBlocks} from './read-blocks.ts'

export interface OpenBlobHooks {
  /** Deals with a block that cannot be given; returns what to throw. */
  onBroken(error: BrokenBlock): Promise<unknown>
  onClose(): void
}

/**
 * A blob that is being read. Its file stays open until `close`, so a blob that is dropped meanwhile can be read to its
 * end.
 */
export class OpenBlob {
  readonly blob: BlobId
  readonly bytes: number
  readonly replicaCount: number
  readonly touchedAtMs: number
  readonly #file: OpenFile
  readonly #checksums: Buffer
  readonly #hooks: OpenBlobHooks
  readonly #reads = new Set<AsyncGenerator<Buffer>>()

  constructor(row: BlobRow, file: OpenFile, checksums: Buffer, hooks: OpenBlobHooks) {
    this.blob = row.blob
    this.bytes = row.bytes
    this.replicaCount = row.replicaCount
    this.touchedAtMs = row.touchedAtMs
    this.#file = file
    this.#checksums = checksums
    this.#hooks = hooks
  }

  /**
   * Its bytes from `start` to before `end`. Every block of 1 MiB is compared with its checksum before any of it is
   * given, also when only a part of it was asked for.
   *
   * @throws RangeError when the range is not inside the blob
   * @throws ClusterError CORRUPT when the bytes are not those that were stored, or cannot be read: the replica is set
   *   aside then and `onGone` was told
   */
  async *read({start = 0, end = this.bytes}: {start?: number; end?: number} = {}): AsyncGenerator<Buffer> {
    if (!(start >= 0 && start <= end && end <= this.bytes)) {
      throw new RangeError(`bytes ${start} to ${end} of a blob of ${this.bytes}`)
    }
    const blocks = readBlocks(this.#file, this.#checksums, {bytes: this.bytes, start, end})
    this.#reads.add(blocks)
    try {
      yield* blocks
    } catch (error) {
      if (!(error instanceof BrokenBlock)) throw error
      throw await this.#hooks.onBroken(error)
    } finally {
      this.#reads.delete(blocks)
    }
  }

  /** Ends the reads that are under way, too. */
  async close(): Promise<void> {
    await Promise.all([...this.#reads].map(read => read.return(undefined)))
    await this.#file.close()
    this.#hooks.onClose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
