/** Copies files of a job to nodes of DDFS. */
import {createReadStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {messageOf} from '../../../base/index.ts'
import {type HttpClient, readJson, responseOf} from '../../../client/index.ts'
import {
  type Failed,
  failed,
  type SaveTarget,
  type TaskReply,
  type TaskRequest,
  type UploadAnswer,
} from '../../../protocol/index.ts'

type SaveRequest = Extract<TaskRequest, {type: 'save-files'}>
type Saved = Extract<TaskReply, {type: 'files-saved'}>['blobs'][number]

/** Copies without which nothing is saved, where there are as many nodes. */
const leastCopies = 2

/** @param folder - of the job */
export async function saveFiles(
  http: HttpClient,
  folder: string,
  files: SaveRequest['files'],
): Promise<TaskReply | Failed> {
  const blobs: Saved[] = []
  for (const {path, targets} of files) {
    const saved = await saveFile(http, join(folder, path), targets)
    if ('type' in saved) return saved
    blobs.push(saved)
  }
  return {type: 'files-saved', blobs}
}

async function saveFile(http: HttpClient, path: string, targets: readonly SaveTarget[]): Promise<Saved | Failed> {
  const problems: string[] = []
  const answers: UploadAnswer[] = []
  for (const {node, url} of targets) {
    try {
      answers.push(await upload(http, path, url))
    } catch (error) {
      problems.push(`${node}: ${messageOf(error)}`)
    }
  }
  const [first] = answers
  if (first === undefined || answers.length < Math.min(leastCopies, targets.length)) {
    return failed('UNREACHABLE', `results could not be copied (${problems.join('; ') || 'no node takes them'})`)
  }
  return {blob: first.blob, bytes: first.bytes, nodes: answers.map(answer => answer.node)}
}

async function upload(http: HttpClient, path: string, url: string): Promise<UploadAnswer> {
  const {size} = await stat(path)
  const request = http.open({method: 'PUT', url, headers: {'content-length': size}})
  const response = responseOf(request, url)
  // A failure of the body is told by the answer, or by the connection.
  const [answer] = await Promise.all([response, pipeline(createReadStream(path), request).catch(() => undefined)])
  return await readJson<UploadAnswer>(answer, url)
}
