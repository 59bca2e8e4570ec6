import {ClusterError} from '../../base/index.ts'
import type {BlobId, BlobReport} from '../../protocol/index.ts'
import {isCorruption} from '../sqlite/failures.ts'
import {ignoreUntilAwaited} from './abortable.ts'
import {adoptFiles, compareFiles} from './adopt.ts'
import {type BlobRow, reportOf} from './blob-table.ts'
import {lossOf, storageError} from './failures.ts'
import {OpenBlob} from './open-blob.ts'
import type {BrokenBlock} from './read-blocks.ts'
import {type ReplicaParts, Replicas} from './replicas.ts'
import {type ScrubResult, scrub, scrubOne} from './scrub.ts'
import {type PutOptions, putBlob} from './uploads.ts'
import {type BlobUsage, usageOf} from './usage.ts'

/** Replicas of blobs on the volumes of one node. Made by `openBlobStore`; one process alone may have it. */
export class BlobStore {
  readonly #replicas: Replicas
  readonly #closing = new AbortController()
  /** Work that `close` waits for. */
  readonly #running = new Set<Promise<unknown>>()
  readonly #openBlobs = new Set<OpenBlob>()
  #uploadCount = 0
  #adopting: Promise<void> = Promise.resolve()

  constructor(parts: ReplicaParts) {
    this.#replicas = new Replicas(parts)
  }

  /**
   * Stores what a stream gives. Durable when it resolves: file, folder and row.
   *
   * A blob that is here already, and was named, is made young again; the stream is read and thrown away. The stream's
   * buffers must not be changed after it gave them.
   *
   * @throws ClusterError CORRUPT when it is not what `options` say; DISK_FULL, STORAGE_BROKEN naming node and volume;
   *   UNAVAILABLE when the store is closed meanwhile; what the stream throws; the signal's reason. Nothing is kept then.
   */
  put(source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<BlobReport> {
    return this.#run(async () => {
      this.#uploadCount++
      try {
        return await putBlob(this.#replicas, source, {...options, signal: this.#untilClosed(options.signal)})
      } finally {
        this.#uploadCount--
      }
    })
  }

  /** Looks at the row alone; undefined when it is not here. */
  find(blob: BlobId): BlobReport | undefined {
    const row = this.#read(() => this.#replicas.table.find(blob))
    return row && reportOf(row)
  }

