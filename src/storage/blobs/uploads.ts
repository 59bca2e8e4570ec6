import {ClusterError} from '../../base/index.ts'
import {type BlobId, type BlobReport, blobBytesMax} from '../../protocol/index.ts'
import type {OpenFile} from '../files/file-system.ts'
import {abortable, ignoreUntilAwaited} from './abortable.ts'
import {diskFull, storageError} from './failures.ts'
import type {Replicas} from './replicas.ts'
import {type Written, writeBlob} from './upload.ts'
import type {Volume} from './volume.ts'

export interface PutOptions {
  /** What the bytes should be; anything else is refused. */
  readonly blob?: BlobId
  readonly bytes?: number
  /** Copies wanted in the cluster; kept with the blob, the highest counts. */
  readonly replicaCount?: number
  readonly signal?: AbortSignal
  /** Nobody else looks at the pieces of the stream: their memory is freed as soon as they are written. */
  readonly isGivenAway?: boolean
}

interface Started {
  readonly volumeId: number
  readonly volume: Volume
  readonly path: string
  readonly file: OpenFile
}

/** Stores what a stream gives; see `BlobStore.put`. */
export async function putBlob(
  replicas: Replicas,
  source: AsyncIterable<Uint8Array>,
  options: PutOptions & {readonly signal: AbortSignal},
): Promise<BlobReport> {
  const {blob, replicaCount = 1} = options
  if (blob !== undefined) {
    const known = await replicas.turns.take(blob, () => replicas.touchIfWhole(blob, replicaCount))
    if (known !== undefined) {
      await drain(abortable(source, options.signal), known.bytes)
      return known
    }
  }
  return upload(replicas, source, options)
}

async function upload(
  replicas: Replicas,
  source: AsyncIterable<Uint8Array>,
  options: PutOptions & {readonly signal: AbortSignal},
): Promise<BlobReport> {
  const expectedBytes = options.bytes ?? 0
  const started = await start(replicas, expectedBytes)
  const {volume, path} = started
  volume.expectedBytes += expectedBytes
  try {
    const written = await write(replicas, source, started, options)
    return await replicas.turns.take(written.blob, () => publish(replicas, started, written, options.replicaCount ?? 1))
  } catch (error) {
    // What cannot be removed now is at the next start; the first error is the one to tell.
    await volume.removePartial(path).catch(ignoreUntilAwaited)
    throw storageError(error, replicas.node, volume.path)
  } finally {
    volume.expectedBytes -= expectedBytes
  }
}

/** On the first volume that lets a file be made. */
async function start({volumes, node}: Replicas, bytes: number): Promise<Started> {
  let failure: unknown
  for (const [volumeId, volume] of await volumes.withRoomFor(bytes)) {
    try {
      return {volumeId, volume, ...(await volume.createPartial())}
    } catch (error) {
      failure ??= storageError(error, node, volume.path)
    }
  }
  throw failure
}

async function write(
  {node, reserveBytes}: Replicas,
  source: AsyncIterable<Uint8Array>,
  {volume, file}: Started,
  {blob, bytes, signal, isGivenAway = false}: PutOptions & {readonly signal: AbortSignal},
): Promise<Written> {
  const checkSpace = async (): Promise<void> => {
    if ((await volume.space()).freeBytes < reserveBytes) throw diskFull(node, volume.path)
  }
  try {
    const written = await writeBlob(source, file, {bytesMax: bytes ?? blobBytesMax, checkSpace, signal, isGivenAway})
    checkExpected(written, blob, bytes)
    await file.sync()
    return written
  } finally {
    await file.close()
  }
}

function checkExpected(written: Written, blob: BlobId | undefined, bytes: number | undefined): void {
  if (bytes !== undefined && written.bytes !== bytes) {
    throw new ClusterError('CORRUPT', `a blob of ${bytes} bytes came with ${written.bytes}`)
  }
  if (blob !== undefined && written.blob !== blob) {
    throw new ClusterError('CORRUPT', `the bytes sent as blob ${blob} have the hash ${written.blob}`)
  }
}

async function publish(
  replicas: Replicas,
  {volumeId, volume, path}: Started,
  written: Written,
  replicaCount: number,
): Promise<BlobReport> {
  // The same blob may have come by another upload.
  const known = await replicas.touchIfWhole(written.blob, replicaCount)
  if (known !== undefined) {
    await volume.removePartial(path)
    return known
  }
  await volume.publish(path, written.blob)
  try {
    const report = replicas.insert(volumeId, written, replicaCount)
    replicas.events.onWritten(volume.pathOf(written.blob))
    return report
  } catch (error) {
    await volume.remove(written.blob)
    throw error
  }
}

/** Reads what is not needed, so that a sender is not cut off; not more than there should be. */
async function drain(source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<number> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > bytesMax) break
  }
  return bytes
}
