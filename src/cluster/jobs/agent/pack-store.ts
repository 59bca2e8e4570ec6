/** Job packs on a node: fetched once, checked, unpacked, used by all runs of all jobs that have the same one. */
import {existsSync} from 'node:fs'
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {ClusterError, UserError} from '../../../base/index.ts'
import {type HttpClient, readBytes} from '../../../client/index.ts'
import type {JobPlan} from '../../../jobs/index.ts'
import {endpoints, isDiscoPack, type PackInfo} from '../../../protocol/index.ts'
import {type ExecutablePart, type RulePart, unpackDisco, unpackJob} from '../../../worker/index.ts'
import {letOthersRead} from './task-users.ts'

/** A job as it lies on this node. */
export interface UnpackedJob {
  /** The job file. */
  readonly file: string
  /** Where its `files` are. */
  readonly folder: string
  readonly plan: JobPlan
  /** Its address names a file of this node. null: a job of functions. */
  readonly rule: RulePart | null
  /** What runs the tasks of a pack of Disco; null: we do. */
  readonly executable: ExecutablePart | null
}

export interface PackStoreOptions {
  readonly folder: string
  readonly http: HttpClient
  readonly masterUrl: () => string
  readonly joinToken: string
  /** Other users of this machine run what is in packs. */
  readonly isShared?: boolean
}

/** Pause between two tries of fetching a pack, milliseconds: the master may be away. */
const retryMs = 1000
const triesMax = 30

/** What the pack says, beside its files. */
const contentsFile = 'pack.json'

type Contents = Awaited<ReturnType<typeof unpackJob>> & {readonly executable?: ExecutablePart}

/** Packs stay until all are forgotten: other jobs may have the same ones. */
export class PackStore {
  readonly #options: PackStoreOptions
  readonly #opened = new Map<string, Promise<UnpackedJob>>()

  constructor(options: PackStoreOptions) {
    this.#options = options
  }

  /** @throws UserError JOB_FILE_BROKEN; ClusterError UNAVAILABLE, CORRUPT */
  get(job: string, pack: PackInfo, signal: AbortSignal): Promise<UnpackedJob> {
    const known = this.#opened.get(pack.hash)
    if (known !== undefined) return known
    const opening = this.#open(job, pack, signal)
    this.#opened.set(pack.hash, opening)
    // The next run tries again.
    opening.catch(() => this.#opened.delete(pack.hash))
    return opening
  }

  /** Its files may be gone. */
  forget(hash: string): void {
    this.#opened.delete(hash)
  }

  forgetAll(): void {
    this.#opened.clear()
  }

  async #open(job: string, pack: PackInfo, signal: AbortSignal): Promise<UnpackedJob> {
    const folder = join(this.#options.folder, pack.hash)
    if (!existsSync(folder)) await this.#unpack(await this.#fetch(job, pack, signal), pack, folder)
    // Written by ourselves.
    const {
      plan,
      rule,
      jobFile,
      filesFolder,
      executable = null,
    } = JSON.parse(await readFile(join(folder, contentsFile), 'utf8')) as Contents
    const files = join(folder, 'files')
    return {
      file: join(files, jobFile),
      folder: join(files, filesFolder),
      plan,
      rule: rule && located(rule, files),
      executable,
    }
  }

  async #unpack(bytes: Buffer, {hash}: PackInfo, folder: string): Promise<void> {
    const draft = `${folder}.new`
    await rm(draft, {recursive: true, force: true})
    await mkdir(draft, {mode: 0o700})
    try {
      const unpack = isDiscoPack(bytes) ? unpackDisco : unpackJob
      const contents = await unpack(bytes, join(draft, 'files'), hash)
      await writeFile(join(draft, contentsFile), JSON.stringify(contents), {mode: 0o600})
      if (this.#options.isShared === true) letOthersRead(draft)
      await rename(draft, folder)
    } finally {
      await rm(draft, {recursive: true, force: true})
    }
  }

  async #fetch(job: string, pack: PackInfo, signal: AbortSignal): Promise<Buffer> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#fetchOnce(job, pack, signal)
      } catch (error) {
        signal.throwIfAborted()
        const mayWork = error instanceof ClusterError || (error instanceof UserError && error.code === 'CANNOT_REACH')
        if (!mayWork || tried >= triesMax) throw error
        await new Promise(resolve => setTimeout(resolve, retryMs))
      }
    }
  }

  async #fetchOnce(job: string, pack: PackInfo, signal: AbortSignal): Promise<Buffer> {
    const {http, masterUrl, joinToken} = this.#options
    const url = masterUrl() + endpoints.jobPack.path.replace(':job', encodeURIComponent(job))
    const response = await http.send({method: 'GET', url, headers: {authorization: `Bearer ${joinToken}`}, signal})
    const bytes = await readBytes(response, url)
    if (bytes.length !== pack.bytes) throw new ClusterError('CORRUPT', `the pack of ${job} did not arrive whole`)
    return bytes
  }
}

function located(rule: RulePart, files: string): RulePart {
  const {address} = rule.work
  if (address === null) return rule
  return {...rule, work: {...rule.work, address: {...address, file: join(files, address.file)}}}
}
