/** The blobs of a run over tags, looked at once more for what should be said of it. */
import {ClusterError, UserError} from '../base/index.ts'
import {type ClusterClient, readBlobText} from '../client/index.ts'
import {
  fieldsWithoutRow,
  type InputLook,
  presenceRule,
  type ScannedRule,
  scanOnCluster,
  type TagRun,
} from '../project/index.ts'
import {memoryBytesOf} from './flag-values.ts'
import type {ScanFlags} from './look-at-files.ts'

/** A rule that was run over tags. */
export interface ScannedTagRule extends ScannedRule {
  readonly inputs: TagRun['inputs']
  /** No input is missing. */
  readonly isWhole: boolean
}

const blobScheme = 'blob://'

/**
 * Looks at the first blob, and asks all nodes only for what that one lacks; what they find is kept, as of every rule.
 *
 * The rows are where they belong by now: what cannot be found out is not worth an error.
 */
export function lookAtTags(cluster: ClusterClient, flags: ScanFlags, signal: AbortSignal): InputLook<ScannedTagRule> {
  return {
    first: async ({inputs, isWhole}) => {
      const blob = ownOf(inputs).find(({addresses: [address = '']}) => address.startsWith(blobScheme))
      if (blob === undefined || !isWhole) return undefined
      const id = blob.addresses[0]!.slice(blobScheme.length)
      // Read to its end, or not at all: what fails later than here would be an error.
      const chunks = await orNothing(() => beginningOf(readBlobText(cluster, id, {signal})))
      if (chunks === undefined) return undefined
      return {
        name: blob.name,
        path: undefined,
        bytes: blob.bytes,
        compression: 'none',
        async *open() {
          yield* chunks
        },
      }
    },
    inNone: async ({plan, inputs, isWhole}, fields) => {
      if (!isWhole) return []
      const found = await orNothing(async () => {
        const scanned = await scanOnCluster({
          ...presenceRule(fields, plan.format),
          address: null,
          params: {},
          inputs: ownOf(inputs),
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
      return found ?? []
    },
  }
}

/** Without rows of the rules among the sources. */
const ownOf = (inputs: TagRun['inputs']): TagRun['inputs'] => inputs.filter(({format}) => format === undefined)

/** Enough for a header, and for the first records. */
const beginningBytes = 1 << 20

async function beginningOf(text: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of text) {
    chunks.push(chunk.slice())
    bytes += chunk.byteLength
    if (bytes >= beginningBytes) break
  }
  return chunks
}

async function orNothing<Result>(look: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof UserError || error instanceof ClusterError) return undefined
    throw error
  }
}
