/**
 * Out-of-band values: small files beside the outputs of runs, found by their key. Of several tasks that put the same key the
 * first one counts: the lowest stage, then the lowest task.
 */
import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {UserError} from '../../../base/index.ts'
import {type HttpClient, readBytes} from '../../../client/index.ts'
import {endpoints, type OobInfo} from '../../../protocol/index.ts'
import type {RunFiles, RunRecord} from './run-files.ts'

export interface OobPorts {
  readonly files: RunFiles
  readonly http: HttpClient
  readonly joinToken: string
  /** Base URLs of the other nodes. */
  readonly others: readonly string[]
}

interface LocalOob extends OobInfo {
  readonly path: string
}

/** All of a job on this node, the first of each key. */
export function oobOf(files: RunFiles, job: string): LocalOob[] {
  const first = new Map<string, LocalOob>()
  for (const record of files.recordsOf(job)) {
    for (const one of oobIn(files, record)) {
      const known = first.get(one.key)
      if (known === undefined || isBefore(one, known)) first.set(one.key, one)
    }
  }
  return [...first.values()]
}

function oobIn(files: RunFiles, {job, run, task, stageIndex, oob}: RunRecord): LocalOob[] {
  return oob
    .map(({key, file, bytes}) => ({key, bytes, stageIndex, task, run, path: join(files.folderOf(job, run), file)}))
    .filter(({path}) => existsSync(path))
}

const isBefore = (left: OobInfo, right: OobInfo): boolean =>
  left.stageIndex !== right.stageIndex ? left.stageIndex < right.stageIndex : left.task < right.task

/**
 * @returns undefined when no node has it
 * @throws ClusterError when a node does not answer: it may have the one that counts
 */
export async function findOob(ports: OobPorts, job: string, key: string): Promise<Uint8Array | undefined> {
  const here = oobOf(ports.files, job).find(one => one.key === key)
  const elsewhere = await Promise.all(ports.others.map(url => oobAt(ports, url, job, key)))
  let best: Awaited<ReturnType<typeof oobAt>>
  for (const one of elsewhere) if (one !== undefined && (best === undefined || isBefore(one, best))) best = one
  if (here !== undefined && (best === undefined || !isBefore(best, here))) return await readFile(here.path)
  return best?.value
}

async function oobAt(
  {http, joinToken}: OobPorts,
  address: string,
  job: string,
  key: string,
): Promise<(OobInfo & {readonly value: Uint8Array}) | undefined> {
  const path = endpoints.readOob.path.replace(':job', encodeURIComponent(job)).replace(':key', encodeURIComponent(key))
  const authorization = `Bearer ${joinToken}`
  try {
    const url = address + path
    const response = await http.send({method: 'GET', url, headers: {authorization}})
    const value = await readBytes(response, url)
    return {...(JSON.parse(String(response.headers['x-disco-oob'])) as OobInfo), value}
  } catch (error) {
    if (error instanceof UserError && error.code === 'BLOB_NOT_FOUND') return undefined
    throw error
  }
}
