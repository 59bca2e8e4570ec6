/**
 * The folders of jobs on one node, and what must be known of runs after a restart.
 *
 *     <jobs>/<job>/<run>/          what a run made; when that is nothing, none as a rule
 *     <jobs>/<job>/runs.ndjson     RunRecords, each time that one changes; the last one of a run counts
 *     <jobs>/<job>/job.json        the hash of its pack
 *     <jobs>/packs/<hash>/         an unpacked pack; of all jobs that have the same one
 *
 * A record says `done` when the outputs of its run are written (durable where they cannot be made again: see worker/jobs);
 * `accepted` when the master counts it. A run without a record did not end: its folder is removed at the next start. Records
 * are not synced themselves: one that is lost, or half, makes the run run again. A file for all of a job's runs, because a
 * file a record was most of what a tiny task cost.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
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
  readonly state: 'done' | 'accepted'
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

/** A run whose files were removed on purpose. */
interface RemovedRecord {
  readonly state: 'removed'
  readonly run: number
}

const recordsFile = 'runs.ndjson'
const runFolderPattern = /^\d+$/

/** Of one node, whose process alone writes there. Begin with `recover`. */
export class RunFiles {
  readonly #folder: string
  readonly #folderMode: number
  /** Jobs whose pack is noted. */
  readonly #noted = new Set<string>()

  /** @param folderMode - of the folders of jobs */
  constructor(folder: string, folderMode = 0o700) {
    this.#folder = folder
    this.#folderMode = folderMode
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

  /** One write for all of a job. */
  write(records: readonly RunRecord[]): void {
    for (const [job, some] of Map.groupBy(records, record => record.job)) this.#append(job, ...some)
  }

  /** All of a job that were recorded, by number. */
  recordsOf(job: string): RunRecord[] {
    return [...this.#readRecords(job).records.values()].sort((left, right) => left.run - right.run)
  }

  /** What is left of processes that ended with the last agent is half; what was finished is given back. */
  recover(): RunRecord[] {
    const finished: RunRecord[] = []
    for (const job of this.jobs()) {
      const {records, lineCount} = this.#readRecords(job)
      const kept = [...records.values()]
      const runs = new Set(kept.map(({run}) => String(run)))
      for (const name of readdirSync(this.folderOf(job))) {
        if (runFolderPattern.test(name) && !runs.has(name)) {
          rmSync(join(this.folderOf(job), name), {recursive: true, force: true})
        }
      }
      // Behind a line that is half the next one would be lost, too.
      if (kept.length !== lineCount) this.#rewrite(job, kept)
      for (const record of kept) finished.push(record)
    }
    this.#dropPacks()
    return finished
  }

  async remove(job: string, run: number): Promise<void> {
    if (!existsSync(this.folderOf(job))) return
    this.#append(job, {state: 'removed', run})
    await rm(this.folderOf(job, run), {recursive: true, force: true})
  }

  /**
   * The job is over: of what was accepted only runs of the last stage, and what tasks put out of band, is wanted any more. A run
   * that is not accepted yet may be one of them: the master says so when it is reported.
   */
  async endJob(job: string, isPurged: boolean): Promise<void> {
    if (isPurged) {
      this.#noted.delete(job)
      await rm(this.folderOf(job), {recursive: true, force: true})
      this.#dropPacks()
      return
    }
    const accepted = this.recordsOf(job).filter(({state}) => state === 'accepted')
    const removed = accepted.filter(({oob, isLastStage}) => !isLastStage && oob.length === 0)
    if (removed.length > 0) this.#append(job, ...removed.map(({run}) => ({state: 'removed', run}) as const))
    for (const {run, isLastStage, outputs, oob} of accepted) {
      const isEmpty = outputs.length === 0 && oob.length === 0
      // Most that made nothing have no folder: looked for at once, as there may be many thousands.
      if (isEmpty && !existsSync(this.folderOf(job, run))) continue
      if (isEmpty || (!isLastStage && oob.length === 0)) {
        await rm(this.folderOf(job, run), {recursive: true, force: true})
      } else if (!isLastStage) {
        for (const path of filesOf(outputs)) await rm(join(this.folderOf(job), path), {force: true})
      }
    }
  }

  /** The job works with this pack. */
  notePack(job: string, hash: string): void {
    if (this.#noted.has(job)) return
    this.#noted.add(job)
    mkdirSync(this.folderOf(job), {recursive: true, mode: this.#folderMode})
    const path = join(this.folderOf(job), 'job.json')
    if (!existsSync(path)) writeFileSync(path, JSON.stringify({pack: hash}), {mode: 0o600})
  }

  #append(job: string, ...records: readonly (RunRecord | RemovedRecord)[]): void {
    const lines = records.map(record => `${JSON.stringify(record)}\n`).join('')
    appendFileSync(join(this.folderOf(job), recordsFile), lines, {mode: 0o600})
  }

  #rewrite(job: string, records: readonly RunRecord[]): void {
    const path = join(this.folderOf(job), recordsFile)
    writeFileSync(`${path}.new`, records.map(record => `${JSON.stringify(record)}\n`).join(''), {mode: 0o600})
    renameSync(`${path}.new`, path)
  }

  #readRecords(job: string): {readonly records: Map<number, RunRecord>; readonly lineCount: number} {
    const path = join(this.folderOf(job), recordsFile)
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
    if (lines.at(-1) === '') lines.pop()
    const records = new Map<number, RunRecord>()
    for (const line of lines) {
      const record = parsed(line) as RunRecord | RemovedRecord | undefined
      if (record?.state === 'removed') records.delete(record.run)
      else if (record !== undefined) records.set(record.run, record)
    }
    return {records, lineCount: lines.length}
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

function packOf(path: string): string | undefined {
  return (readJson(path) as {readonly pack?: string} | undefined)?.pack
}

function readJson(path: string): unknown {
  return existsSync(path) ? parsed(readFileSync(path, 'utf8')) : undefined
}

/** What a crash left half is not there. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
