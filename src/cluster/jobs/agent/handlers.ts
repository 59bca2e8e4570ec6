/** What a node serves of jobs over HTTP: files of tasks, out-of-band values, and what tasks of other nodes read. */
import {createReadStream} from 'node:fs'
import {type FileHandle, open} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {pipeline} from 'node:stream/promises'
import * as z from 'zod/mini'
import {errorCodeOf, UserError} from '../../../base/index.ts'
import {machineId} from '../../../client/index.ts'
import {
  checkTicket,
  type EndpointName,
  isJobName,
  isJobPath,
  localFileHeader,
  localFileText,
  machineHeader,
  type NodeName,
  type PartialsAnswer,
  type PartialsRequest,
  pageSizeMax,
} from '../../../protocol/index.ts'
import {parseRange} from '../../agent/ranges.ts'
import {type ApiCall, type Handler, readBody} from '../../http/index.ts'
import type {AgentJobs} from './agent-jobs.ts'
import {fileTarget} from './input-addresses.ts'
import {oobOf} from './oob.ts'

export type AgentJobEndpoint = Extract<
  EndpointName,
  'readJobFile' | 'fetchJobFile' | 'fetchBlob' | 'headFetch' | 'readOob' | 'listOob' | 'findPartials'
>

export interface AgentJobHandlerPorts {
  readonly node: NodeName
  readonly jobs: AgentJobs
  readonly readBlob: Handler
  readonly ticketKey: Uint8Array
  /** The cluster's clock. */
  readonly nowMs: () => number
}

/**
 * `fetch…` asks for a ticket instead of a token: tasks have none. A caller on this machine who asks for the file of a job gets
 * its path and no bytes.
 */
export function agentJobHandlers(ports: AgentJobHandlerPorts): Record<AgentJobEndpoint, Handler> {
  const {jobs} = ports
  const fetchBlob: Handler = async call => {
    checkFetch(call, call.parameters['blob'] ?? '', ports)
    return await ports.readBlob(call)
  }
  return {
    readJobFile: async call => {
      const {job, file} = fileOf(call)
      if (isOnThisMachine(call)) return await tellPlace(call, join(jobs.files.folderOf(job), file), file)
      return await sendFile(call, join(jobs.files.folderOf(job), file), file)
    },
    fetchJobFile: async call => {
      const {job, file} = fileOf(call)
      checkFetch(call, fileTarget(job, file), ports)
      return await sendFile(call, join(jobs.files.folderOf(job), file), file)
    },
    fetchBlob,
    headFetch: fetchBlob,
    findPartials: async ({request}) => {
      const {names} = await readBody(request, partialsBody)
      const body: PartialsAnswer = {kept: names.filter(name => jobs.keepsPartial(name))}
      return {body}
    },
    listOob: async call => {
      const values = oobOf(jobs.files, jobOf(call)).map(({path: _, ...info}) => info)
      return {body: {values}}
    },
    readOob: async call => {
      const key = call.parameters['key'] ?? ''
      const found = oobOf(jobs.files, jobOf(call)).find(one => one.key === key)
      if (found === undefined) throw new UserError('BLOB_NOT_FOUND', 'no task on this node put anything under that key')
      const {path, ...info} = found
      call.response.setHeader('x-disco-oob', JSON.stringify(info))
      return await sendFile(call, path, key)
    },
  }
}

const partialsBody: z.ZodMiniType<PartialsRequest> = z.object({
  names: z.array(z.string().check(z.regex(/^[0-9a-f]{64}$/))).check(z.maxLength(pageSizeMax)),
}) as z.ZodMiniType<PartialsRequest>

function jobOf({parameters}: ApiCall): string {
  const job = parameters['job'] ?? ''
  if (isJobName(job)) return job
  throw new UserError('BAD_NAME', 'that is not the name of a job')
}

function fileOf(call: ApiCall): {readonly job: string; readonly file: string} {
  const file = call.parameters['path'] ?? ''
  if (!isJobPath(file)) throw new UserError('BAD_NAME', 'that is not the path of a file of a job')
  return {job: jobOf(call), file}
}

function checkFetch(call: ApiCall, target: string, {node, ticketKey, nowMs}: AgentJobHandlerPorts): void {
  const check = checkTicket(call.parameters['ticket'] ?? '', {method: 'GET', node, target}, ticketKey, nowMs())
  if (check.type === 'valid') return
  throw new UserError('FORBIDDEN', check.type === 'expired' ? 'the URL has expired' : 'the URL is not valid here')
}

const isOnThisMachine = ({request}: ApiCall): boolean => {
  const asking = request.headers[machineHeader]
  return asking !== undefined && asking === machineId()
}

/** Where the file is, and no content: who asked may read it there. @throws UserError BLOB_NOT_FOUND */
async function tellPlace({response}: ApiCall, path: string, name: string): Promise<undefined> {
  const file = await openFile(path, name)
  try {
    const {dev, ino, size} = await file.stat({bigint: true})
    const place = {path: resolve(path), device: String(dev), inode: String(ino), bytes: Number(size)}
    response.writeHead(200, {[localFileHeader]: localFileText(place), 'content-length': 0}).end()
  } finally {
    await file.close()
  }
}

/** @throws UserError BLOB_NOT_FOUND when the file is not there */
async function sendFile(call: ApiCall, path: string, name: string): Promise<undefined> {
  const file = await openFile(path, name)
  try {
    const {size} = await file.stat()
    const {request, response} = call
    const headers = {'accept-ranges': 'bytes', 'content-type': 'application/octet-stream'}
    const range = parseRange(request.headers.range, size)
    if (range === 'unsatisfiable') {
      response.writeHead(416, {...headers, 'content-range': `bytes */${size}`, 'content-length': 0}).end()
      return
    }
    const {start, end} = range === 'whole' ? {start: 0, end: size} : range
    response.writeHead(range === 'whole' ? 200 : 206, {
      ...headers,
      'content-length': end - start,
      ...(range === 'whole' ? {} : {'content-range': `bytes ${start}-${end - 1}/${size}`}),
    })
    if (end === start) {
      response.end()
      return
    }
    await pipeline(createReadStream(path, {fd: file, autoClose: false, start, end: end - 1}), response)
  } catch (error) {
    // The reader went away, which is its right.
    if (!call.signal.aborted) throw error
  } finally {
    await file.close()
  }
}

async function openFile(path: string, name: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error
    throw new UserError('BLOB_NOT_FOUND', `there is no file ${name} of that job on this node`, {cause: error})
  }
}
