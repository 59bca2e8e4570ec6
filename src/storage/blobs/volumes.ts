import {messageOf} from '../../base/index.ts'
import type {DiskSpace, FileSystem} from '../files/file-system.ts'
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
    const spaces = await this.spaces()
    const candidates = all
      .map(entry => ({entry, room: roomOf(spaces, entry[0]) - this.#reserveBytes}))
      .filter(({room}) => room >= bytes && room > 0)
      .sort((left, right) => right.room - left.room || left.entry[0] - right.entry[0])
    if (candidates.length === 0) throw diskFull(this.#node, all.map(([, {path}]) => path).join(', ') || 'any volume')
    return candidates.map(({entry}) => entry)
  }

  /** Room on the disks of all volumes, by their ids; none where a disk gives errors. */
  async spaces(): Promise<ReadonlyMap<number, VolumeSpace>> {
    const entries = await Promise.all(
      [...this.byId].map(async ([id, volume]): Promise<[number, VolumeSpace]> => {
        const {expectedBytes} = volume
        try {
          return [id, {...(await volume.space()), expectedBytes}]
        } catch {
          return [id, {disk: volume.key, freeBytes: 0, totalBytes: 0, expectedBytes}]
        }
      }),
    )
    return new Map(entries)
  }
}

export interface VolumeSpace extends DiskSpace {
  /** What uploads in progress have announced for this volume. */
  readonly expectedBytes: number
}

/** What is free on a volume's disk when all uploads have come that were announced, those to other volumes on it too. */
export function roomOf(spaces: ReadonlyMap<number, VolumeSpace>, id: number): number {
  const {disk, freeBytes} = spaces.get(id)!
  let room = freeBytes
  for (const other of spaces.values()) if (other.disk === disk) room -= other.expectedBytes
  return room
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
