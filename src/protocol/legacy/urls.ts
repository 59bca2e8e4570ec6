/**
 * Disco's URLs, as our cluster writes them.
 *
 *     disco://HOST/ddfs/vol0.SHA256/blob/15/data:log-0$586-64640-1e240     a replica of a blob
 *     disco://HOST/ddfs/vol0/tag/73/data:log$586-64640-1e240               a replica of a tag
 *     dir://HOST/disco/HOST/33/JOB/.disco/map-3-17.results                 index of task 3 of stage map, made by run 17
 *     disco://HOST/disco/HOST/33/JOB/NODE/17/part@0+4096                   4096 bytes of a file of run 17 on NODE
 *     tag://NAME                                                           a tag
 *
 * The volume carries the blob's id, so that a URL says by itself which bytes it means: no master has to remember it.
 */
import type {BlobId, NodeName, TagName} from '../names.ts'
import {isBlobId, isNodeName, isTagName} from '../names.ts'
import {isJobName, isJobPath} from '../task-messages.ts'
import {hashFolder, type ObjectName, objectName, parseObjectName} from './names.ts'

export interface BlobAddress extends ObjectName {
  readonly blob: BlobId
}

/** @param replica - its number among the replicas */
export function blobUrl(host: string, replica: number, {blob, ...object}: BlobAddress): string {
  const text = objectName(object)
  return `disco://${host}/ddfs/vol${replica}.${blob}/blob/${hashFolder(text)}/${text}`
}

const blobPathPattern = /^\/ddfs\/vol\d{1,9}\.([0-9a-f]{64})\/blob\/([0-9a-f]{2})\/([^/]+)$/

/** A path of a node: `/ddfs/vol0.…/blob/15/…`. */
export function parseBlobPath(path: string): BlobAddress | undefined {
  const match = blobPathPattern.exec(path)
  const object = match === null ? undefined : parseObjectName(match[3]!)
  if (match === null || object === undefined || hashFolder(match[3]!) !== match[2]) return undefined
  const blob = match[1]!
  return isBlobId(blob) ? {...object, blob} : undefined
}

/** @returns undefined for a URL that names no blob of ours */
export function parseBlobUrl(url: string): BlobAddress | undefined {
  const match = /^(?:disco|http):\/\/[^/]+(\/ddfs\/.*)$/.exec(url)
  return match === null ? undefined : parseBlobPath(match[1]!)
}

/** @param stamp - of the tag's version */
export function tagUrl(host: string, replica: number, name: TagName, stamp: string): string {
  const text = objectName({name, stamp})
  return `disco://${host}/ddfs/vol${replica}/tag/${hashFolder(text)}/${text}`
}

/** @returns the name in `tag://NAME`; undefined for links that say more than the name */
export function parseTagLink(url: string): TagName | undefined {
  const name = url.startsWith('tag://') ? url.slice('tag://'.length) : ''
  return isTagName(name) ? name : undefined
}

export interface JobSection {
  readonly node: NodeName
  /** `RUN/FILE`, below the job's folder there. */
  readonly file: string
  readonly offset: number
  readonly bytes: number
}

const jobFolder = (host: string, job: string): string => `${host}/disco/${host}/${hashFolder(job)}/${job}`

export const jobSectionUrl = (host: string, job: string, {node, file, offset, bytes}: JobSection): string =>
  `disco://${jobFolder(host, job)}/${node}/${file}@${offset}+${bytes}`

export interface JobIndex {
  readonly stage: string
  readonly task: number
  /** Of the run that made what it lists. */
  readonly run: number
}

export const jobIndexUrl = (host: string, job: string, {stage, task, run}: JobIndex): string =>
  `dir://${jobFolder(host, job)}/.disco/${stage}-${task}-${run}.results`

export type JobPath =
  | ({readonly type: 'index'; readonly job: string} & JobIndex)
  | ({readonly type: 'section'; readonly job: string} & JobSection)

const jobPathPattern = /^\/disco\/[^/]+\/([0-9a-f]{2})\/([^/]+)\/(.+)$/
const indexPattern = /^\.disco\/(.+)-(\d{1,9})-(\d{1,15})\.results$/
const sectionPattern = /^([^/]+)\/(.+)@(\d{1,15})\+(\d{1,15})$/

/** A path of a node below `/disco/`; undefined: no file of a job is there. */
export function parseJobPath(path: string): JobPath | undefined {
  const match = jobPathPattern.exec(path)
  if (match === null) return undefined
  const [, folder, job = '', rest = ''] = match
  if (!isJobName(job) || hashFolder(job) !== folder) return undefined
  const index = indexPattern.exec(rest)
  if (index !== null) {
    return {type: 'index', job, stage: index[1]!, task: Number(index[2]), run: Number(index[3])}
  }
  const section = sectionPattern.exec(rest)
  if (section === null) return undefined
  const [, node = '', file = '', offset, bytes] = section
  if (!isNodeName(node) || !isJobPath(file)) return undefined
  return {type: 'section', job, node, file, offset: Number(offset), bytes: Number(bytes)}
}

/** @returns what a `dir://` or `disco://` URL of a job's file means */
export function parseJobUrl(url: string): JobPath | undefined {
  const match = /^(?:dir|disco|http):\/\/[^/]+(\/disco\/.*)$/.exec(url)
  return match === null ? undefined : parseJobPath(match[1]!)
}
