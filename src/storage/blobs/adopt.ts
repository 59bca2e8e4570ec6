import {type BlobId, pageSizeMax} from '../../protocol/index.ts'
import {lossOf} from './failures.ts'
import {hashFile} from './hash-file.ts'
import type {Replicas} from './replicas.ts'
import type {Written} from './upload.ts'
import type {Volume} from './volume.ts'

/** Files that have no row, by the id of their volume. */
export type LooseFiles = ReadonlyMap<number, ReadonlySet<BlobId>>

/** Compares files with rows after a start: rows without a file go and are reported, files without a row are returned. */
export async function compareFiles(replicas: Replicas): Promise<LooseFiles> {
  const {table, volumes} = replicas
  const files = new Map<number, Set<BlobId>>()
  for (const [id, volume] of volumes.byId) {
    replicas.corruptCount += await volume.corruptCount()
    files.set(id, await volume.list())
  }
  const missing: BlobId[] = []
  for (let rows = table.list('', pageSizeMax); rows.length > 0; rows = table.list(rows.at(-1)!.blob, pageSizeMax)) {
    for (const {blob, volumeId} of rows) if (!files.get(volumeId)!.delete(blob)) missing.push(blob)
  }
  table.delete(missing)
  if (missing.length > 0) replicas.events.onGone(missing, 'missing')
  return files
}

/** Hashes files without rows, one after another, and gives a row to those that are what their names say. */
export async function adoptFiles(replicas: Replicas, loose: LooseFiles, signal: AbortSignal): Promise<void> {
  for (const [volumeId, blobs] of loose) {
    for (const blob of blobs) {
      if (signal.aborted) return
      await replicas.turns.take(blob, () => adopt(replicas, volumeId, blob, signal))
    }
  }
}

async function adopt(replicas: Replicas, volumeId: number, blob: BlobId, signal: AbortSignal): Promise<void> {
  const volume = replicas.volumes.get(volumeId)
  const known = replicas.table.find(blob)
  if (known !== undefined) {
    // Uploaded again while this one waited: one replica a node is enough.
    if (known.volumeId !== volumeId) await volume.remove(blob)
    return
  }
  const written = await hashLoose(volume, blob, signal)
  if (written === undefined) return
  if (written.blob === blob) {
    replicas.events.onAdopted(replicas.insert(volumeId, written, 1))
    return
  }
  replicas.corruptCount++
  await replicas.setAside(volume, blob)
}

/** Undefined when it cannot be read now, or the store is closing: it is tried again at the next start. */
async function hashLoose(volume: Volume, blob: BlobId, signal: AbortSignal): Promise<Written | undefined> {
  try {
    const file = await volume.open(blob)
    try {
      return await hashFile(file, signal)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (signal.aborted || lossOf(error) !== undefined) return undefined
    throw error
  }
}