  /**
   * Opens a blob for reading; undefined when it is not here. Must be closed.
   *
   * @throws ClusterError STORAGE_BROKEN when the disk does not let it be opened
   */
  open(blob: BlobId): Promise<OpenBlob | undefined> {
    return this.#run(async () => {
      const row = this.#replicas.table.find(blob)
      if (row === undefined) return undefined
      const volume = this.#replicas.volumes.get(row.volumeId)
      try {
        return this.#opened(row, await volume.open(blob))
      } catch (error) {
        const loss = lossOf(error)
        if (loss === undefined) throw storageError(error, this.#replicas.node, volume.path)
        await this.#replicas.lose(row, loss)
        return undefined
      }
    })
  }

  /**
   * The file of a blob, for who reads it at once and compares each block with its checksum: CRC-32 of every MiB, four bytes little
   * end first. It may be dropped at any time; who has it open reads on.
   */
  fileOf(blob: BlobId): {readonly path: string; readonly bytes: number; readonly checksums: Buffer} | undefined {
    return this.#read(() => {
      const {table, volumes} = this.#replicas
      const row = table.find(blob)
      if (row === undefined) return undefined
      return {path: volumes.get(row.volumeId).pathOf(blob), bytes: row.bytes, checksums: table.checksums(blob)}
    })
  }

  /** What is here, in order of ids, behind `after` (`''` begins). */
  list(after: BlobId | '', count: number): BlobReport[] {
    return this.#read(() => this.#replicas.table.list(after, count).map(reportOf))
  }

  /** The same of blobs that were neither stored nor touched for `idleMs` of this node's running time. */
  listIdle(idleMs: number, after: BlobId | '', count: number): BlobReport[] {
    const {table, account} = this.#replicas
    return this.#read(() => table.list(after, count, account.mark() - idleMs).map(reportOf))
  }

  /**
   * Makes those young that are here and whole, durably, and says which. What is not whole is set aside.
   *
   * Whole by size; with `isDeep` all bytes are read and hashed again, as by `scrub`.
   */
  touch(blobs: readonly BlobId[], replicaCount: number, isDeep = false): Promise<BlobId[]> {
    return this.#run(async () => {
      const {turns, table} = this.#replicas
      const found: BlobId[] = []
      for (const blob of blobs) {
        if (!(await turns.take(blob, () => this.#replicas.isWhole(blob)))) continue
        if (isDeep && !(await scrubOne(this.#replicas, blob, this.#closing.signal))) continue
        found.push(blob)
      }
      // One may have been dropped while others were looked at.
      const here = found.filter(blob => table.find(blob) !== undefined)
      this.#replicas.touch(here, replicaCount)
      return here
    })
  }

  /**
   * Removes blobs that are idle for `idleMs` still (0: all of them).
   *
   * @returns of those asked for the ones that are not here now, also when they were not before; bytes that were freed
   */
  drop(blobs: readonly BlobId[], idleMs: number): Promise<{readonly blobs: BlobId[]; readonly bytes: number}> {
    return this.#run(async () => {
      const gone: BlobId[] = []
      let bytes = 0
      for (const blob of blobs) {
        const freed = await this.#replicas.turns.take(blob, () => this.#replicas.drop(blob, idleMs))
        if (freed === undefined) continue
        gone.push(blob)
        bytes += freed
      }
      return {blobs: gone, bytes}
    })
  }

  /**
   * Reads blobs whole, behind `after`, and compares their SHA-256, until `bytes` have been read. Corrupt ones are set
   * aside and reported. Other work goes on between blocks.
   */
  scrub(after: BlobId | '', bytes: number, signal?: AbortSignal): Promise<ScrubResult> {
    return this.#run(() => scrub(this.#replicas, after, bytes, this.#untilClosed(signal)))
  }

  /** Asks each disk for its room. Also saves how long blobs have been idle, so ask every few seconds, not for each request. */
  usage(): Promise<BlobUsage> {
    return this.#run(() => {
      this.#replicas.account.save()
      return usageOf(this.#replicas, this.#uploadCount + this.#openBlobs.size)
    })
  }

  /** Compares files with rows; goes on in the background with files that have no row. Once, by `openBlobStore`. */
  async reconcile(): Promise<void> {
    const loose = await compareFiles(this.#replicas)
    this.#adopting = this.#run(() => adoptFiles(this.#replicas, loose, this.#closing.signal))
    this.#adopting.catch(ignoreUntilAwaited)
  }

  /**
   * Resolves when the files that had no row at the start have been looked at.
   *
   * @throws ClusterError when that had to be given up; it goes on at the next start
   */
  adopted(): Promise<void> {
    return this.#adopting
  }

  /** Ends uploads, scrubs and reads, and waits for them. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new ClusterError('UNAVAILABLE', `node ${this.#replicas.node} is stopping`))
    await Promise.allSettled(this.#running)
    await Promise.allSettled([...this.#openBlobs].map(blob => blob.close()))
    this.#replicas.account.close()
    this.#replicas.table.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #opened(row: BlobRow, file: ConstructorParameters<typeof OpenBlob>[1]): OpenBlob {
    const opened: OpenBlob = new OpenBlob(row, file, this.#replicas.table.checksums(row.blob), {
      onBroken: error => this.#broken(row, error),
      onClose: () => this.#openBlobs.delete(opened),
    })
    this.#openBlobs.add(opened)
    return opened
  }

  /** What to throw for a block that cannot be given. */
  async #broken(row: BlobRow, error: BrokenBlock): Promise<unknown> {
    const {node, volumes} = this.#replicas
    const loss = error.cause === undefined ? 'corrupt' : lossOf(error.cause)
    if (loss === undefined) return storageError(error.cause, node, volumes.get(row.volumeId).path)
    await this.#replicas.lose(row, loss)
    return new ClusterError('CORRUPT', `the replica of ${row.blob} on node ${node} is ${loss}`, {cause: error})
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  /** Work that `close` waits for; none begins after it. */
  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.#closing.signal.throwIfAborted()
    const running = work()
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      throw this.#named(error)
    } finally {
      this.#running.delete(running)
    }
  }

  #read<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.#named(error)
    }
  }

  #named(error: unknown): unknown {
    const {table, node} = this.#replicas
    if (isCorruption(error)) table.markSuspect()
    return storageError(error, node, 'the database of its blobs')
  }
}
