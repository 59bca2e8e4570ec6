/** What a run over tags says of fields that no record has. */
import {ClusterError, UserError} from '../base/index.ts'
import {type ClusterClient, readBlobText} from '../client/index.ts'
import type {Account} from '../engine/index.ts'
import {fieldsWithoutRow, presenceRule, readFirst, scanOnCluster, type TagRun} from '../project/index.ts'
import {memoryBytesOf} from './flag-values.ts'
import {isWorthALook, missingText, type ScanFlags} from './missing-fields-text.ts'

const blobScheme = 'blob://'

/**
 * Looks at the first blob, and asks all nodes only for what that one lacks; what they find is kept, as of every rule.
 *
 * The rows are where they belong by now: what cannot be found out is not worth an error.
 *
 * @returns nothing where an input is missing, or was made by another rule
 */
export async function missingInTagsText(
  {plan, inputs, scan: {missing}}: TagRun,
  account: Account,
  cluster: ClusterClient,
  flags: ScanFlags,
  signal: AbortSignal,
): Promise<string> {
  const blob = inputs.find(({format, addresses: [first = '']}) => format === undefined && first.startsWith(blobScheme))
  const isAll = missing.length === 0 && inputs.every(({format}) => format === undefined)
  if (blob === undefined || !isAll || !isWorthALook(plan, account)) return ''
  try {
    return await lookedUp(blob, {plan, inputs}, account, cluster, flags, signal)
  } catch (error) {
    if (error instanceof UserError || error instanceof ClusterError) return ''
    throw error
  }
}

async function lookedUp(
  blob: TagRun['inputs'][number],
  {plan, inputs}: Pick<TagRun, 'plan' | 'inputs'>,
  account: Account,
  cluster: ClusterClient,
  flags: ScanFlags,
  signal: AbortSignal,
): Promise<string> {
  const id = blob.addresses[0]!.slice(blobScheme.length)
  const open = () => readBlobText(cluster, id, {signal})
  const file = {name: blob.name, path: undefined, bytes: blob.bytes, compression: 'none' as const, open}
  const first = await readFirst(file, plan.format)
  if (first === undefined) return ''
  return await missingText(plan, account, first, async fields => {
    const scanned = await scanOnCluster({
      ...presenceRule(fields, plan.format),
      address: null,
      params: {},
      inputs,
      engine: 'auto',
      memoryBytes: memoryBytesOf(flags.memory),
      maxBad: undefined,
      keepsBad: false,
      usesCache: true,
      allowsMissing: false,
      cluster,
      onProgress: () => undefined,
      signal,
    })
    try {
      return fieldsWithoutRow(fields, scanned.rows())
    } finally {
      await scanned.close()
    }
  })
}
