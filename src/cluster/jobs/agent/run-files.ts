/**
 * The folders of jobs on one node, and what must be known of runs after a restart.
 *
 *     <jobs>/<job>/<run>/          what a run made
 *     <jobs>/<job>/<run>.json      RunRecord
 *     <jobs>/<job>/job.json        the hash of its pack
 *     <jobs>/packs/<hash>/         an unpacked pack; of all jobs that have the same one
 *
 * A record says `running` before its run begins, so that what a crash leaves is known to be half; `done` when its outputs are
 * durable; `accepted` when the master counts it. Records are not synced themselves: one that is lost makes the run run again.
 */
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Output} from '../../../pipeline/index.ts'
import {isJobName, type RunCounters, type RunProgress} from '../../../protocol/index.ts'

export interface OobFile {
  readonly key: string
  /** In the run's folder. */
  readonly file: string
  readonly bytes: number
}

export interface RunRecord {
  readonly state: 'running' | 'done' | 'accepted'
  readonly job: string
  readonly task: number
  readonly run: number
  readonly stageIndex: number
  readonly isLastStage: boolean
  readonly outputs: readonly Output[]
  readonly progress: RunProgress
  /** Left out: none. */
  readonly counters?: RunCounters
  readonly oob: readonly OobFile[]
}

const recordPattern = /^(\d+)\.json$/

export class RunFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(join(folder, 'packs'), {recursive: true, mode: 0o700})
  }

  get packs(): string {
    return join(this.#folder, 'packs')
  }

  folderOf(job: string, run?: number): string {
    return run === undefined ? join(this.#folder, job) : join(this.#folder, job, String(run))
  }

  /** Jobs that have files here. */
  jobs(): string[] {
    return readdirSync(this.#folder).filter(isJobName)
  }

  begin(record: RunRecord): void {
    mkdirSync(this.folderOf(record.job, record.run), {recursive: true, mode: 0o700})
    this.write(record)
  }

  write(record: RunRecord): void {
    const path = `${this.folderOf(record.job, record.run)}.json`
    writeFileSync(`${path}.new`, JSON.stringify(record), {mode: 0o600})
    renameSync(`${path}.new`, path)
  }

  /** All of a job that were recorded, by number. */
  recordsOf(job: string): RunRecord[] {
    const folder = this.folderOf(job)
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .flatMap(file => {
        const match = recordPattern.exec(file)
        return match === null ? [] : [Number(match[1])]
      })
      .sort((left, right) => left - right)
      .flatMap(run => readRecord(`${this.folderOf(job, run)}.json`) ?? [])
  }

  /** What is left of processes that ended with the last agent is half; what was finished is given back. */
  recover(): RunRecord[] {
    const finished: RunRecord[] = []
    for (const job of this.jobs()) {
      for (const record of this.recordsOf(job)) {
        if (record.state === 'running') this.removeNow(job, record.run)
        else finished.push(record)
      }
    }
    this.#dropPacks()
    return finished
  }

  async remove(job: string, run: number): Promise<void> {
    const folder = this.folderOf(job, run)
    rmSync(`${folder}.json`, {force: true})
    await rm(folder, {recursive: true, force: true})
  }

  removeNow(job: string, run: number): void {
    const folder = this.folderOf(job, run)
    rmSync(`${folder}.json`, {force: true})
    rmSync(folder, {recursive: true, force: true})
  }

  /**
   * The job is over: of what was accepted only runs of the last stage, and what tasks put out of band, is wanted any more. A run
   * that is not accepted yet may be one of them: the master says so when it is reported.
   */
  async endJob(job: string, isPurged: boolean): Promise<void> {
    if (isPurged) {
      await rm(this.folderOf(job), {recursive: true, force: true})
      this.#dropPacks()
      return
    }
    for (const {run, state, isLastStage, oob, outputs} of this.recordsOf(job)) {
      if (state !== 'accepted' || isLastStage) continue
      if (oob.length === 0) await this.remove(job, run)
      else for (const path of filesOf(outputs)) await rm(join(this.folderOf(job), path), {force: true})
    }
  }

  /** The job works with this pack. */
  notePack(job: string, hash: string): void {
    mkdirSync(this.folderOf(job), {recursive: true, mode: 0o700})
    const path = join(this.folderOf(job), 'job.json')
    if (!existsSync(path)) writeFileSync(path, JSON.stringify({pack: hash}), {mode: 0o600})
  }

  #dropPacks(): void {
    const used = new Set(this.jobs().map(job => packOf(join(this.folderOf(job), 'job.json'))))
    for (const name of readdirSync(this.packs)) {
      // `<hash>.new` is one that is being unpacked.
      if (!used.has(name.split('.')[0])) rmSync(join(this.packs, name), {recursive: true, force: true})
    }
  }
}

const filesOf = (outputs: readonly Output[]): Set<string> =>
  new Set(outputs.flatMap(({place}) => (place.type === 'file' ? [place.path.replace(/@\d+$/, '')] : [])))

/** What a crash left half is not there. */
function readRecord(path: string): RunRecord | undefined {
  return readJson(path) as RunRecord | undefined
}

function packOf(path: string): string | undefined {
  return (readJson(path) as {readonly pack?: string} | undefined)?.pack
}

function readJson(path: string): unknown {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
