/** Rows that stay in the cluster: under a result tag for rules that read them, under their job for `inferno results`. */
import {basename} from 'node:path'
import {UserError} from '../../base/index.ts'
import {
  appendEntries,
  type Chunked,
  type ClusterClient,
  chunkInputs,
  isTagMissing,
  parseInput,
  readAllEntries,
  readBlobText,
} from '../../client/index.ts'
import type {TagEntry} from '../../protocol/index.ts'
import {type AttemptOptions, withAttempts} from './attempts.ts'
import {keptRowsTag, stagingTag} from './own-tags.ts'
import {replaceRows} from './replace-rows.ts'
import {clearStaging} from './staging.ts'

export interface KeptRows {
  readonly rule: string
  readonly job: string
  readonly planHash: string
  readonly batch: string
  readonly scope: string
}

/** Attributes of the tag that keeps the rows of a job. */
const attributeNames = ['rule', 'job', 'planHash', 'batch', 'scope'] as const satisfies readonly (keyof KeptRows)[]

export interface KeepRequest {
  readonly client: ClusterClient
  /** JSON lines; its name is that of the blobs, so the rows of a batch come once. */
  readonly path: string
  readonly about: KeptRows
  /** Where rules find them; null: under the job only. */
  readonly tag: string | null
  /** Under the job as well, for `inferno results`. */
  readonly keepsJob: boolean
  /** Entries under the tag whose names begin so are of an earlier run and go, `keeperOf`; undefined: all stay. */
  readonly keeper: string | undefined
  readonly nowMs: number
  readonly attempts: AttemptOptions
}

/**
 * Stores a file of rows in chunks. The same file of the same batch again adds nothing; equal rows of another batch are other
 * blobs, because who reads them adds both.
 */
export async function keepRows(request: KeepRequest): Promise<void> {
  const {client, path, about, tag, keepsJob, keeper, attempts} = request
  const {signal} = attempts
  const store = (name: string): Promise<Chunked> =>
    withAttempts(attempts, () =>
      chunkInputs(client, name, [parseInput(path, basename(path))], {signal, codec: 'zstd', source: about.batch}),
    )
  const replace = (name: string, entries: readonly TagEntry[], by: string): Promise<void> =>
    withAttempts(attempts, () => replaceRows(client, name, entries, by, signal))
  if (tag !== null && !keepsJob) {
    if (keeper === undefined) {
      await store(tag)
      return
    }
    // Not under the tag before the old ones go: somebody could read both.
    const staging = stagingTag(about.rule)
    await replace(tag, entriesOf(await store(staging)), keeper)
    await clearStaging(client, about.rule, request.nowMs, attempts)
    return
  }
  const own = keptRowsTag(about.job)
  const stored = await store(own)
  await withAttempts(attempts, () =>
    client.changeTag(own, {change: {type: 'set-attributes', set: {...about}, unset: []}}, {signal}),
  )
  if (tag === null) return
  const entries = entriesOf(stored)
  if (keeper === undefined) await withAttempts(attempts, () => appendEntries(client, tag, entries, {signal}))
  else await replace(tag, entries, keeper)
}

const entriesOf = ({chunks}: Chunked): TagEntry[] => chunks.map(({entry}) => entry)

/**
 * What is known of the kept rows of a job.
 *
 * @throws UserError JOB_NOT_FOUND when none are kept, WRONG_STATE when they are not complete
 */
export async function keptRowsOf(client: ClusterClient, job: string): Promise<KeptRows> {
  try {
    const {attributes} = await client.readTag(keptRowsTag(job))
    if (attributeNames.some(name => attributes[name] === undefined)) {
      throw new UserError('WRONG_STATE', `the rows of ${job} are not complete: the run ended before all were stored`, {
        hint: 'run the rule again',
      })
    }
    return Object.fromEntries(attributeNames.map(name => [name, attributes[name]])) as unknown as KeptRows
  } catch (error) {
    if (!isTagMissing(error)) throw error
    throw new UserError('JOB_NOT_FOUND', `no rows of ${job} are kept`, {
      cause: error,
      hint: 'rows are kept of a rule that says save: true or resultTag, or with --result-tag',
      exitCode: 2,
    })
  }
}

/** The kept lines of a job, in their order. */
export async function* keptLines(client: ClusterClient, job: string, signal: AbortSignal): AsyncGenerator<string> {
  for await (const {entry} of readAllEntries(client, keptRowsTag(job), {signal})) {
    if (entry.type !== 'blob') continue
    let rest = ''
    const decoder = new TextDecoder()
    for await (const piece of readBlobText(client, entry.blob, {signal})) {
      const lines = (rest + decoder.decode(piece, {stream: true})).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') yield rest
  }
}
