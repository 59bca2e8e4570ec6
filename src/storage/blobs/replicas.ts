import {randomInt} from 'node:crypto'
import {ClusterError} from '../../base/index.ts'
import type {BlobId, BlobReport} from '../../protocol/index.ts'
import {type BlobRow, type BlobTable, reportOf} from './blob-table.ts'
import type {Clock} from './clock.ts'
import type {BlobStoreEvents} from './events.ts'
import {storageError} from './failures.ts'
import {IdleAccount} from './idle-account.ts'
import {Turns} from './turns.ts'
import type {Written} from './upload.ts'
import type {Volume} from './volume.ts'
import type {Volumes} from './volumes.ts'

export interface ReplicaParts {
  /** Name of the node, for messages. */
  readonly node: string
  readonly reserveBytes: number
  readonly table: BlobTable
  readonly volumes: Volumes
  readonly clock: Clock
  readonly events: BlobStoreEvents
}

/** Corrupt: the bytes are wrong. Unreadable: the disk gives errors instead of bytes; the file stays where it is. */
export type Loss = 'corrupt' | 'unreadable' | 'missing'

/**
 * Rows and files of replicas, kept in step.
 *
 * A blob is here when its row is: the row comes after the file and its folder are on the disk, and goes before the file
 * does. So a crash leaves at worst a file without a row, which is hashed and adopted at the next start.
 */
export class Replicas {
  readonly node: string
  readonly reserveBytes: number
  readonly table: BlobTable
  readonly volumes: Volumes
  readonly events: BlobStoreEvents
  readonly account: IdleAccount
  /** Whoever looks at a file and changes its row has the blob's turn. */
  readonly turns = new Turns<BlobId>()
  corruptCount = 0
  readonly #clock: Clock

  constructor({node, reserveBytes, table, volumes, clock, events}: ReplicaParts) {
    this.node = node
    this.reserveBytes = reserveBytes
    this.table = table
    this.volumes = volumes
    this.events = events
    this.account = new IdleAccount(table, clock)
    this.#clock = clock
  }

  /** Is it here, with a file of its length? If the file has another, the replica is lost. In its turn. */
  async isWhole(blob: BlobId): Promise<boolean> {
    const row = this.table.find(blob)
    if (row === undefined) return false
    const volume = this.volumes.get(row.volumeId)
    const bytes = await this.#naming(volume, volume.bytesOf(blob))
    if (bytes === row.bytes) return true
    await this.#forget(row, bytes === undefined ? 'missing' : 'corrupt')
    return false
  }

  touch(blobs: readonly BlobId[], replicaCount: number): void {
    this.table.touch(blobs, replicaCount, this.#clock.nowMs(), this.account.mark())
    this.account.save()
  }

  /** Young again, when it is here and whole. In its turn. */
  async touchIfWhole(blob: BlobId, replicaCount: number): Promise<BlobReport | undefined> {
    if (!(await this.isWhole(blob))) return undefined
    this.touch([blob], replicaCount)
    return reportOf(this.table.find(blob)!)
  }

  /** Makes the row of a file that is in its place and on the disk. In its turn. */
  insert(volumeId: number, {blob, bytes, checksums}: Written, replicaCount: number): BlobReport {
    const touched = {touchedAtMs: this.#clock.nowMs(), touchedMark: this.account.mark()}
    const row: BlobRow = {blob, volumeId, bytes, replicaCount, ...touched, replica: randomInt(replicaNumberMax)}
    this.table.insert(row, checksums)
    return reportOf(row)
  }

  /** Bytes that were freed, 0 when it was not here; undefined when it is not idle enough. In its turn. */
  async drop(blob: BlobId, idleMs: number): Promise<number | undefined> {
    const row = this.table.find(blob)
    if (row === undefined) return 0
    if (idleMs > 0 && row.touchedMark > this.account.mark() - idleMs) return undefined
    this.table.delete([blob])
    const volume = this.volumes.get(row.volumeId)
    await this.#naming(volume, volume.remove(blob))
    return row.bytes
  }

  /** This replica is not to be used again. */
  lose(row: BlobRow, loss: Loss): Promise<void> {
    return this.turns.take(row.blob, () => this.#forget(row, loss))
  }

  async setAside(volume: Volume, blob: BlobId): Promise<void> {
    try {
      await volume.setAside(blob)
    } catch (error) {
      // It has no row, so it is not used; what cannot be moved is found again at the next start.
      const failure = storageError(error, this.node, volume.path)
      if (!(failure instanceof ClusterError)) throw failure
    }
  }

  async #forget(row: BlobRow, loss: Loss): Promise<void> {
    // Someone else saw it first, or a good one has taken its place.
    if (this.table.find(row.blob)?.replica !== row.replica) return
    this.table.delete([row.blob])
    if (loss !== 'missing') this.corruptCount++
    if (loss === 'corrupt') await this.setAside(this.volumes.get(row.volumeId), row.blob)
    this.events.onGone([row.blob], loss === 'missing' ? 'missing' : 'corrupt')
  }

  async #naming<T>(volume: Volume, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      throw storageError(error, this.node, volume.path)
    }
  }
}

/** `randomInt` takes no more. */
const replicaNumberMax = 2 ** 47
