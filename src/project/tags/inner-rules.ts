/**
 * Rules among the sources: they run first, at the same time; their rows are a blob in the cluster and an input of the outer rule.
 *
 * Rows of an inner rule are kept by what they were made from: plan, parameters, blobs. Only when nothing else can have a say in
 * them: a rule with functions or with addresses runs every time.
 */
import {createHash, randomUUID} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {join} from 'node:path'
import {appendEntries, type ClusterClient, isTagMissing, readAllEntries, storeBlob} from '../../client/index.ts'
import type {BlobEntry} from '../../protocol/index.ts'
import {functionsOf, type Params, type Plan, planHash, type Rule} from '../../rules/index.ts'
import {type AttemptOptions, withAttempts} from './attempts.ts'
import type {RunInput} from './inputs-of.ts'
import {innerResultsKeptMax} from './limits.ts'
import {innerRowsTag} from './own-tags.ts'
import type {RowFile} from './row-files.ts'

/** SHA-256 of what decides the rows; undefined when something else may. */
export function innerRowsKey(rule: Rule, plan: Plan, params: Params, inputs: readonly RunInput[]): string | undefined {
  if (functionsOf(rule).size > 0 || inputs.some(input => !input.isImmutable)) return undefined
  // In order: `first` and `last` go by it.
  const parts = [planHash(plan), params, inputs.map(({identity}) => identity)]
  return createHash('sha256').update(JSON.stringify(parts, digits)).digest('hex')
}

const digits = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

/** @returns undefined when they are not kept */
export async function keptInnerRows(
  client: ClusterClient,
  rule: string,
  key: string,
  signal: AbortSignal,
): Promise<BlobEntry | undefined> {
  try {
    for await (const {entry} of readAllEntries(client, innerRowsTag(rule), {signal})) {
      if (entry.type === 'blob' && entry.name === key) return entry
    }
  } catch (error) {
    if (!isTagMissing(error)) throw error
  }
  return undefined
}

/**
 * Puts a file of rows into the cluster, under the name of its key; of a rule the last few are kept.
 *
 * @param key - undefined: it is found by nobody later
 */
export async function storeInnerRows(
  client: ClusterClient,
  rule: string,
  key: string | undefined,
  {path, bytes, blob}: RowFile,
  attempts: AttemptOptions,
): Promise<BlobEntry> {
  const {signal} = attempts
  const entry: BlobEntry = {type: 'blob', blob, name: key ?? `once-${randomUUID()}`, bytes, rawBytes: bytes}
  const tag = innerRowsTag(rule)
  await withAttempts(attempts, async () => {
    const source = {name: `rows of ${rule}`, bytes, blob, isReplayable: true, open: () => createReadStream(path)}
    const {nodes} = await storeBlob(client, source, {signal})
    await appendEntries(client, tag, [entry], {signal, holders: new Map([[blob, nodes]])})
  })
  await dropOldest(client, tag, signal)
  return entry
}

async function dropOldest(client: ClusterClient, tag: string, signal: AbortSignal): Promise<void> {
  const entries: BlobEntry[] = []
  for await (const {entry} of readAllEntries(client, tag, {signal})) if (entry.type === 'blob') entries.push(entry)
  const old = entries.slice(0, -innerResultsKeptMax)
  if (old.length > 0) await client.changeTag(tag, {change: {type: 'remove', entries: old}}, {signal})
}

export const innerRowsPath = (folder: string): string => join(folder, `inner-${randomUUID()}.ndjson`)
