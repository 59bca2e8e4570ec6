import {messageOf} from '../../base/index.ts'
import type {FileSystem} from '../files/file-system.ts'
import type {BlobTable} from './blob-table.ts'
import {diskFull} from './failures.ts'
import {openVolume, type Volume} from './volume.ts'

export interface BrokenVolume {
  readonly path: string
  readonly message: string
}

/** The volumes of a node that could be opened, by the ids of their rows, and those that could not. */
export class Volumes {
  readonly byId: ReadonlyMap<number, Volume>
  readonly broken: readonly BrokenVolume[]
  readonly #node: string
  readonly #reserveBytes: number

  constructor(byId: ReadonlyMap<number, Volume>, broken: readonly BrokenVolume[], node: string, reserveBytes: number) {
    this.byId = byId
    this.broken = broken
    this.#node = node
    this.#reserveBytes = reserveBytes
  }

  get(id: number): Volume {
    return this.byId.get(id)!
  }

  /**
   * Volumes that have room for a blob, the one with most room first; what uploads in progress have announced is taken.
   *
   * @throws ClusterError DISK_FULL when there is none
   */
  async withRoomFor(bytes: number): Promise<readonly (readonly [id: number, volume: Volume])[]> {
    const all = [...this.byId]
    const rooms = await Promise.all(all.map(([, volume]) => this.#roomOf(volume)))
    const candidates = all
      .map((entry, index) => ({entry, room: rooms[index]!}))
      .filter(({room}) => room >= bytes && room > 0)
      .sort((left, right) => right.room - left.room || left.entry[0] - right.entry[0])
    if (candidates.length === 0) throw diskFull(this.#node, all.map(([, {path}]) => path).join(', ') || 'any volume')
    return candidates.map(({entry}) => entry)
  }

  /** Room on a volume's disk; none when it gives errors. */
  async spaceOf(volume: Volume): Promise<{readonly freeBytes: number; readonly totalBytes: number}> {
    try {
      return await volume.space()
    } catch {
      return {freeBytes: 0, totalBytes: 0}
    }
  }

  async #roomOf(volume: Volume): Promise<number> {
    return (await this.spaceOf(volume)).freeBytes - volume.expectedBytes - this.#reserveBytes
  }
}

/** Opens each folder as a volume. One that cannot be is reported, and the others go on. */
export async function openVolumes(
  paths: readonly string[],
  files: FileSystem,
  table: BlobTable,
  {node, reserveBytes}: {readonly node: string; readonly reserveBytes: number},
): Promise<Volumes> {
  const byId = new Map<number, Volume>()
  const broken: BrokenVolume[] = []
  for (const path of paths) {
    try {
      const volume = await openVolume(path, files, table.keyAt(path))
      byId.set(table.volumeId(volume.key, path), volume)
    } catch (error) {
      broken.push({path, message: messageOf(error)})
    }
  }
  table.setLiveVolumes([...byId.keys()])
  return new Volumes(byId, broken, node, reserveBytes)
}
