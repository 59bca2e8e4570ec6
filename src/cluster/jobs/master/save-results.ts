/** Puts the results of a job into DDFS and names them by a tag. Safe to repeat: blobs are named by what they hold. */
import {ClusterError} from '../../../base/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import {
  type BlobId,
  blobNameOf,
  commitEntryCountMax,
  type Failed,
  type NodeName,
  type SaveTarget,
  type TagChange,
  type TagEntry,
  type TaskReply,
  type TaskRequest,
} from '../../../protocol/index.ts'
import {filesPerSaveMax, saveMs} from '../limits.ts'
import {parseOutputPath} from '../output-path.ts'

export interface SavePorts {
  readonly epoch: () => number
  readonly send: (node: NodeName, request: TaskRequest, deadlineMs: number) => Promise<TaskReply | Failed>
  /** Where to put a blob of so many bytes. */
  readonly place: (bytes: number) => Promise<readonly SaveTarget[]>
  /** @param holders - where blobs that the change names were just put */
  readonly changeTag: (
    tag: string,
    change: TagChange,
    holders: Readonly<Record<BlobId, readonly NodeName[]>>,
  ) => Promise<void>
}

/** A file to be saved: outputs that are sections of one file are one blob. */
interface ResultFile {
  readonly node: NodeName
  readonly path: string
  bytes: number
  records: number
}

type Result = ResultFile | TagEntry

/** @throws ClusterError when a node or the tag cannot be reached; UserError when the tag does not take them */
export async function saveResults(
  job: string,
  tag: string,
  outputs: readonly Output[],
  ports: SavePorts,
): Promise<void> {
  const results = resultsOf(outputs)
  const files = results.filter(result => 'path' in result)
  const saved = new Map<ResultFile, {blob: BlobId; bytes: number; nodes: readonly NodeName[]}>()
  const byNode = Map.groupBy(files, file => file.node)
  await Promise.all(
    [...byNode].map(async ([node, ofNode]) => {
      for (let at = 0; at < ofNode.length; at += filesPerSaveMax) {
        const some = ofNode.slice(at, at + filesPerSaveMax)
        const blobs = await saveFiles(job, node, some, ports)
        some.forEach((file, index) => {
          saved.set(file, blobs[index]!)
        })
      }
    }),
  )
  const holders = Object.fromEntries([...saved.values()].map(({blob, nodes}) => [blob, nodes]))
  const entries = results.map((result, number): TagEntry => {
    if (!('path' in result)) return result
    const {blob, bytes} = saved.get(result)!
    return {type: 'blob', blob, name: blobNameOf(`${job}-${number}`), bytes, recordCount: result.records}
  })
  await nameAll(tag, entries, holders, ports)
}

function resultsOf(outputs: readonly Output[]): Result[] {
  const results: Result[] = []
  const files = new Map<string, ResultFile>()
  for (const [number, {place, bytes, records}] of outputs.entries()) {
    if (place.type === 'blob') {
      results.push({type: 'blob', blob: place.blob, name: blobNameOf(`result-${number}`), bytes})
    } else if (place.type === 'urls') results.push({type: 'url', urls: [...place.urls]})
    else {
      const {file} = parseOutputPath(place.path)
      const known = files.get(`${place.node} ${file}`)
      if (known !== undefined) {
        known.bytes += bytes
        known.records += records
        continue
      }
      const result = {node: place.node, path: file, bytes, records}
      files.set(`${place.node} ${file}`, result)
      results.push(result)
    }
  }
  return results
}

async function saveFiles(
  job: string,
  node: NodeName,
  files: readonly ResultFile[],
  {send, place, epoch}: SavePorts,
): Promise<Extract<TaskReply, {type: 'files-saved'}>['blobs']> {
  const placed = await Promise.all(
    files.map(async ({path, bytes}) => ({path, targets: await place(bytes + headBytes)})),
  )
  const reply = await send(node, {type: 'save-files', epoch: epoch(), job, files: placed}, saveMs)
  if (reply.type === 'files-saved' && reply.blobs.length === files.length) return reply.blobs
  const message = reply.type === 'failed' ? reply.message : `it answered ${reply.type}`
  throw new ClusterError('UNAVAILABLE', `${node} could not save results of ${job}: ${message}`)
}

/** A file is longer than its sections by a head and an index; an index entry takes some tens of bytes. */
const headBytes = 16 * 1024 * 1024

/** The first change replaces what an earlier try named. */
async function nameAll(
  tag: string,
  entries: readonly TagEntry[],
  holders: Readonly<Record<BlobId, readonly NodeName[]>>,
  {changeTag}: SavePorts,
): Promise<void> {
  await changeTag(tag, {type: 'replace', entries: entries.slice(0, commitEntryCountMax)}, holders)
  for (let at = commitEntryCountMax; at < entries.length; at += commitEntryCountMax) {
    const page = entries.slice(at, at + commitEntryCountMax)
    await changeTag(tag, {type: 'append', entries: page, unique: 'none'}, holders)
  }
}
