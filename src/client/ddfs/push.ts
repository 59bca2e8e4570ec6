/**
 * `ddfs push`: whole files as blobs under a tag.
 *
 * What the cluster has is not sent again: so a push that was interrupted goes on, and one that succeeded adds nothing. For
 * that a file is hashed before it is sent, unless no blob in the cluster is as long as it.
 */
import {createHash} from 'node:crypto'
import {ClusterError, UserError} from '../../base/index.ts'
import {type BlobEntry, type BlobId, blobNameOf, type NodeName} from '../../protocol/index.ts'
import type {ClusterClient} from '../cluster/cluster-client.ts'
import {type AppendOptions, appendEntries} from './append.ts'
import {openFile, readPieces} from './files.ts'
import {forEachLimited} from './for-each-limited.ts'
import {hashFile} from './hash-file.ts'
import {type Input, readInput} from './inputs.ts'
import {storeBlob} from './store-blob.ts'
import {type UploadOptions, uploadBlob} from './upload.ts'

/** Files at a time: while one waits for the disk, others are hashed and sent. */
const parallelCount = 6

/** A smaller file is hashed in less time than a question to the master takes. Bytes. */
const askedBytesMin = 4 << 20

export interface PushOptions extends UploadOptions, Pick<AppendOptions, 'unique' | 'tagToken'> {
  /** Called when a file is safe on the nodes. */
  readonly onFile?: ((pushed: PushedFile) => void) | undefined
}

export interface PushedFile {
  readonly input: string
  readonly entry: BlobEntry
  /** The cluster had it: nothing was sent. */
  readonly wasKnown: boolean
  /** Those that have just stored it; empty when nothing was sent. */
  readonly nodes: readonly NodeName[]
}

export interface Pushed {
  readonly tag: string
  readonly files: readonly PushedFile[]
  /** Entries that the tag did not have. */
  readonly addedCount: number
  readonly entryCount: number
}

/**
 * @param inputs - in the order in which they shall stand in the tag
 * @throws ClusterError when too few copies became durable; the tag is unchanged then, and a second try sends only the rest
 */
export async function pushInputs(
  client: ClusterClient,
  tag: string,
  inputs: readonly Input[],
  options: PushOptions = {},
): Promise<Pushed> {
  const files: PushedFile[] = []
  const onWarning = eachOnce(options.onWarning)
  const refused = inputs.find(input => input.type === 'tag')
  if (refused !== undefined) {
    throw new UserError('BAD_FLAG', `${refused.text} is a tag: push stores files`, {
      hint: 'to copy a tag there is: ddfs cp; to name it in another one: ddfs tag',
      exitCode: 2,
    })
  }
  await forEachLimited(
    () => inputs,
    parallelCount,
    options.signal,
    async (input, index, signal) => {
      const file =
        input.type === 'file'
          ? await pushFile(client, input, {...options, onWarning, signal})
          : await pushStream(client, input, {...options, onWarning, signal})
      files[index] = file
      options.onFile?.(file)
    },
  )
  const {answer, addedCount} = await appendEntries(
    client,
    tag,
    files.map(file => file.entry),
    {...options, holders: new Map(files.map(file => [file.entry.blob, file.nodes]))},
  )
  return {tag, files, addedCount, entryCount: answer.tag.entryCount}
}

async function pushFile(client: ClusterClient, input: Input, options: PushOptions): Promise<PushedFile> {
  const length = await lengthOfNew(client, input, options.signal)
  if (length !== undefined) return pushNewFile(client, input, length, options)
  const {blob, bytes} = await hashFile(input, options.signal)
  const entry: BlobEntry = {type: 'blob', blob, name: blobNameOf(input.name), bytes}
  const open = (): AsyncIterable<Buffer> => readPieces(input, options.signal)
  const source = {name: input.text, bytes, blob, isReplayable: true, isGivenAway: true, open}
  return {input: input.text, entry, ...(await storeBlob(client, source, options))}
}

/** A file whose length no blob in the cluster has: hashing it first could only cost time. @returns its length now */
async function lengthOfNew(client: ClusterClient, input: Input, signal?: AbortSignal): Promise<number | undefined> {
  if ((input.bytes ?? 0) < askedBytesMin) return undefined
  const bytes = await bytesNow(input)
  const known = await client.knownSizes([bytes], {signal})
  return known === undefined || known.includes(bytes) ? undefined : bytes
}

/** It may have grown since it was listed. */
async function bytesNow({text}: Input): Promise<number> {
  await using file = await openFile({text})
  return await file.bytes()
}

/** Sends a file and hashes it on the way; the nodes must come to the same hash. */
async function pushNewFile(
  client: ClusterClient,
  input: Input,
  length: number,
  options: PushOptions,
): Promise<PushedFile> {
  let sent: BlobId | undefined
  const open = async function* (): AsyncGenerator<Buffer> {
    const hash = createHash('sha256')
    for await (const piece of readPieces({text: input.text, bytes: length}, options.signal)) {
      hash.update(piece)
      yield piece
    }
    sent = hash.digest('hex')
  }
  const source = {name: input.text, bytes: length, isReplayable: true, isGivenAway: true, open}
  const {blob, bytes, nodes} = await uploadBlob(client, source, options)
  if (blob !== sent) throw new ClusterError('CORRUPT', `${input.text} arrived differently on ${nodes.join(', ')}`)
  return {input: input.text, entry: {type: 'blob', blob, name: blobNameOf(input.name), bytes}, wasKnown: false, nodes}
}

async function pushStream(client: ClusterClient, input: Input, options: PushOptions): Promise<PushedFile> {
  const open = (): AsyncIterable<Buffer> => readInput(input, client, options.signal)
  const source = {name: input.text, bytes: undefined, isReplayable: input.type === 'url', open}
  const {blob, bytes, nodes} = await uploadBlob(client, source, options)
  return {input: input.text, entry: {type: 'blob', blob, name: blobNameOf(input.name), bytes}, wasKnown: false, nodes}
}

/** Many files have the same complaint: too few nodes. It is told once. */
export function eachOnce(tell: ((message: string) => void) | undefined): ((message: string) => void) | undefined {
  if (tell === undefined) return undefined
  const told = new Set<string>()
  return message => {
    if (told.has(message)) return
    told.add(message)
    tell(message)
  }
}
