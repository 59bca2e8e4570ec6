/**
 * `ddfs push`: whole files as blobs under a tag.
 *
 * A file is hashed first. What the cluster has is not sent again: so a push that was interrupted goes on, and one that
 * succeeded adds nothing.
 */
import {UserError} from '../../base/index.ts'
import {type BlobEntry, blobNameOf, type NodeName} from '../../protocol/index.ts'
import type {ClusterClient} from '../cluster/cluster-client.ts'
import {type AppendOptions, appendEntries} from './append.ts'
import {readPieces} from './files.ts'
import {forEachLimited} from './for-each-limited.ts'
import {hashFile} from './hash-file.ts'
import {type Input, readInput} from './inputs.ts'
import {storeBlob} from './store-blob.ts'
import {type UploadOptions, uploadBlob} from './upload.ts'

/** Files at a time: while one waits for the disk, others are hashed and sent. */
const parallelCount = 6

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
  const {blob, bytes} = await hashFile(input, options.signal)
  const entry: BlobEntry = {type: 'blob', blob, name: blobNameOf(input.name), bytes}
  const open = (): AsyncIterable<Buffer> => readPieces(input, options.signal)
  const source = {name: input.text, bytes, blob, isReplayable: true, isGivenAway: true, open}
  return {input: input.text, entry, ...(await storeBlob(client, source, options))}
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
