/** `POST /api/v1/backup`: a list of files in one line of JSON, and their contents behind it. */
import {createReadStream, mkdirSync, rmSync} from 'node:fs'
import type {ServerResponse} from 'node:http'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {ClusterError} from '../../base/index.ts'
import type {Handler} from '../http/index.ts'
import type {Log} from '../run/log.ts'
import {type BackupSources, type CollectedFile, collectFiles} from './collect-files.ts'

/** Copying a large database takes minutes; both sides give up a connection on which nothing moves. Milliseconds. */
const signEveryMs = 10_000

/** @returns a handler, and what a killed backup left is gone */
export function backupHandler(sources: BackupSources, log: Log): Handler {
  const scratch = join(sources.agent?.folder ?? sources.master?.folder ?? sources.home, 'backup')
  rmSync(scratch, {recursive: true, force: true})
  let isBusy = false
  return async ({response, signal}) => {
    if (isBusy) {
      throw new ClusterError('OVERLOADED', 'this node makes a backup already', {retryable: true})
    }
    isBusy = true
    const startMs = performance.now()
    try {
      mkdirSync(scratch, {mode: 0o700})
      const files = await withSigns(response, () => collectFiles(sources, scratch))
      await pipeline(contentsOf(files), response, {signal})
      const bytes = files.reduce((sum, {file}) => sum + file.bytes, 0)
      log({level: 'info', msg: 'backup sent', bytes, ms: Math.round(performance.now() - startMs)})
    } finally {
      rmSync(scratch, {recursive: true, force: true})
      isBusy = false
    }
    return undefined
  }
}

/** JSON may begin with spaces: the first one sends the head, and from then on a failure can only break the connection. */
async function withSigns<Value>(response: ServerResponse, work: () => Promise<Value>): Promise<Value> {
  const timer = setInterval(() => {
    if (!response.headersSent) response.writeHead(200, {'content-type': 'application/octet-stream'})
    response.write(' ')
  }, signEveryMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

async function* contentsOf(files: readonly CollectedFile[]): AsyncGenerator<Buffer> {
  yield Buffer.from(`${JSON.stringify(files.map(({file}) => file))}\n`)
  for (const {content} of files) {
    if ('bytes' in content) yield content.bytes
    else yield* createReadStream(content.path) as AsyncIterable<Buffer>
  }
}
