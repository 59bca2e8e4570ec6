/** Whether the footer of a chunk on this disk rules out that any record is used: then its records are not read. */
import {closeSync, openSync, readSync} from 'node:fs'
import {crc32} from 'node:zlib'
import {errorCodeOf} from '../../base/index.ts'
import {type Account, emptyAccount} from '../../engine/index.ts'
import {type ChunkFooter, footerBytesMax, statisticsOf} from '../../protocol/index.ts'
import {canBeUnused, type NoneUsed, type Params, type Plan, parseFacts, whyNoneUsed} from '../../rules/index.ts'
import type {TaskInput} from '../jobs/task/types.ts'
import {blobBlockBytes} from './limits.ts'
import type {LocalBlob, RuleStage} from './types.ts'

export interface UnusedChunk extends NoneUsed, Pick<ChunkFooter, 'recordCount' | 'rawBytes'> {}

/**
 * @param params - as they are after the rule's mapInitFunction
 * @returns what becomes of all of its records; undefined when they have to be read to know
 */
export function skippedBy(
  plan: Plan,
  params: Params,
  {input: {format = plan.format}, localBlobs}: Extract<RuleStage, {type: 'scan'}>,
  {replicas}: TaskInput,
): UnusedChunk | undefined {
  if (format.format !== 'json' || !canBeUnused(plan)) return undefined
  // Only from this disk: what comes over the network can be checked only as a whole.
  const local = replicas.flatMap(replica => localBlobs[replica] ?? [])[0]
  const footer = local === undefined ? undefined : footerOf(local)
  return footer === undefined ? undefined : unusedBy(footer, plan, params)
}

/** What a footer says about its chunk. */
export function unusedBy(
  {statistics, recordCount, rawBytes}: ChunkFooter,
  plan: Plan,
  params: Params,
): UnusedChunk | undefined {
  const facts = parseFacts(statistics?.facts)
  const unused = facts === undefined ? undefined : whyNoneUsed(plan, facts, params)
  return unused === undefined ? undefined : {...unused, recordCount, rawBytes}
}

/** What a scan counts of such a chunk. */
export function accountOfUnused({recordCount, rawBytes, reason, dropped}: UnusedChunk): Account {
  return {
    ...emptyAccount(),
    bytes: rawBytes,
    in: recordCount,
    filtered: recordCount,
    filteredByReason: {[reason]: recordCount},
    dropped: Object.fromEntries(dropped.map(label => [label, recordCount])),
  }
}

/** What cannot be read, or is not what was stored, is left to the scan, which has other copies. */
function footerOf(local: LocalBlob): ChunkFooter | undefined {
  try {
    const end = endOf(local)
    return end === undefined ? undefined : statisticsOf(end, local.bytes)
  } catch (error) {
    if (errorCodeOf(error) === '') throw error
    return undefined
  }
}

/** The last blocks, compared with their checksums. */
function endOf({path, bytes, checksums}: LocalBlob): Buffer | undefined {
  const expected = Buffer.from(checksums, 'base64')
  const from = Math.max(0, bytes - footerBytesMax)
  const start = from - (from % blobBlockBytes)
  const end = Buffer.allocUnsafe(bytes - start)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, end, 0, end.length, start) < end.length) return undefined
  } finally {
    closeSync(file)
  }
  for (let at = 0; at < end.length; at += blobBlockBytes) {
    const index = (start + at) / blobBlockBytes
    if (crc32(end.subarray(at, at + blobBlockBytes)) !== expected.readUInt32LE(4 * index)) return undefined
  }
  return end.subarray(from - start)
}
